#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// What goes wrong around the console: a service that is busy or gone, a key that ends, two tabs, going back, reloading,
// nothing to show. trouble.mjs URL KEY DIR
import { client } from '../demo/client.mjs';
import { accessible, check } from './browser.mjs';
import { open } from './console_kit.mjs';
import { fillShop } from './shop.mjs';

const { url, key, axe, newPage, signIn, shoot, end } = await open('trouble');
const envelope = (code, message) =>
    JSON.stringify({ error: { code, message, details: {}, doc_url: '/docs/errors' }, request_id: 'req_0123456789abcdef' });
const fail = (status, code, headers = {}) => (route) =>
    route.fulfill({ status, contentType: 'application/json', headers, body: envelope(code, 'Not now.') });

async function openCreator(page) {
    await page.click('summary:has-text("New environment")');
    return (name) => page.fill('input[name=name]', name);
}

// busy twice, then well: the change happens once, under one key
async function busy() {
    const page = await newPage('busy');
    await signIn(page);
    const name = await openCreator(page);
    await name('Busy plant');
    const keys = [];
    await page.route('**/environments', async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        keys.push(route.request().headers()['idempotency-key']);
        if (keys.length === 1) return fail(503, 'unavailable', { 'Retry-After': '1' })(route);
        if (keys.length === 2) return fail(429, 'rate_limited', { 'Retry-After': '1' })(route);
        if (keys.length === 3) {
            await route.fetch(); // done, but the answer gets lost
            return route.abort();
        }
        return route.continue();
    });
    await page.click('text=Create');
    for (const why of ['The service is busy', 'No connection'])
        await page.waitForFunction((why) => document.getElementById('status').textContent.startsWith(why), why);
    await page.waitForSelector('h1:has-text("Busy plant")', { timeout: 30000 });
    check('what waits is told, and no longer than it waits', (await page.textContent('#status')) === '', await page.textContent('#status'));
    check('what may pass is tried again under one key', keys.length === 4 && new Set(keys).size === 1, keys);
    await page.unroute('**/environments');
    await page.click('nav >> text=Environments');
    await page.waitForSelector('.card');
    const made = (await page.$$eval('.card h2', (list) => list.map((one) => one.textContent))).filter((one) => one === 'Busy plant');
    check('and happens once', made.length === 1, made);
    await page.context().close();
}

// gone for good: said, with the request's id and a way to try again; what was typed stays
async function gone() {
    const page = await newPage('gone');
    await signIn(page);
    await page.waitForSelector('.card');
    await page.route('**/api/**', fail(500, 'internal', { 'Retry-After': '60' }));
    await page.click('nav >> text=Parts');
    await page.waitForSelector('main .alarm:not(:empty)');
    check('a fault is said with its request', (await page.textContent('main .alarm:not(:empty)')).includes('req_0123456789abcdef'));
    await accessible(page, axe, 'an error');
    await shoot(page, 'error');
    await page.unroute('**/api/**');
    await page.click('text=Try again');
    await page.waitForFunction(() => !document.querySelector('main [aria-busy]'));
    check('trying again helps', !(await page.isVisible('text=Try again')));
    await page.goBack();
    await page.waitForSelector('.card');
    const name = await openCreator(page);
    await name('Typed once');
    await page.route('**/environments', fail(409, 'conflict'));
    await page.click('text=Create');
    await page.waitForSelector('form .alarm:not(:empty)');
    check('what was typed stays', (await page.getByLabel('Name').inputValue()) === 'Typed once');
    await page.context().close();
}

// the key ends in the middle: sign in again and be where one was
async function revoked() {
    const page = await newPage('revoked');
    await signIn(page, '#/parts');
    await page.waitForSelector('h1:has-text("Parts")');
    await page.route('**/api/**', fail(401, 'unauthorized'));
    await page.fill('input[name=part-number]', 'x');
    await page.keyboard.press('Enter');
    await page.waitForSelector('input[name=key]');
    check('the end of a key is said', (await page.textContent('#status')).includes('no longer good'));
    await page.unroute('**/api/**');
    await page.fill('input[name=key]', key);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Parts")');
    check('and the page is the one that was left', page.url().endsWith('#/parts'), page.url());

    // a second tab knows nothing of the first; signing out ends only its own
    const other = await page.context().newPage();
    await other.goto(`${url}/console#/parts`);
    await other.waitForSelector('input[name=key]');
    await other.fill('input[name=key]', key);
    await other.keyboard.press('Enter');
    await other.waitForSelector('h1:has-text("Parts")');
    await other.click('#sign-out');
    await other.waitForSelector('input[name=key]');
    check('signing out forgets what was asked', !(await other.isVisible('#calls')) && !(await other.textContent('#calls-list')));
    await page.click('nav >> text=Labeling');
    await page.waitForSelector('h1:has-text("Labeling")');
    check('tabs have sessions of their own', !(await page.isVisible('input[name=key]')));
    await page.goBack();
    await page.waitForSelector('h1:has-text("Parts")');
    await page.goForward();
    await page.waitForSelector('h1:has-text("Labeling")');
    await page.goto(`${url}/console#/nowhere`);
    await page.waitForFunction(() => location.hash === '#/environments');
    await page.context().close();
}

