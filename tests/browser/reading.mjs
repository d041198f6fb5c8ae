#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// How the console reads files: marks, dates, names of columns, rows that are no orders. Needs no browser, but the
// library that the page loads, which the build has fetched: reading.mjs URL KEY DIR
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { check, summary } from './browser.mjs';

const vendor = createRequire(join(process.argv[4], '..', 'vendor', 'npm', 'package.json'));
globalThis.Papa = vendor('papaparse');
const { orderTargets, partTargets, recognise } = await import('../../nginx/html/console/columns.js');
const { decimalOf, orderOf, readDate, readNumber } = await import('../../nginx/html/console/numbers.js');
const { orderSettings, workOrders } = await import('../../nginx/html/console/orders.js');
const { planSettings, readJson, readPlans } = await import('../../nginx/html/console/plans.js');
const { parse, readText } = await import('../../nginx/html/console/csv.js');
const { moment, money } = await import('../../nginx/html/console/format.js');

const habits = (settings, file, columns) =>
    Object.fromEntries(settings.map((setting) => [setting.name, setting.guess(file, columns)]));
const same = (what, seen, wanted) => check(what, JSON.stringify(seen) === JSON.stringify(wanted), seen);

process.env.TZ = 'Europe/Berlin';
same('a moment is told by the clock here', moment('2026-07-01T22:30:00.123456Z'), '2026-07-02\u00a000:30');
same('no moment', moment(null), '–');
same('money', [0, 0.05, 1234.5, null].map((value) => money(value)), ['0.00', '0.0500', '1\u202f234.50', '–']);

for (const [text, decimal, wanted] of [
    ['1234.5', 'point', 1234.5],
    ['1,234.5', 'point', 1234.5],
    ['1234,5', 'comma', 1234.5],
    ['1.234.567,89', 'comma', 1234567.89],
    ['1 234,50 €', 'comma', 1234.5],
    ['€ 12', 'point', 12],
    ["1'234.50", 'point', 1234.5],
    ['12,50-', 'comma', -12.5],
    ['-3', 'point', -3],
    ['1,234.5', 'comma', null],
    ['1.234,5', 'point', null],
    ['12.34', 'comma', null],
    ['1,23', 'point', null],
    ['1.5e3', 'point', 1500],
    ['', 'point', null],
    ['abc', 'point', null],
    ['1.2.3', 'point', null],
    ['0x10', 'point', null],
    ['.5', 'point', 0.5],
    ['NaN', 'point', null],
    ['1234.567,00', 'comma', null],
])
    same(`number “${text}” with ${decimal}`, readNumber(text, decimal), wanted);

for (const [texts, separator, wanted] of [
    [['1.234,56'], ',', 'comma'],
    [['1,234.56'], ';', 'point'],
    [['12,5'], ';', 'comma'],
    [['12.5'], ';', 'point'],
    [['1.000', '2.500'], ';', 'comma'],
    [['1,000'], ',', 'point'],
    [['100', '5'], ';', 'point'],
    [['1.234.567'], ',', 'comma'],
    [['1,234,567'], ';', 'point'],
    [['0.125'], ';', 'point'],
    [['12,50 EUR'], ';', 'comma'],
])
    same(`decimal mark of ${texts} after ${separator}`, decimalOf(texts, separator), wanted);

for (const [text, order, wanted] of [
    ['2025-03-31', 'dmy', '2025-03-31'],
    ['20250331', 'dmy', '2025-03-31'],
    ['31.03.2025', 'dmy', '2025-03-31'],
    ['3/31/2025', 'mdy', '2025-03-31'],
    ['31.3.25', 'dmy', '2025-03-31'],
    ['2025-03-31T12:00:00Z', 'dmy', '2025-03-31'],
    ['31.02.2025', 'dmy', undefined],
    ['3/31/2025', 'dmy', undefined],
    ['gestern', 'dmy', undefined],
    ['2025-13-01', 'dmy', undefined],
    ['29.02.2024', 'dmy', '2024-02-29'],
])
    same(`date “${text}”, ${order}`, readDate(text, order), wanted);
same('month first', orderOf(['01/02/2025', '3/31/2025']), 'mdy');
same('day first', orderOf(['01.02.2025', '31.3.2025']), 'dmy');

