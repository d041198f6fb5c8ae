#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The annotator's page in Chromium: annotate.mjs URL KEY DIR; DIR has node_modules and gets the pictures. Three
// annotators, each in a browser context of its own, take a campaign from their links to its promotion; then what goes
// wrong: links that are not good, a lost network, lost answers, reloads, a session that is taken away.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { read } from '../../nginx/html/annotate/value.js';
import { accessible, check, client, launch, summary, tools, watch } from './browser.mjs';

const [url, apiKey, dir] = process.argv.slice(2);
const { chromium, axe } = tools(dir);
const api = client(url, apiKey);
const pictures = join(dir, 'pictures');
mkdirSync(pictures, { recursive: true });
const browser = await launch(chromium);
const errors = [];

const shoot = (page, name) => page.screenshot({ path: join(pictures, `annotate-${name}.png`) });
const shown = (page, id) => page.waitForSelector(`#${id}:not([hidden])`, { timeout: 10000 });
const title = (page) => page.textContent('#notice-title');
const status = (page, text, timeout = 10000) =>
    page.waitForFunction((text) => document.getElementById('status').textContent.includes(text), text, { timeout });

async function newPage(who, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10000);
    errors.push(watch(page, who, url));
    return page;
}

async function campaign(name, tasks, redundancy, gold = 0) {
    const made = await api('POST', '/campaigns',
        { name, target_redundancy: redundancy, gold_fraction: gold, consensus_method: 'majority' }, 201);
    await api('POST', `/campaigns/${made.id}/tasks`, { tasks }, 201);
    return made.id;
}

const invite = (id, name) => api('POST', `/campaigns/${id}/assignments`,
    { email: `${name.toLowerCase()}@example.org`, display_name: name }, 201);

async function enter(page, assignment) {
    await page.goto(`${url}/annotate/#${assignment.magic_link_token}`);
    await shown(page, 'start');
    await page.click('#redeem');
}

// Waits until the page shows a task that is not the one before, or a notice: the prompt, or null.
async function prompt(page, before) {
    await page.waitForFunction((before) => !document.getElementById('notice').hidden
        || (!document.getElementById('task').hidden && !document.getElementById('verdicts').hidden
            && document.getElementById('prompt').textContent !== before), before, { timeout: 20000 });
    if (!await page.evaluate(() => document.getElementById('notice').hidden)) return null;
    await page.waitForTimeout(320); // keys in the first moments are taken as meant for the task before
    return page.textContent('#prompt');
}

// --- a campaign from the links to the promotion

const tasks = [
    { prompt: 'Is this thread right?', target_kind: 'feature', detail_kind: 'thread', field_name: 'thread',
        predicted_value: 'M6x1', field_path: 'features[3].thread', drawing_bbox: [212, 64, 251, 92] },
    { prompt: 'Is the bore diameter right?', target_kind: 'field', field_name: 'bore diameter', predicted_value: 12.5 },
    { prompt: 'Is the part hardened?', target_kind: 'field', field_name: 'hardened', predicted_value: true },
    { prompt: 'Is this tolerance right?', target_kind: 'pmi',
        predicted_value: { fit: 'H7', nominal: 40, deviation: [0, 0.025] } },
    { prompt: 'Are these operations complete?', target_kind: 'operation', predicted_value: ['saw', 'turn', 'deburr'] },
    { prompt: 'Which material is it?', target_kind: 'material', field_name: 'material', position: [12, 40, 7.5] },
    { prompt: 'Is this roughness right?', target_kind: 'drawing_region', predicted_value: 'Ra 1.6',
        drawing_bbox: [0.55, 0.3, 0.57, 0.32] },
    { prompt: 'Is the number of holes right?', target_kind: 'field', field_name: 'holes', predicted_value: 3,
        position: [0.4, 0.6] },
];
// what each annotator says; the consensus that must come of it
const answers = {
    'Is this thread right?': { say: ['confirm', 'confirm', 'confirm'], verdict: 'confirm', value: 'M6x1' },
    'Is the bore diameter right?': { say: ['correct', 'correct', 'correct'], typed: '12.75', verdict: 'correct', value: 12.75 },
    'Is the part hardened?': { say: ['reject', 'reject', 'reject'], verdict: 'reject' },
    'Is this tolerance right?': { say: ['correct', 'correct', 'correct'], typed: '{"fit": "H8", "nominal": 40}',
        picture: 'object', verdict: 'correct', value: { fit: 'H8', nominal: 40 } },
    'Are these operations complete?': { say: ['confirm', 'confirm', 'confirm'], verdict: 'confirm',
        value: ['saw', 'turn', 'deburr'] },
    'Which material is it?': { say: ['correct', 'correct', 'correct'], typed: 'S355J2', picture: 'position', verdict: 'correct',
        value: 'S355J2' },
    'Is this roughness right?': { say: ['confirm', 'confirm', 'unsure'], verdict: 'confirm', value: 'Ra 1.6' },
    'Is the number of holes right?': { say: ['confirm', 'confirm', 'confirm'], undo: true, verdict: 'confirm', value: 3 },
};
const keys = { confirm: 'y', reject: 'n', correct: 'c', unsure: 'u' };