// more environments than one call answers, found by their names; what a key may not, by the name of the scope
async function many() {
    const page = await newPage('many');
    await page.route('**/environments/?limit=500*', (route) => {
        const from = Number(new URL(route.request().url()).searchParams.get('offset'));
        const list = Array.from({ length: Math.min(500, 512 - from) }, (_, i) => ({ id: crypto.randomUUID(), name: `Plant ${from + i}` }));
        return route.fulfill({ json: list, headers: { 'X-Total-Count': '512' } });
    });
    await signIn(page);
    await page.waitForSelector('.card');
    check('all environments are shown', (await page.locator('.card').count()) === 512, await page.locator('.card').count());
    await page.fill('input[name=filter]', 'plant 50');
    check('and found by a part of their name', (await page.locator('.card:visible').count()) === 11
        && (await page.textContent('main [role=status]')).startsWith('11 of 512'), await page.textContent('main [role=status]'));
    await page.route('**/environments', (route) => route.fulfill({ status: 403, contentType: 'application/json', body: JSON.stringify({
        error: { code: 'insufficient_scope', message: 'No.', details: { required: 'parts:write' }, doc_url: 'x' }, request_id: 'req_1' }) }));
    const name = await openCreator(page);
    await name('Not mine');
    await page.focus('form button.primary');
    await page.keyboard.press('Enter');
    await page.waitForSelector('form .alarm:not(:empty)');
    check('the scope that lacks is named', (await page.textContent('form .alarm')).includes('parts:write'));
    await page.waitForFunction(() => document.activeElement.textContent === 'Create');
    check('and the button that was disabled has its focus again', true);
    await page.route('**/parts?limit=100*', (route) => {
        const from = Number(new URL(route.request().url()).searchParams.get('offset'));
        const data = Array.from({ length: Math.min(100, 150 - from) }, (_, i) => ({ id: crypto.randomUUID(), part_number: `M-${from + i}` }));
        return route.fulfill({ json: { count: 150, data } });
    });
    await page.click('nav >> text=Parts');
    await page.focus('text=More');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('td a').length === 150);
    const next = await page.evaluate(() => document.activeElement.textContent);
    check('more parts are gone on with where they begin', next === 'M-100', next);
    await page.context().close();
}

// a slow network: a page that was left meanwhile does not come up behind the next
async function slow() {
    const page = await newPage('slow');
    await signIn(page, '#/labeling');
    await page.waitForSelector('h1:has-text("Labeling")');
    await page.route('**/parts?limit=100*', async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        await route.continue().catch(() => {});
    });
    await page.click('nav >> text=Parts');
    await page.waitForSelector('.loading');
    await shoot(page, 'loading');
    await accessible(page, axe, 'a page that loads');
    await page.click('nav >> text=Labeling');
    await page.waitForTimeout(1800);
    check('the page that was left stays away', (await page.textContent('h1')) === 'Labeling');
    await page.click('nav >> text=Environments');
    await page.waitForSelector('.card');
    await page.route(/\/environments\/[0-9a-f-]{36}$/, async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        await route.continue().catch(() => {});
    });
    await page.click('.card h2 a');
    await page.waitForSelector('.loading');
    await page.click('nav >> text=Labeling');
    await page.waitForTimeout(1800);
    check('and so does its name', (await page.title()) === 'Labeling – Costwright', await page.title());
    await page.context().close();
}

// a rate of one machine that the environment has no more: its change is no rate of every machine
async function machineless() {
    const api = client(url, key);
    const made = [];
    for (const name of ['Has a machine', 'Has its rate'])
        made.push(await api.post('/environments', { name, valid_from: '2026-01-01' }));
    const { machine } = await api.post(`/environments/${made[0].id}/machines`, {
        new_machine: { name: 'Saw', klass: 'cutting.saw', hourly_rate_eur: 30, valid_from: '2026-01-01' },
    });
    const fields = { category: 'manufacturing', machine_ref: machine.id, value: 0.3 };
    await api.post(`/environments/${made[1].id}/rates`, { kind: 'overhead', valid_from: '2026-01-01', fields });
    const page = await newPage('machineless');
    await signIn(page, `#/environments/${made[1].id}`);
    await page.click('summary:has-text("All values")');
    await page.click('button[aria-label^="Change manufacturing"]');
    check('a rate keeps its machine', (await page.inputValue('select[name=machine_ref]')) === machine.id);
    await page.context().close();
}

