// SPDX-License-Identifier: GPL-3.0-or-later
// From a CSV of work orders to a calibration: choose, map columns, look at what is read, try, send.
import { post } from './api.js';
import { recognise, targets } from './columns.js';
import { parse, readText } from './csv.js';
import { field, h, newId, replace, select, table } from './dom.js';
import { count, fixed, plural } from './format.js';
import { habits, workOrders } from './orders.js';
import { predict, revisions, sample } from './predicted.js';
import { learned } from './learned.js';
import { comparison } from './comparison.js';
import { saveCsv } from './save.js';
import { action, alarm, note, say } from './view.js';

const most = 20000; // rows of one call
const shown = 8;
const showRejected = 20;

function progress(box) {
    const id = newId('progress');
    const bar = h('progress', { max: 1, value: 0, id });
    const label = h('label', { for: id });
    replace(box, h('p', { class: 'progress' }, label, bar));
    return (text, share) => {
        label.textContent = text;
        if (share === undefined) bar.removeAttribute('value');
        else bar.value = share;
    };
}

const preview = ({ orders, lines }, currency) =>
    table(
        `First ${Math.min(shown, orders.length)} work orders as they will be sent`,
        [
            { name: 'Line', number: true, of: (i) => lines[i] },
            { name: 'Part', of: (i) => orders[i].part_number },
            { name: 'Order', of: (i) => orders[i].work_order_id },
            { name: 'Quantity', number: true, of: (i) => String(orders[i].quantity) },
            { name: `Total cost, ${currency}`, number: true, of: (i) => fixed(orders[i].total_cost, 2) },
            { name: 'One piece', number: true, of: (i) => fixed(orders[i].total_cost / orders[i].quantity, 2) },
            { name: 'Supplier', of: (i) => orders[i].bin ?? '–' },
            { name: 'Date', of: (i) => orders[i].occurred_on ?? '–' },
        ],
        Array.from({ length: Math.min(shown, orders.length) }, (_, i) => i),
    );

function rejects(rejected, name) {
    if (!rejected.length) return null;
    return h(
        'details',
        { id: 'rejected' },
        h('summary', {}, `${plural(rejected.length, 'row')} cannot be read`),
        table(
            `Rejected rows${rejected.length > showRejected ? ` (first ${showRejected})` : ''}`,
            [
                { name: 'Line', number: true, of: (row) => row.line },
                { name: 'Why', of: (row) => row.reason },
                { name: 'What stands there', of: (row) => row.text },
            ],
            rejected.slice(0, showRejected),
        ),
        h(
            'p',
            {},
            h(
                'button',
                {
                    type: 'button',
                    onclick: () =>
                        saveCsv(
                            `${name}-rejected`,
                            ['line', 'reason', 'row'],
                            rejected.map((row) => [row.line, row.reason, row.text]),
                        ),
                },
                'All rejected rows as CSV',
            ),
        ),
    );
}