// annotator 0 has the keyboard alone, 1 the mouse, 2 a phone
async function work(page, number) {
    const press = (key, selector) => (number === 0 ? page.keyboard.press(key) : page.click(selector));
    let done = 0;
    let text = await prompt(page, '');
    for (let looks = 0; looks < 40; looks++) {
        if (text === null) {
            if (!(await title(page)).startsWith('Nothing free')) return done;
            await page.waitForTimeout(300);
            await page.click('#notice-again');
            await page.waitForTimeout(200);
            text = await prompt(page, '');
            continue;
        }
        const plan = answers[text];
        if (number === 0 && plan.picture) await shoot(page, plan.picture);
        if (plan.undo) {
            await press('n', '[data-verdict=reject]');
            await shown(page, 'held');
            if (number === 2) await shoot(page, 'held-phone');
            if (number) await page.waitForTimeout(320);
            await press('z', '#undo');
            await shown(page, 'verdicts');
            await status(page, 'Taken back');
        }
        const verdict = plan.say[number];
        await press(keys[verdict], `[data-verdict=${verdict}]`);
        if (verdict === 'correct') {
            await shown(page, 'editor');
            await page.fill('#corrected', plan.typed);
            if (number === 0) await page.keyboard.press('Control+Enter');
            else await page.click('#editor button[type=submit]');
        }
        await shown(page, 'held');
        if (number) await page.waitForTimeout(320); // clicks, too
        await press('Enter', '#send-now');
        done++;
        text = await prompt(page, text);
    }
    throw new Error('a session without end');
}

