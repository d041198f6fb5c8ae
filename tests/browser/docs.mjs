// SPDX-License-Identifier: GPL-3.0-or-later
// The documents in Chromium: the API page draws every operation, finds and opens; the links of errors end at their
// explanation; nothing comes from another host. docs.mjs URL KEY BUILD
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { accessible, check, launch, summary, tools } from './browser.mjs';

const [url, , build] = process.argv.slice(2);
const { chromium, axe } = tools(build);
const pictures = join(build, 'pictures');
mkdirSync(pictures, { recursive: true });
const browser = await launch(chromium);
const faults = [];
const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
page.on('pageerror', (error) => faults.push(String(error)));
page.on('request', (request) => request.url().startsWith(url) || request.url().startsWith('data:') || faults.push(request.url()));

const description = await (await fetch(`${url}/openapi.json`)).json();
const ids = Object.values(description.paths).flatMap((item) => Object.values(item).map((operation) => operation.operationId));
await page.goto(`${url}/docs/#calibration_auto`);
await page.waitForSelector('#calibration_auto');
const drawn = await page.$$eval('main section h3', (all) => all.map((one) => one.id));
check('every operation is drawn once', JSON.stringify(drawn.sort()) === JSON.stringify(ids.sort()), drawn.length);
check('the page stands at the operation asked for', await page.$eval('#calibration_auto', (one) => one === document.activeElement));
check('everything has words', !/\[object|NaN/.test(await page.innerText('main')));
await page.screenshot({ path: join(pictures, 'docs-operation.png') });
await accessible(page, axe, 'the API page');

await page.fill('#filter', 'rate delete');
check('words find an operation', (await page.innerText('#list')).includes('Delete a rate')
    && await page.$$eval('#list li', (all) => all.length) < 5);
await page.fill('#filter', 'no such thing');
check('no words find nothing', (await page.innerText('#list')).includes('No operation'));
const section = page.locator('section[aria-labelledby=calibration_auto]');
await section.locator('summary', { hasText: /^body$/ }).click();
await section.locator('summary', { hasText: 'body.actuals' }).click();
check('nested members open', (await section.innerText()).includes('actual_unit_cost'));
await page.screenshot({ path: join(pictures, 'docs-members.png') });

await page.goto(`${url}/docs/errors#conflict`);
check('an error\'s link ends at its explanation', await page.$eval('dt:target', (one) => one.id) === 'conflict');
await accessible(page, axe, 'the page of errors');

const phone = await browser.newPage({ viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
await phone.goto(`${url}/docs/`);
await phone.waitForSelector('#environment_create');
check('a phone shows it without scrolling sideways', await phone.evaluate(() =>
    document.documentElement.scrollWidth <= document.documentElement.clientWidth));
await phone.screenshot({ path: join(pictures, 'docs-phone.png') });
await accessible(phone, axe, 'the API page in the dark');
check('no fault, no other host', faults.length === 0, faults);
await browser.close();
process.exit(summary('docs'));
