#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Parts by clicks, from nothing to a quote, as a German ERP exports routings: import.mjs URL KEY DIR. Work centres get
// their classes, flaws stand in their rows, the service's own flaws too; then the same plans as JSON.
import { accessible, check } from './browser.mjs';
import { open } from './console_kit.mjs';

const { axe, newPage, signIn, shoot, end } = await open('import');
const ALARM = '#result .alarm';

const routing = Buffer.from(
    [
        'Materialnummer;Bezeichnung;Werkstoff;Bruttogewicht (g);Nettogewicht (g);Vorgang;Arbeitsplatz;Rüstzeit (min);Stückzeit (s)',
        'I-1;Flansch;S355;2400,5;1700;0010;SAEGE1;10;45',
        'I-1;;;;;0020;milling.3axis_vmc;30;240',
        'I-2;"Welle; lang";1.4301;900;600;10;DREH 2;25;95',
        'I-3;ohne Gewicht;S355;;;10;milling.3axis_vmc;1;1',
        'I-4;falsche Klasse;S355;100;;10;milling.9axis;1;1',
        `شركة-7;${'a very long name '.repeat(11)};S355;100;;10;milling.3axis_vmc;1;1`,
        '部品-8;שלום (עברית);S355;100;;10;milling.3axis_vmc;1;1',
    ].join('\r\n'),
);

const page = await newPage('import');
const readCount = (parts) =>
    page.waitForFunction(
        (parts) => document.getElementById('read-count')?.textContent.startsWith(`${parts} part`), parts);

async function fromNothing() {
    await signIn(page, '#/parts');
    await page.click('text=Import parts');
    await page.waitForSelector('#parts-file');
    await accessible(page, axe, 'the import');
    await page.setInputFiles('#parts-file', { name: 'leer.csv', mimeType: 'text/csv', buffer: Buffer.from('a;b\n') });
    await page.waitForSelector('#mapping .alarm');
    await page.setInputFiles('#parts-file', { name: 'leer.csv', mimeType: 'text/csv', buffer: Buffer.alloc(0) });
    await page.waitForFunction(() => document.getElementById('reading').textContent === '');
    check('an empty file is told as one without rows', (await page.textContent('#mapping .alarm')).includes('no rows'));
    await page.setInputFiles('#parts-file', { name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"a":') });
    await page.waitForSelector('#reading .alarm');
    await page.setInputFiles('#parts-file', { name: 'Arbeitspläne.csv', mimeType: 'text/csv', buffer: routing });
    await readCount(3);
    const units = await page.$$eval('#mapping select[name]', (list) =>
        Object.fromEntries(list.map((one) => [one.name, one.value])));
    check('units are taken from the names of columns', units.mass === 'g' && units.setup === 'min' && units.cycle === 's', units);
    await page.click('#rejected summary');
    check('a flaw stands with its line', /5\s*no weight bought/.test(await page.textContent('#rejected tbody')),
        await page.textContent('#rejected tbody'));
    await shoot(page, 'read');
    await page.getByLabel('DREH 2').fill('turning.2axis_cnc');
    await page.getByLabel('SAEGE1').fill('cutting.saw');
    await page.keyboard.press('Enter');
    await readCount(5);
}

async function refusedThenTaken() {
    await page.click('#import');
    await page.waitForSelector(ALARM);
    check('the service refuses all for one flaw', (await page.textContent(ALARM)).startsWith('Nothing was imported'),
        await page.textContent(ALARM));
    check('and its flaw stands in the row of the file', /6.*klass: is not a known class.*I-4/s.test(await page.textContent('#flaws tbody')),
        await page.textContent('#flaws tbody'));
    await shoot(page, 'refused');
    await accessible(page, axe, 'a refused import');
    await page.click('#import-others');
    await page.waitForSelector('#outcome');
    check('the others are imported', (await page.textContent('#result')).includes('4 parts imported'));
    check('what was done stands as a command', /\$KEY.*\/import/s.test(await page.textContent('#calls-list')));
    await accessible(page, axe, 'an import');
    await page.click('text=All parts');
    await page.waitForSelector('td >> text=部品-8');
    const narrow = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    check('long and foreign names do not break the list', narrow);
    await shoot(page, 'parts');
    await page.click('text=I-1');
    await page.waitForSelector('input[name=lot_size]');
    check('the plan is there', (await page.textContent('main')).includes('cutting.saw'));
    await page.click('form button.primary');
    await page.waitForSelector('main .alarm:not(:empty)'); // no rates here: an honest failure, not a price
    await shoot(page, 'no-price');
}

async function asJson() {
    const plan = { material_ref: 'S355', gross_mass_kg: 1, operations: [] };
    const parts = [{ part_number: 'I-1', process_plan: plan }, { part_number: 'J-1', process_plan: plan }, { name: 'no number' }];
    await page.goBack();
    await page.goBack();
    await page.waitForSelector('#parts-file');
    await page.setInputFiles('#parts-file', { name: 'a.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify({ parts })) });
    await readCount(2);
    await page.click('#import');
    await page.waitForSelector('#outcome');
    const facts = await page.$$eval('#result dd', (list) => list.map((one) => one.textContent));
    check('JSON: one is new, one revised', facts.join() === '1,1,0', facts);
    await page.click('#import');
    await page.waitForFunction(() => document.querySelectorAll('#result dd')[2]?.textContent === '2');
    check('the same again changes nothing', true);
}

for (const stage of [fromNothing, refusedThenTaken, asJson])
    await stage().catch((error) => check(stage.name, false, error.stack.slice(0, 900)));
await end();