async function wholeCampaign() {
    const id = await campaign('Threads and bores', tasks, 3);
    const people = [];
    for (const [name, options] of [['Ada', {}], ['Ben', { colorScheme: 'dark' }],
        ['Cleo', { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2,
            reducedMotion: 'reduce' }]])
        people.push({ name, invited: await invite(id, name), page: await newPage(name, options) });

    const [ada, ben, cleo] = people.map((one) => one.page);
    for (const { page, invited, name } of people) {
        await page.goto(`${url}/annotate/#token=${invited.magic_link_token}`);
        await shown(page, 'start');
        check(`${name}: the token is out of the address`, page.url() === `${url}/annotate/`, page.url());
        check(`${name}: and in no storage`, !(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage })))
            .includes(invited.magic_link_token));
    }
    await shoot(ada, 'start');
    await accessible(ada, axe, 'the start');
    const policy = (await (await fetch(`${url}/annotate/`)).headers).get('content-security-policy') ?? '';
    check('the policy forbids inline scripts and styles', policy.includes("default-src 'none'") && !policy.includes('unsafe'), policy);
    for (const { page, name } of people) {
        await page.click('#redeem');
        await shown(page, 'task');
        check(`${name}: is greeted by name`, await page.textContent('#who') === name);
        check(`${name}: the heading has the focus`, await page.evaluate(() => document.activeElement.id === 'prompt'));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        check(`${name}: nothing sticks out sideways`, wide <= 0, wide);
    }
    await accessible(ada, axe, 'a task');
    await accessible(ben, axe, 'a task in the dark');
    await accessible(cleo, axe, 'a task on a phone');
    await shoot(ada, 'task');
    await shoot(ben, 'task-dark');
    await shoot(cleo, 'task-phone');

    const counts = await Promise.all(people.map((one, number) => work(one.page, number)));
    check('each annotator was asked everything once', counts.every((count) => count === tasks.length), counts);
    for (const { page, name } of people) {
        check(`${name}: is told that all is done`, (await title(page)).startsWith('All done'), await title(page));
        check(`${name}: sees the count`, /^8 done · \d+\.\d per minute$/.test(await page.textContent('#progress')),
            await page.textContent('#progress'));
    }
    await shoot(ben, 'drained-dark');

    const listed = await api('GET', `/campaigns/${id}/tasks`);
    for (const task of listed.data ?? listed) {
        const plan = answers[task.prompt];
        check(`${task.prompt} is resolved`, task.status === 'resolved' && task.submission_count === 3,
            [task.status, task.submission_count]);
        check(`${task.prompt} ${plan.verdict}`, task.consensus_verdict === plan.verdict, task.consensus_verdict);
        if (plan.verdict !== 'reject')
            check(`${task.prompt} has its value`, JSON.stringify(task.consensus_value) === JSON.stringify(plan.value),
                task.consensus_value);
    }
    await api('POST', `/campaigns/${id}/close`);
    await ada.click('#notice-again');
    await ada.waitForFunction(() => document.getElementById('notice-title').textContent.includes('closed'));
    check('a closed campaign offers no further look', await ada.isHidden('#notice-again'));
    const promoted = await api('POST', `/campaigns/${id}/promote`);
    check('the campaign is promoted', promoted.accepted && promoted.promoted === tasks.length, promoted);
    for (const { page } of people) await page.context().close();
}

// --- links

async function links() {
    const id = await campaign('Links', [{ prompt: 'One', target_kind: 'field', predicted_value: 'a' }], 1);
    const invited = await invite(id, 'Dora');
    const first = await newPage('first');
    await first.goto(`${url}/annotate/#${invited.magic_link_token}`);
    await shown(first, 'start'); // opened, not clicked
    const second = await newPage('second');
    await enter(second, invited);
    await shown(second, 'task');
    check('a link that was only opened is still good', await second.textContent('#prompt') === 'One');
    await first.route('**/annotator-sessions', (route) => route.abort(), { times: 1 });
    await first.click('#redeem');
    await status(first, 'No connection');
    await shown(first, 'notice');
    check('nothing is tried again where all is said', (await first.textContent('#status')) === '', await first.textContent('#status'));
    check('a used link is explained', (await title(first)).startsWith('This link does not work'), await title(first));
    await shoot(first, 'used-link');
    await accessible(first, axe, 'a notice');
    await enter(first, { magic_link_token: 'x'.repeat(43) });
    await shown(first, 'notice');
    check('so is a wrong one', (await title(first)).startsWith('This link does not work'), await title(first));
    await enter(first, { magic_link_token: `${'x'.repeat(42)}%` });
    await shown(first, 'notice');
    check('so is a damaged one', (await title(first)).startsWith('This link does not work'), await title(first));
    await first.goto('about:blank');
    await first.goto(`${url}/annotate/`);
    await shown(first, 'notice');
    check('and none', (await title(first)).startsWith('Open your link'), await title(first));
    await first.route('**/annotator-sessions', async (route) => {
        await route.fetch();
        await route.abort();
    }, { times: 1 });
    await enter(first, await invite(id, 'Dave'));
    await first.waitForFunction(() => !document.getElementById('notice').hidden || !document.getElementById('task').hidden);
    check('an answer that is lost on the way is had again', !(await title(first)).startsWith('This link'), await title(first));
    await first.context().close();
    await second.context().close();
}

