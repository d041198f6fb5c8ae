#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// What make demo reads from files: the same parts and orders, however a spreadsheet writes them. demo_files.mjs STACK-FILE
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { readOrders, readParts } from '../demo/files.mjs';
import { checks } from '../demo/wire.mjs';

const { check, end } = checks('demo files');
const folder = mkdtempSync(`${tmpdir()}/costwright-files.`);
const file = (text, encoding = 'utf8') => {
    writeFileSync(`${folder}/file.csv`, Buffer.from(text, encoding));
    return `${folder}/file.csv`;
};
const thrown = (file) => {
    try {
        return JSON.stringify(readParts(file));
    } catch (error) {
        return error.message;
    }
};

const plain = readParts(file('part_number,material_ref,gross_mass_kg,setup_time_s,cycle_time_s\nP-1,al,1.25,900,100.5\nP-2,al,2,60,7\n'));
check('parts', plain.length === 2 && plain[0].process_plan.gross_mass_kg === 1.25 &&
    plain[0].process_plan.operations[0].cycle_time_s === 100.5, plain);
const german = readParts(file('\ufeffTeilenummer;Werkstoff;gross_mass_kg;setup_time_s;cycle_time_s\r\nP-1;al;1,25;900;100,5\r\n\r\nP-2;al;2,00;60;7\r\n'));
check('with semicolons, commas and other names', isDeepStrictEqual(german, plain), german);
check('a number that is none is told with its line', /line 3: gross_mass_kg "heavy" is no number/.test(
    thrown(file('part_number,gross_mass_kg,cycle_time_s\nP-1,1,1\nP-2,heavy,1\n'))));
check('no part numbers', /no column part_number/.test(thrown(file('mass_kg\n1\n'))));

const wanted = [
    { part_number: 'Büchse 1', work_order_id: 'W1', quantity: 1200, total_cost: 1431.5, bin: 'Müller', occurred_on: '2026-04-03' },
    { part_number: 'P-2', work_order_id: 'W2', quantity: 5, total_cost: 20, bin: 'Müller', occurred_on: '2026-04-24' },
];
for (const [name, text, encoding] of [
    ['plain', 'part_number,work_order_id,quantity,total_cost,supplier,finished\nBüchse 1,W1,1200,1431.5,Müller,2026-04-03\nP-2,W2,5,20,Müller,2026-04-24\n'],
    ['Windows-1252', 'MATNR;AUFNR;Menge;Istkosten;LIFNR;GLTRI\r\nBüchse 1;W1;1.200;1.431,50;Müller;03.04.2026\r\nP-2;W2;5;20,00;Müller;24.04.2026\r\n', 'latin1'],
    ['tabs', 'Material\tOrder\tQty\tTotal cost\tVendor\tDate\n"Büchse 1"\tW1\t"1,200"\t1431.50\tMüller\t3/4/2026\nP-2\tW2\t5\t20\tMüller\t24/4/2026\n'],
]) {
    const { orders, rejected } = await readOrders(file(text, encoding));
    check(`orders: ${name}`, isDeepStrictEqual(orders, wanted) && !rejected.length, { orders, rejected });
}
const { orders, rejected } = await readOrders(file('part,qty,cost\nP-1,5,20\nP-1,0,20\nP-1,5,-3\nP-1,5,\n'));
check('without order numbers the lines are', orders.length === 1 && orders[0].work_order_id === 'line-2', orders);
check('what is no order is told with its line', isDeepStrictEqual(rejected.map(({ line }) => line), [3, 4, 5]), rejected);

rmSync(folder, { recursive: true });
end();