export function upload(environment, onActivated) {
    const input = h('input', { type: 'file', id: 'orders-file', accept: '.csv,.txt,.tsv,text/csv' });
    const mapping = h('div', { id: 'mapping' });
    const reading = h('div', { id: 'reading' });
    const result = h('div', { id: 'result', 'aria-live': 'off' });
    let turn = 0; // of the file or mapping that is being read; older ones give up

    async function choose(file) {
        const mine = ++turn;
        replace(mapping);
        replace(result);
        const tell = progress(reading);
        try {
            const parsed = await parse(await readText(file), (share) => tell(`Reading ${file.name}`, share));
            if (mine !== turn) return;
            replace(reading);
            if (!parsed.records.length) {
                replace(
                    mapping,
                    alarm('The file holds no rows below its first line. The first line names the columns.'),
                );
                return;
            }
            map(parsed, file.name.replace(/\.[^.]*$/, ''));
        } catch (error) {
            replace(reading, alarm(`The file cannot be read: ${error.message}`));
        }
    }

    function map(parsed, name) {
        const columns = recognise(parsed.header);
        const habit = habits(parsed, columns);
        const choices = [['', '(none)'], ...parsed.header.map((text, i) => [String(i), text || `column ${i + 1}`])];
        const columnOf = (target) => {
            const chosen = select(
                choices,
                columns[target.name] === undefined ? '' : String(columns[target.name]),
                () => {
                    if (chosen.value === '') delete columns[target.name];
                    else columns[target.name] = Number(chosen.value);
                    Object.assign(habit, habits(parsed, columns));
                    decimal.value = habit.decimal;
                    order.value = habit.order;
                    read();
                },
            );
            chosen.name = target.name;
            return field(`${target.text}${target.needed ? ' *' : ''}`, chosen);
        };
        const decimal = select(
            [
                ['point', '1234.50 (point)'],
                ['comma', '1234,50 (comma)'],
            ],
            habit.decimal,
            () => {
                habit.decimal = decimal.value;
                read();
            },
        );
        const order = select(
            [
                ['dmy', 'day first (31.12.2025)'],
                ['mdy', 'month first (12/31/2025)'],
            ],
            habit.order,
            () => {
                habit.order = order.value;
                read();
            },
        );
        async function read() {
            const mine = ++turn;
            replace(result);
            const absent = targets
                .filter((target) => target.needed && columns[target.name] === undefined)
                .map((target) => target.text);
            if (columns.total_cost === undefined && columns.unit_cost === undefined)
                absent.push('Total cost of the order');
            if (absent.length) {
                replace(reading, note(`Choose a column for: ${absent.join(', ')}.`));
                return;
            }
            const tell = progress(reading);
            const sorted = await workOrders(parsed, columns, habit, (share) => tell('Checking rows', share));
            if (mine === turn) ready(sorted, name);
        }
        replace(
            mapping,
            h('h3', {}, 'Columns'),
            h(
                'p',
                { class: 'soft' },
                `${plural(parsed.records.length, 'row')}; columns are recognised by their names. Check them.`,
            ),
            h(
                'div',
                { class: 'fields' },
                targets.map(columnOf),
                field('Numbers are written', decimal),
                field('Dates are written', order),
            ),
        );
        read();
    }

    function ready(sorted, name) {
        const { orders, rejected } = sorted;
        say(`${plural(orders.length, 'work order')} read, ${count(rejected.length)} rejected.`);
        if (!orders.length) {
            replace(reading, alarm('No row can be read as a work order.'), rejects(rejected, name));
            return;
        }
        const dear =
            orders.length > most
                ? note(`They go in ${Math.ceil(orders.length / most)} calls of at most ${count(most)}.`)
                : null;
        const buttons = h(
            'p',
            { class: 'row', id: 'send-row' },
            action('Try: change nothing', () => run(orders, name, true), { id: 'try' }),
            action('Calibrate', () => run(orders, name, false), { id: 'send', class: 'primary' }),
        );
        replace(
            reading,
            h('h3', {}, 'What was read'),
            h(
                'p',
                { id: 'read-count' },
                h('strong', {}, plural(orders.length, 'work order')),
                rejected.length ? `, ${plural(rejected.length, 'row')} rejected` : ', no row rejected',
                '.',
            ),
            preview(sorted, environment.currency),
            rejects(rejected, name),
            dear,
            h(
                'p',
                { class: 'soft' },
                'Sending an order number again replaces what was sent before. The cost is in ',
                environment.currency,
                ', the currency of the environment.',
            ),
            buttons,
        );
    }

    async function run(orders, name, dry) {
        try {
            await calibrate(orders, name, dry);
        } catch (error) {
            replace(result);
            throw error;
        }
    }

    async function calibrate(orders, name, dry) {
        const tell = progress(result);
        tell('Looking up parts');
        const find = await revisions((done, of) => tell('Looking up parts', done / of));
        const chosen = sample(orders, find);
        tell('Asking what quotes say now');
        const before = await predict(environment.id, chosen.picked);
        let answer;
        for (let at = 0; at < orders.length; at += most) {
            tell(dry ? 'Trying' : 'Calibrating', orders.length > most ? at / orders.length : undefined);
            answer = await post(
                `/calibration/environments/${environment.id}/auto-calibrate-from-erp${dry ? '?dry_run=1' : ''}`,
                { work_orders: orders.slice(at, at + most) },
            );
            if (dry) break; // nothing is kept between tries: the first call stands for all
        }
        let after;
        if (!dry && answer.status === 'activated') {
            tell('Asking what quotes say after it');
            after = await predict(environment.id, chosen.picked);
        }
        replace(
            result,
            learned(answer, { dry, name, comparison: comparison({ environment, before, after, chosen, orders }) }),
        );
        say(dry ? 'Tried; nothing was changed.' : answer.message);
        document.getElementById('outcome')?.focus();
        if (!dry) onActivated();
    }

    input.addEventListener('change', () => input.files[0] && choose(input.files[0]));
    const drop = h(
        'div',
        {
            class: 'drop',
            ondragover: (event) => event.preventDefault(),
            ondrop: (event) => {
                event.preventDefault();
                if (event.dataTransfer.files[0]) choose(event.dataTransfer.files[0]);
            },
        },
        field(
            'CSV of finished work orders',
            input,
            'One row an order, with part number, order number, quantity and cost; drop a file here or choose one. It is read on this page, then sent to the service.',
        ),
    );
    return h(
        'section',
        { 'aria-labelledby': 'send-title' },
        h('h2', { id: 'send-title' }, 'Actual costs'),
        drop,
        mapping,
        reading,
        result,
    );
}