// --- editor

async function editor() {
    const id = await campaign('Editor', [{ prompt: 'Depth', target_kind: 'field', predicted_value: 12.5, drawing_bbox: [10, 10, 60, 30] }], 1);
    const page = await newPage('editor', { colorScheme: 'dark' });
    await enter(page, await invite(id, 'Eve'));
    await prompt(page, '');
    await page.keyboard.press('c');
    await shown(page, 'editor');
    const flaw = async (typed) => {
        await page.fill('#corrected', typed);
        await page.keyboard.press('Enter');
        return page.textContent('#editor-flaw');
    };
    check('a number stays a number', (await flaw('about 12')).startsWith('This is not a number'));
    check('a comma is no decimal point', (await flaw('12,75')).includes('with a point'));
    check('a correction differs', (await flaw('12.50')).includes('confirm it instead'));
    check('digits are not lost', (await flaw('12345678901234567')).includes('more digits'));
    await shoot(page, 'editor-dark');
    await accessible(page, axe, 'the editor in the dark');
    await page.keyboard.press('Escape');
    await shown(page, 'verdicts');
    await page.keyboard.press('Control+y');
    await page.keyboard.press('x');
    check('other keys do nothing', await page.isHidden('#held'));
    await page.click('summary');
    await page.uncheck('#keys-on');
    await page.keyboard.press('y');
    check('keys can be switched off', await page.isHidden('#held'));
    await page.check('#keys-on');
    await page.click('summary');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('n');
    await shown(page, 'held');
    await shoot(page, 'held-dark');
    await accessible(page, axe, 'a held answer in the dark');
    await shown(page, 'notice'); // nobody pressed anything: it was sent by itself
    check('an answer is sent after three seconds', (await title(page)).startsWith('All done'), await title(page));
    await page.context().close();
}

// --- values that look odd, hands that are fast, keyboards of other scripts, an end in the middle

async function odd() {
    check('blanks around a text are none of it', read('text', ' M8 ').value === 'M8', read('text', ' M8 '));
    const page = await newPage('odd');
    const about = async (task) => {
        const id = await campaign('Odd', [{ target_kind: 'field', ...task }], 1);
        await enter(page, await invite(id, 'Jo'));
        await prompt(page, '');
        return id;
    };
    await about({ prompt: 'هل القطر صحيح؟ (M6)\nنعم!', predicted_value: ' ', position: [-50, 1e308] });
    check('what cannot be drawn is told', (await page.textContent('#drawing')).startsWith('Position x -50, y 1e+308; it reaches beyond'),
        await page.textContent('#drawing'));
    check('a text of blanks is told', await page.textContent('#predicted') === 'Empty text');
    check('text runs as its script does, and in its lines', await page.evaluate(() => {
        const style = getComputedStyle(document.getElementById('prompt'));
        return style.unicodeBidi === 'plaintext' && style.whiteSpace.startsWith('pre-line');
    }));
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const heading = nodes.find((node) => node.role.value === 'heading' && node.description?.value);
    check('who hears the question hears the value', heading?.description.value.includes('Empty text'), heading?.description);

    await about({ prompt: 'Hardened?', predicted_value: true });
    await page.evaluate(() => document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'с', code: 'KeyC', bubbles: true }))); // Cyrillic
    await shown(page, 'editor');
    await page.keyboard.press('Enter');
    await shown(page, 'held');
    check('yes or no is taken by Enter, which sends nothing', (await page.textContent('#held-said')) === 'Corrected to no.');

    const id = await about({ prompt: 'Twice', predicted_value: 'a' });
    await api('POST', `/campaigns/${id}/tasks`, { tasks: [{ target_kind: 'field', prompt: 'Next', predicted_value: 'b' }] }, 201);
    for (const [typed, wanted] of [['ab', 'a'], ['', 'ab']]) {
        await page.keyboard.press('c');
        check('what was typed and taken back is offered again', (await page.inputValue('#corrected')) === wanted, await page.inputValue('#corrected'));
        if (!typed) break;
        await page.fill('#corrected', typed);
        await page.keyboard.press('Enter');
        await shown(page, 'held');
        await page.keyboard.press('z');
        await shown(page, 'verdicts');
    }
    await page.keyboard.press('Escape');
    const box = await (await page.$('[data-verdict=confirm]')).boundingBox();
    const clickTwice = async () => {
        for (const clickCount of [1, 2]) {
            await page.mouse.click(box.x + box.width / 4, box.y + box.height - 4, { clickCount });
            await page.waitForTimeout(120);
        }
    };
    await clickTwice();
    check('a double click does not send what it says', await page.isVisible('#held'));
    await page.waitForTimeout(320);
    await page.click('#undo');
    await page.click('#settings summary');
    await page.selectOption('#delay', '0');
    await clickTwice();
    await page.waitForTimeout(320);
    check('nor answers the next task', (await page.textContent('#progress')).startsWith('1 done')
        && await page.textContent('#prompt') === 'Next', await page.textContent('#progress'));
    await api('POST', `/campaigns/${id}/close`);
    await page.click('[data-verdict=reject]');
    await status(page, 'was not taken');
    check('what a closed campaign did not take is told', (await title(page)).includes('closed'), await title(page));
    await page.context().close();
}

