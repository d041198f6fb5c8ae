// SPDX-License-Identifier: GPL-3.0-or-later
// Records of a file to work orders as the service takes them, and the rows that are none, each with its reason.
import { cells, decimalSetting, orderOf, readDate, readNumber } from './numbers.js';
import { inSlices } from './slices.js';

const longest = 200; // characters of a name

// how this file writes numbers and dates
export const orderSettings = [
    decimalSetting('total_cost', 'unit_cost', 'quantity'),
    {
        name: 'order',
        label: 'Dates are written',
        choices: [
            ['dmy', 'day first (31.12.2025)'],
            ['mdy', 'month first (12/31/2025)'],
        ],
        guess: (parsed, columns) => orderOf(cells(parsed, columns, 'occurred_on')),
    },
];

function readRow(fields, columns, habit) {
    const text = (name) => (columns[name] === undefined ? '' : (fields[columns[name]] ?? ''));
    const flaws = [];
    const named = (name, what) => {
        const value = text(name);
        if (!value) flaws.push(`no ${what}`);
        else if (value.length > longest) flaws.push(`${what} is longer than ${longest} characters`);
        return value;
    };
    const positive = (name, what) => {
        const value = readNumber(text(name), habit.decimal);
        if (!text(name)) flaws.push(`no ${what}`);
        else if (!(value > 0)) flaws.push(`${what} “${text(name)}” is no number above 0`);
        return value;
    };
    const order = {
        part_number: named('part_number', 'part number'),
        work_order_id: named('work_order_id', 'work order number'),
        quantity: positive('quantity', 'quantity'),
    };
    order.total_cost =
        columns.total_cost !== undefined
            ? positive('total_cost', 'total cost')
            : Number((positive('unit_cost', 'cost of one piece') * order.quantity).toPrecision(12));
    if (text('supplier')) order.bin = text('supplier').slice(0, longest);
    if (text('occurred_on')) {
        order.occurred_on = readDate(text('occurred_on'), habit.order);
        if (!order.occurred_on) flaws.push(`date “${text('occurred_on')}” is not understood`);
    }
    const annual = Math.round(readNumber(text('annual_forecast'), habit.decimal));
    if (annual >= 1) order.annual_forecast = annual;
    return { order, flaws };
}

// {orders, lines, rejected: [{line, reason, text}]}; the same order number twice cannot be sent in one go
export async function workOrders({ records }, columns, habit, onProgress) {
    const orders = [];
    const lines = [];
    const rejected = [];
    const first = new Map();
    await inSlices(
        records.length,
        (i) => {
            const { line, fields } = records[i];
            const { order, flaws } = readRow(fields, columns, habit);
            const before = first.get(order.work_order_id);
            if (!flaws.length && before !== undefined)
                flaws.push(`work order ${order.work_order_id} stands in line ${before} already`);
            if (flaws.length) {
                rejected.push({ line, reason: flaws.join('; '), text: fields.join(' | ').slice(0, 160) });
                return;
            }
            first.set(order.work_order_id, line);
            orders.push(order);
            lines.push(line);
        },
        onProgress,
    );
    return { orders, lines, rejected };
}
