// SPDX-License-Identifier: GPL-3.0-or-later
// Parts and finished orders from files as shops have them: one row a part, one row an order. Columns, numbers and dates
// of orders are read as the console reads them; without order numbers the lines are.
import { readFileSync } from 'node:fs';
import { orderTargets, partTargets, recognise } from '../../nginx/html/console/columns.js';
import { decimalOf, readNumber } from '../../nginx/html/console/numbers.js';
import { orderSettings, workOrders } from '../../nginx/html/console/orders.js';
import { parseRecords } from './csv.mjs';
import { numbersOfPlan, planOf } from './plan.mjs';

// UTF-8, else Windows-1252
function read(file) {
    const bytes = readFileSync(file);
    try {
        return parseRecords(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
        return parseRecords(new TextDecoder('windows-1252').decode(bytes));
    }
}

// part_number and material_ref by any name that the console knows, what plan.mjs reads by its own
export function readParts(file) {
    const { header, records, separator } = read(file);
    const columns = Object.fromEntries(header.map((name, i) => [name.toLowerCase(), i]));
    const known = recognise(header, partTargets.filter(({ name }) => ['part_number', 'material_ref'].includes(name)));
    if (known.part_number === undefined) throw new Error(`${file} has no column part_number`);
    const numbers = numbersOfPlan.filter((name) => columns[name] !== undefined);
    const decimal = decimalOf(records.flatMap(({ fields }) => numbers.map((name) => fields[columns[name]] ?? '')), separator);
    return records.map(({ line, fields }) => {
        const row = Object.fromEntries(Object.entries({ ...columns, ...known }).map(([name, i]) => [name, fields[i] ?? '']));
        for (const name of numbers) {
            if (row[name] === '') continue;
            const value = readNumber(row[name], decimal);
            if (Number.isNaN(value)) throw new Error(`${file}, line ${line}: ${name} "${row[name]}" is no number`);
            row[name] = value;
        }
        return { part_number: row.part_number, process_plan: planOf(row) };
    });
}

// {orders, rejected: [{line, reason}]}
export async function readOrders(file) {
    const parsed = read(file);
    const columns = recognise(parsed.header, orderTargets);
    if (columns.work_order_id === undefined) {
        columns.work_order_id = parsed.header.length;
        for (const { line, fields } of parsed.records) fields[columns.work_order_id] = `line-${line}`;
    }
    const habit = Object.fromEntries(orderSettings.map(({ name, guess }) => [name, guess(parsed, columns)]));
    return workOrders(parsed, columns, habit);
}