// --- network, reload

async function troubles() {
    const id = await campaign('Troubles', ['a', 'b', 'c', 'd', 'e'].map((name) =>
        ({ prompt: `Task ${name}`, target_kind: 'field', predicted_value: name })), 1);
    const page = await newPage('troubles');
    await enter(page, await invite(id, 'Finn'));
    let text = await prompt(page, '');

    await page.context().setOffline(true);
    await page.keyboard.press('y');
    await shown(page, 'held');
    await page.keyboard.press('Enter');
    await status(page, 'No connection');
    await shoot(page, 'offline');
    await page.context().setOffline(false);
    text = await prompt(page, text);
    check('a lost network is waited for', text !== null);

    // the service has the answer, but the page does not hear of it
    const sent = [];
    await page.route('**/submit', async (route) => {
        sent.push(route.request().headers()['idempotency-key']);
        if (sent.length > 1) {
            await route.continue();
            return;
        }
        await route.fetch();
        await route.abort();
    });
    await page.keyboard.press('y');
    await shown(page, 'held');
    await page.keyboard.press('Enter');
    text = await prompt(page, text);
    await page.unroute('**/submit');
    check('what was not answered is sent again under the same key', sent.length === 2 && sent[0] === sent[1], sent);
    check('and counts once', (await page.textContent('#progress')).startsWith('2 done'), await page.textContent('#progress'));

    // the lease is said to have ended: the task comes back, and the answer goes with it under a key of its own
    const late = [];
    await page.route('**/submit', (route) => {
        late.push(route.request().headers()['idempotency-key']);
        if (late.length > 1) return route.continue();
        return route.fulfill({ status: 409, contentType: 'application/json', body: JSON.stringify({ error: { code: 'conflict',
            message: 'The lease has expired.', details: { reason: 'lease_expired' }, doc_url: 'x' }, request_id: 'req_1' }) });
    });
    await page.click('#settings summary');
    await page.selectOption('#delay', '540');
    await page.click('#prompt');
    await page.keyboard.press('y');
    await shown(page, 'held');
    await page.waitForTimeout(1500);
    check('an answer can be held until it is sent', /Sending in 53\d s/.test(await page.textContent('#held-left')),
        await page.textContent('#held-left'));
    await page.keyboard.press('Enter');
    text = await prompt(page, text);
    await page.unroute('**/submit');
    check('an answer after the lease goes again with its task', late.length === 2 && late[0] !== late[1]
        && (await page.textContent('#progress')).startsWith('3 done'), [late, await page.textContent('#progress')]);
    await page.selectOption('#delay', '3');
    await page.click('#prompt');

    // left while an answer is held: it is sent on the way out or when the page is back, once
    await page.keyboard.press('y');
    await shown(page, 'held');
    await page.reload();
    text = await prompt(page, '');
    check('a reload keeps the session and the count', (await page.textContent('#progress')).startsWith('4 done'),
        await page.textContent('#progress'));
    await page.keyboard.press('y');
    await shown(page, 'held');
    await page.goto('about:blank'); // left for good
    const deadline = Date.now() + 5000;
    let resolved = 0;
    while (resolved !== 5 && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        resolved = (await api('GET', `/campaigns/${id}`)).resolved_count;
    }
    check('an answer held when the page is left is sent', resolved === 5, resolved);
    const listed = await api('GET', `/campaigns/${id}/tasks`);
    check('every task has one answer', (listed.data ?? listed).every((task) => task.submission_count === 1));
    await page.context().close();
}

