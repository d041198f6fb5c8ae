// SPDX-License-Identifier: GPL-3.0-or-later
// From a CSV of work orders to a calibration: look at what is read, try, send.
import { postList } from './api.js';
import { orderTargets } from './columns.js';
import { comparison } from './comparison.js';
import { csvFile, rejects } from './csv_file.js';
import { h, replace, table } from './dom.js';
import { count, fixed, plural } from './format.js';
import { learned } from './learned.js';
import { orderSettings, workOrders } from './orders.js';
import { predict, revisions, sample } from './predicted.js';
import { action, alarm, note, progress, say } from './view.js';

const most = 20000; // rows of one call
const shown = 8;

const preview = ({ orders, lines }, currency) =>
    table(
        `${orders.length > shown ? `First ${shown} work` : 'Work'} orders as they will be sent`,
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

// names of what no column was chosen for
function absent(columns) {
    const names = orderTargets
        .filter((target) => target.needed && columns[target.name] === undefined)
        .map((target) => target.text);
    if (columns.total_cost === undefined && columns.unit_cost === undefined) names.push('Total cost of the order');
    return names;
}

export function upload(environment, onActivated) {
    const result = h('div', { id: 'result', 'aria-live': 'off' });

    function ready(sorted, name) {
        const { orders, rejected } = sorted;
        say(`${plural(orders.length, 'work order')} read, ${count(rejected.length)} rejected.`);
        if (!orders.length) return [alarm('No row can be read as a work order.'), rejects(rejected, name)];
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
        return [
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
        ];
    }

    async function run(orders, name, dry) {
        const buttons = document.querySelectorAll('#send-row button');
        const hold = (held) => buttons.forEach((button) => (button.disabled = held));
        hold(true);
        try {
            await calibrate(orders, name, dry);
        } catch (error) {
            replace(result);
            throw error;
        } finally {
            hold(false);
        }
    }

    async function calibrate(orders, name, dry) {
        const tell = progress(result);
        tell('Looking up parts');
        const find = await revisions((done, of) => tell('Looking up parts', done / of));
        const chosen = sample(orders, find);
        tell('Asking what quotes say now');
        const before = await predict(environment.id, chosen.picked, (share) => tell('Asking what quotes say now', share));
        let answer;
        for (let at = 0; at < orders.length; at += most) {
            tell(dry ? 'Trying' : 'Calibrating', orders.length > most ? at / orders.length : undefined);
            answer = await postList(
                `/calibration/environments/${environment.id}/auto-calibrate-from-erp${dry ? '?dry_run=1' : ''}`,
                'work_orders',
                orders.slice(at, at + most),
            );
            if (dry) break; // nothing is kept between tries: the first call stands for all
        }
        let after;
        if (!dry && answer.status === 'activated') {
            tell('Asking what quotes say after it');
            after = await predict(environment.id, chosen.picked, (share) => tell('Asking what quotes say after it', share));
        }
        replace(
            result,
            learned(answer, { dry, name, comparison: comparison({ environment, before, after, chosen, orders }) }),
        );
        say(dry ? 'Tried; nothing was changed.' : answer.message);
        document.getElementById('outcome')?.focus();
        if (!dry) onActivated();
    }

    return h(
        'section',
        { 'aria-labelledby': 'send-title' },
        h('h2', { id: 'send-title' }, 'Actual costs'),
        csvFile({
            id: 'orders-file',
            label: 'CSV of finished work orders',
            hint: 'One row an order, with part number, order number, quantity and cost; drop a file here or choose one. It is read on this page, then sent to the service.',
            targets: orderTargets,
            settings: orderSettings,
            absent,
            read: workOrders,
            ready,
            onChange: () => replace(result),
        }),
        result,
    );
}