for (const [header, wanted] of [
    ['part_number,work_order_id,quantity,total_cost,supplier,date', [0, 1, 2, 3, 4, 5]],
    ['work_order_id,part_number,supplier,quantity,total_cost,finished', [1, 0, 3, 4, 2, 5]],
    ['AUFNR,MATNR,WERKS,GAMNG,WKGBTR,GLTRI', [1, 0, 3, 4, 2, 5]],
    ['Auftrag,Materialnummer,Lieferant,Stückzahl,Istkosten [EUR],Enddatum', [1, 0, 3, 4, 2, 5]],
    ['Production Order No.,Item No.,Vendor,Qty Completed,Actual Cost (EUR),Posting Date', [1, 0, 3, 4, 2, 5]],
    ['Date,Order No,Item,Description,Quantity', [2, 1, 4, undefined, undefined, 0]],
]) {
    const found = recognise(header.split(','), orderTargets);
    same(
        `columns of ${header}`,
        ['part_number', 'work_order_id', 'quantity', 'total_cost', 'supplier', 'occurred_on'].map(
            (name) => found[name],
        ),
        wanted,
    );
}
same('cost of a piece', recognise(['part', 'order', 'qty', 'unit cost'], orderTargets).unit_cost, 3);

const separatorOf = async (text) => (await parse(text)).separator;
same('separator by the whole row', await separatorOf('a;b;c\n1,5;2,5;3,5\n4,5;6,7;1'), ';');
same('one decimal comma in each row', await separatorOf('a;b\n1,5;2\n4,5;6'), ';');
same('tab', await separatorOf('a\tb\n1,5\t2'), '\t');
const parsed = await parse('\ufeffpart;note;qty\r\n"A;1";"two\nlines ""quoted""";5\r\n\r\nB;x;7');
same(
    'quotes, empty lines, line numbers',
    [parsed.header, parsed.records],
    [
        ['part', 'note', 'qty'],
        [
            { line: 2, fields: ['A;1', 'two\nlines "quoted"', '5'] },
            { line: 5, fields: ['B', 'x', '7'] },
        ],
    ],
);
const endless = await parse('a,b\n"1,2');
same('a file without an end', [endless.records, endless.unclosed], [[{ line: 2, fields: ['1,2'] }], 2]);
same('a file that names its separator', (await parse('sep=;\na;b\n1;2')).records, [{ line: 3, fields: ['1', '2'] }]);
const shares = [];
same('nothing', (await parse('', (share) => shares.push(share))).records, []);
check('and how far it is', shares.every(Number.isFinite), shares);
const wide = await parse(`${'c,'.repeat(99999)}c\n${'1,'.repeat(99999)}1`).catch((error) => error.message);
same('more columns than anybody chooses from', wide, 'its first line has 100000 columns');
const long = await parse(`a;b\n${Array.from({ length: 30000 }, (_, i) => `${i};"x\ny"`).join('\n')}`);
same('many pieces', [long.records.length, long.records.every(({ line, fields }, i) => fields[0] === `${i}` && line === 2 + 2 * i)], [30000, true]);
same('Windows-1252', await readText(new Blob([Buffer.from('Stückzahl', 'latin1')])), 'Stückzahl');
same('UTF-8', await readText(new Blob(['Stückzahl'])), 'Stückzahl');
same('UTF-16, the other end first', await readText(new Blob([Buffer.from('\ufeffStückzahl', 'utf16le').swap16()])), 'Stückzahl');
const workbook = await readText(new Blob([Buffer.from('PK\x03\x04\x14\0\x06\0', 'latin1')])).catch((error) => error.message);
check('a workbook is told what to do', workbook.includes('save it as CSV'), workbook);

const file = await parse(
    [
        'part;order;qty;cost;date',
        'P;1;10;1.000,50;31.01.2025',
        'P;1;10;1.000,50;31.01.2025',
        'P;2;0;5;',
        ';3;1;5;',
        'P;4;1;x;',
        'P;5;1;5;31.02.2025',
        'P;6;2;-4;',
    ].join('\n'),
);
const columns = recognise(file.header, orderTargets);
const { orders, rejected } = await workOrders(file, columns, habits(orderSettings, file, columns));
same('orders', orders, [
    { part_number: 'P', work_order_id: '1', quantity: 10, total_cost: 1000.5, occurred_on: '2025-01-31' },
]);
same(
    'lines that are none',
    rejected.map((row) => row.line),
    [3, 4, 5, 6, 7, 8],
);
check(
    'and why',
    ['stands in line 2', 'quantity', 'no part number', 'total cost', 'date', 'above 0'].every((word, i) =>
        rejected[i].reason.includes(word),
    ),
    rejected,
);
const pieces = await parse('part,order,qty,unit cost\nP,1,3,1.1');
const priced = recognise(pieces.header, orderTargets);
same(
    'cost of a piece times quantity',
    (await workOrders(pieces, priced, habits(orderSettings, pieces, priced))).orders[0].total_cost,
    3.3,
);