// --- the queue has nothing

async function queueStates() {
    const id = await campaign('States', [{ prompt: 'Only one', target_kind: 'field', predicted_value: 1 }], 2);
    const [gil, hal] = [await newPage('gil'), await newPage('hal')];
    const invited = await invite(id, 'Gil');
    await enter(gil, invited);
    await prompt(gil, '');
    await enter(hal, await invite(id, 'Hal'));
    await shown(hal, 'notice');
    check('all in others\' hands', (await title(hal)).startsWith('Nothing free'), await title(hal));
    check('and when it looks again', /about \d+ seconds/.test(await hal.textContent('#notice-next')));
    await shoot(hal, 'all-claimed');
    await gil.keyboard.press('Enter');
    await shown(gil, 'held');
    await gil.keyboard.press('Enter');
    await prompt(gil, 'Only one');
    await shown(hal, 'task'); // by itself, after five seconds at most

    await hal.route('**/next-task', (route) => route.fulfill({ status: 503, contentType: 'application/json', headers: { 'Retry-After': '1' },
        body: '{"error":{"code":"unavailable","message":"x","details":{},"doc_url":"x"},"request_id":"req_1"}' }));
    await hal.reload();
    await status(hal, 'The service is busy');
    await hal.unroute('**/next-task');
    await prompt(hal, '');
    await shown(hal, 'task');

    await api('DELETE', `/campaigns/${id}/assignments/${invited.assignment.id}`);
    await gil.click('#notice-again');
    await gil.waitForFunction(() => document.getElementById('notice-title').textContent.includes('ended'));
    await shoot(gil, 'revoked');
    check('a revoked session leaves nothing behind', await gil.evaluate(() =>
        !JSON.stringify({ ...sessionStorage }).includes('annotator_token')));
    await gil.context().close();
    await hal.context().close();
}

// --- somebody who rejects whatever comes, honeypots too, and sends at once

async function blocked() {
    const asked = Array.from({ length: 16 }, (_, i) => ({ prompt: `Length ${i}`, target_kind: 'field', predicted_value: i,
        ...(i < 8 ? { is_gold: true, gold_answer: 'confirm' } : {}) }));
    const page = await newPage('blocked');
    await enter(page, await invite(await campaign('Honeypots', asked, 1, 0.8), 'Ivo'));
    let text = await prompt(page, '');
    await page.click('summary');
    await page.selectOption('#delay', '0');
    await page.click('#prompt'); // away from the choice: keys rest while something is chosen
    let said = 0;
    for (; text !== null && said < asked.length; said++) {
        await page.keyboard.press('n');
        text = await prompt(page, text);
    }
    check('a careless annotator is told that it is asked no longer', (await title(page)).startsWith('No more tasks'), await title(page));
    check('before the campaign is used up', said < 12, said);
    await shoot(page, 'blocked');
    await page.context().close();
}

try {
    for (const part of [wholeCampaign, links, editor, odd, troubles, queueStates, blocked]) {
        await part().catch((error) => check(part.name, false, String(error.stack ?? error).slice(0, 1500)));
    }
    check('no page wrote an error', errors.flat().length === 0, errors.flat());
} finally {
    await browser.close();
}
process.exit(summary('annotator page'));