// a module that does not come: the page says so, instead of nothing
async function half() {
    for (const path of ['console', 'annotate']) {
        const page = await newPage(`half ${path}`);
        await page.route(`**/${path}/session.js`, (route) => route.abort());
        await page.goto(`${url}/${path}`);
        check(`${path}: what has not loaded is told`, (await page.innerText('main')).includes('Reload the page'));
        await page.context().close();
    }
}

// one order: too few to learn from
async function few() {
    const { api, env, orders } = await fillShop(url, key, 'Few', 10);
    const calibrate = (n) =>
        api.post(`/calibration/environments/${env.id}/auto-calibrate-from-erp`, {
            work_orders: orders.slice(0, n).map(({ work_order_id, part_number, quantity, total_cost, supplier: bin }) => ({
                work_order_id, part_number, quantity, total_cost, bin,
            })),
        });
    await calibrate(1);
    const page = await newPage('few');
    await signIn(page, `#/environments/${env.id}/calibration`);
    await page.click('button:has-text("Show")');
    await page.waitForSelector('#run-shown');
    const text = await page.textContent('main');
    check('nothing is in use, and so nothing holds', text.includes('no calibration is in use') && !text.includes('No drift'));
    check('a factor on the whole stands in the table', text.includes('Whole cost'));
    const many = (await page.$$eval('main p', (list) => list.map((one) => one.innerText))).filter((one) => /\b1 (rows|orders|observations)\b/.test(one));
    check('one is one', many.length === 0, many);
    const { status, q_alpha: wide } = await calibrate(3);
    check('three are enough for a factor, not for an interval', status === 'activated' && wide === null, [status, wide]);
    await page.click('nav >> text=Parts');
    await page.fill('input[name=part-number]', orders[0].part_number);
    await page.keyboard.press('Enter');
    await page.waitForSelector('input[name=lot_size]');
    await page.selectOption('select[name=environment]', env.id);
    await page.click('form button.primary');
    await page.waitForSelector('#price');
    check('which is told where it lacks', (await page.textContent('#quote')).includes('it takes more actual costs'));
    await page.goto(`${url}/console#/environments/${env.id}/calibration`);
    await places(page, env);
    await page.context().close();
}

// what is changed far down a page is told there, and one is where one was
async function places(page, env) {
    await page.setViewportSize({ width: 1200, height: 700 });
    await page.click('text=Machines and rates');
    await page.waitForSelector('figure canvas');
    const seen = (one) => page.locator(one).evaluate((node) => {
        const { top, bottom } = node.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
    });
    await page.locator('[aria-label^="Disable"]').last().click();
    await page.waitForSelector('[aria-label^="Enable"]:focus');
    await page.waitForFunction(() => Chart.getChart(document.querySelector('figure canvas')));
    await page.waitForTimeout(200);
    check('a machine is disabled where it stands', await seen('[aria-label^="Enable"]'));
    check('and that is told in sight', (await page.textContent('#status')).endsWith('is disabled.') && (await seen('#status')),
        await page.textContent('#status'));
    await page.click('#all-values');
    const names = await page.$$eval('[role=region], section', (list) =>
        list.map((one) => one.getAttribute('aria-label') ?? document.getElementById(one.getAttribute('aria-labelledby')).textContent));
    check('no two regions have one name', new Set(names).size === names.length, names);
    await page.locator('[aria-label^="Remove"]').first().click();
    await page.waitForFunction(() => document.activeElement.id === 'all-values');
    check('a rate is removed where it stands', await page.locator('[aria-label^="Remove"]').first().isVisible());
}

// nothing to show, and numbers that are large
async function extremes() {
    const page = await newPage('extremes', { viewport: { width: 390, height: 800 } });
    await signIn(page);
    const name = await openCreator(page);
    await name('X'.repeat(200));
    await page.click('text=Create');
    await page.waitForSelector('text=No machine yet');
    await accessible(page, axe, 'an environment without anything');
    check('a name without spaces does not widen a phone', await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await shoot(page, 'empty');
    await page.click('text=Calibration');
    await page.waitForSelector('text=Not calibrated yet');
    await accessible(page, axe, 'a calibration without anything');
    await page.click('text=Machines and rates');
    await page.click('#rate-editor summary');
    await page.fill('input[name=material_ref]', 'Ti-6Al-4V ELI, مطروق, 鍛造, '.repeat(6));
    await page.fill('input[name=price_per_kg]', '999999999');
    await page.keyboard.press('Enter');
    await page.waitForSelector('figure canvas');
    await page.waitForTimeout(200);
    check('long names and large numbers do not widen it', await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await shoot(page, 'extremes');
    await page.context().close();
}

for (const stage of [busy, gone, revoked, many, slow, machineless, half, few, extremes])
    await stage().catch((error) => check(stage.name, false, error.stack.slice(0, 900)));
await end();
