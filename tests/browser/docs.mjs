// SPDX-License-Identifier: GPL-3.0-or-later
// The documents in Chromium: the API page draws every operation and its examples, finds, opens by address and keyboard,
// and calls with a key; the links of errors end at their explanation; no link is dead; nothing comes from another host
// and no policy is broken. docs.mjs URL KEY BUILD
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { accessible, check, launch, summary, tools } from './browser.mjs';

const [url, key, build] = process.argv.slice(2);
const { chromium, axe } = tools(build);
const pictures = join(build, 'pictures');
mkdirSync(pictures, { recursive: true });
const browser = await launch(chromium);
const faults = [];
// a page whose complaints and requests to elsewhere are kept
async function open(options) {
    const page = await browser.newPage(options);
    page.setDefaultTimeout(120000); // machines that do other things as well
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => request.url().startsWith(url) || request.url().startsWith('data:') || faults.push(request.url()));
    return page;
}

const description = await (await fetch(`${url}/openapi.json`)).json();
const operations = Object.values(description.paths).flatMap((item) => Object.values(item));
const page = await open({ viewport: { width: 1200, height: 900 } });
await page.goto(`${url}/docs/`);
await page.waitForSelector('.opblock');
const drawn = await page.$$eval('.opblock', (all) => all.map((one) => one.id));
const ids = operations.map((operation) => `operations-${operation.tags[0]}-${operation.operationId}`);
check('every operation is drawn once', JSON.stringify(drawn.sort()) === JSON.stringify(ids.sort()), drawn.length);
await page.screenshot({ path: join(pictures, 'docs.png') });
await accessible(page, axe, 'the API page');

await page.fill('.operation-filter-input', 'calibration');
await page.waitForFunction(() => document.querySelectorAll('.opblock-tag').length === 1);
check('words find a group', (await page.innerText('#api')).includes('auto-calibrate-from-erp'));
await page.fill('.operation-filter-input', '');

// by address, with what the examples say
const at = '#operations-calibration-calibration_from_erp';
await page.goto('about:blank');
await page.goto(`${url}/docs/#/calibration/calibration_from_erp`);
await page.waitForSelector(`${at}.is-open .opblock-body`);
const shown = await page.innerText(at);
check('an address opens its operation', shown.includes(description.paths['/api/v1/parts/calibration/environments/{env_id}/auto-calibrate-from-erp'].post.description));
check('its example is the recorded one', shown.includes('"WO-1001"') && shown.includes('"activated"'));
check('what goes beyond the documented surface is marked', shown.includes('x-costwright-added: true'));
await page.screenshot({ path: join(pictures, 'docs-operation.png') });
await accessible(page, axe, 'an open operation');

// by keyboard: the control of an operation opens and closes it
const control = page.locator('#operations-environments-environment_list .opblock-summary-control').first();
await control.focus();
await page.keyboard.press('Enter');
await page.waitForSelector('#operations-environments-environment_list.is-open');
check('focus can be seen', await control.evaluate((one) => getComputedStyle(one).outlineStyle !== 'none' || getComputedStyle(one.closest('.opblock')).outlineStyle !== 'none'));

// a call by hand, with a key that no storage keeps
await page.click('.btn.authorize');
await page.fill('.auth-container input >> nth=0', key);
await page.click('.auth-container button.authorize >> nth=0');
await page.click('.btn-done');
await page.click('#operations-environments-environment_list .try-out__btn');
await page.click('#operations-environments-environment_list .execute');
await page.waitForSelector('#operations-environments-environment_list .live-responses-table');
check('a call is answered', /\b200\b/.test(await page.innerText('#operations-environments-environment_list .live-responses-table tbody')));
check('the key stays in memory', await page.evaluate((secret) => !JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])
    .includes(secret), key));

// --- the other documents
await page.goto(`${url}/docs/errors#conflict`);
check('an error\'s link ends at its explanation', await page.$eval('dt:target', (one) => one.id) === 'conflict');
await accessible(page, axe, 'the page of errors');
await page.goto(`${url}/docs/guide`);
await accessible(page, axe, 'the guide');

// every link from the front door on, as far as it stays here, is answered, and its fragment is there
const seen = new Map();
const left = ['/'];
while (left.length) {
    const path = left.pop();
    const answer = await fetch(url + path);
    const html = answer.headers.get('content-type')?.startsWith('text/html') ? await answer.text() : '';
    seen.set(path, { status: answer.status, html });
    for (const [, href] of html.matchAll(/<a [^>]*href="([^"]+)"/g)) {
        const to = new URL(href, answer.url);
        if (to.origin === url && !seen.has(to.pathname) && !left.includes(to.pathname)) left.push(to.pathname);
    }
}
for (const [path, { status }] of seen) check(`${path} is there`, status === 200, status);
for (const [path, { html }] of seen)
    for (const [, href] of html.matchAll(/<a [^>]*href="([^"]*#[^"/]+)"/g)) {
        const to = new URL(href, url + path);
        if (to.origin === url && to.hash) check(`${path} links to ${href}`, seen.get(to.pathname)?.html.includes(`id="${to.hash.slice(1)}"`));
    }
for (const file of readdirSync(new URL('../../nginx/html/docs', import.meta.url)))
    if (file.endsWith('.html') && file !== 'index.html')
        check(`the documents link to ${file}`, seen.has(`/docs/${file.slice(0, -5)}`) || seen.has(`/docs/${file}`));

const phone = await open({ viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
await phone.goto(`${url}/docs/#/calculations/calculation_quote`);
await phone.waitForSelector('#operations-calculations-calculation_quote.is-open .opblock-body');
check('a phone shows it without scrolling sideways', await phone.evaluate(() =>
    document.documentElement.scrollWidth <= document.documentElement.clientWidth));
await phone.screenshot({ path: join(pictures, 'docs-phone.png') });
await accessible(phone, axe, 'the API page in the dark');
for (const path of seen.keys())
    if (/^\/docs\/./.test(path) || path === '/') {
        await phone.goto(url + path);
        const wide = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        check(`${path} does not widen a phone`, wide <= 0, wide);
    }
check('no fault, no other host', faults.length === 0, faults);
await browser.close();
process.exit(summary('docs'));