// --- parts

async function plans(text, classes = new Map()) {
    const rows = await parse(text);
    const found = recognise(rows.header, partTargets);
    return readPlans(rows, found, habits(planSettings, rows, found), () => {}, classes);
}
const routing = await plans(
    [
        'MATNR;MAKTX;Werkstoff;Bruttogewicht (g);Nettogewicht (g);VORNR;ARBPL;Rüstzeit (min);Stückzeit [h];Ausschuss',
        'P-1;Flansch;S355;2.400,5;1700;0010;cutting.saw;10;0,1;2',
        'P-1;;;;;0020;VMC;30,5;0,25;',
        'P-2;;1.4301;900;;;VMC;25;0,5;',
        'P-2;;1.4301;900;;;VMC;5;0,5;',
    ].join('\n'),
    new Map([['VMC', 'milling.3axis_vmc']]),
);
same('routings to parts', routing.parts, [
    {
        part_number: 'P-1',
        name: 'Flansch',
        process_plan: {
            material_ref: 'S355',
            gross_mass_kg: 2.4005,
            net_mass_kg: 1.7,
            scrap_rate: 0.02,
            operations: [
                { setup_time_s: 600, cycle_time_s: 360, sequence: 10, klass: 'cutting.saw' },
                { setup_time_s: 1830, cycle_time_s: 900, sequence: 20, klass: 'milling.3axis_vmc' },
            ],
        },
    },
    {
        part_number: 'P-2',
        process_plan: {
            material_ref: '1.4301',
            gross_mass_kg: 0.9,
            operations: [
                { setup_time_s: 1500, cycle_time_s: 1800, klass: 'milling.3axis_vmc', sequence: 10 },
                { setup_time_s: 300, cycle_time_s: 1800, klass: 'milling.3axis_vmc', sequence: 20 },
            ],
        },
    },
]);
same('lines of parts and operations', routing.lines, [
    { line: 2, operations: [2, 3] },
    { line: 4, operations: [4, 5] },
]);
const flawed = await plans(
    [
        'part,material,gross weight (kg),net weight,op,work centre,setup,cycle',
        'A,S355,1,,10,milling.3axis_vmc,x,5',
        'A,S355,1,,20,milling.3axis_vmc,1,5',
        'B,,1,,10,milling.3axis_vmc,1,5',
        'C,S355,,,10,milling.3axis_vmc,1,5',
        'D,S355,1,2,10,milling.3axis_vmc,1,5',
        'E,S355,1,,10,milling.3axis_vmc,1,5',
        'E,S235,1,,20,milling.3axis_vmc,1,5',
        'F,S355,1,,10,milling.3axis_vmc,1,5',
        'F,S355,1,,10,milling.3axis_vmc,1,5',
        'G,S355,1,,10,VMC 4,1,5',
        'H,S355,1,,10,,1,5',
        ',S355,1,,10,milling.3axis_vmc,1,5',
        'I,S355,1,,,,,',
    ].join('\n'),
);
same('only whole parts are left', flawed.parts.map((part) => part.part_number), ['I']);
same('how many are not', flawed.leftOut, 8);
same('work centres without a class', [...flawed.centres], [['VMC 4', 1]]);
same(
    'lines with flaws',
    flawed.rejected.map((row) => row.line),
    [2, 4, 5, 6, 8, 9, 11, 12, 13],
);
check(
    'and why',
    ['setup time “x”', 'no material', 'no weight', 'weighs more', 'differs from line 7', 'number 10', 'no machine class yet',
        'needs a machine class', 'no part number'].every((word, i) => flawed.rejected[i].reason.includes(word)),
    flawed.rejected,
);
const listed = readJson('{"parts": [{"part_number": "J", "process_plan": {}}, {"part_number": 5}, null]}');
same('JSON: what is a part', [listed.parts.length, listed.rejected.map((row) => row.line)], [1, [2, 3]]);
process.exit(summary('reading'));
