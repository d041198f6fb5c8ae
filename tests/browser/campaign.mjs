#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// A campaign from the console's side: three people are invited by clicks, answer on their pages, the console shows how
// far and how good it is, closes and promotes it, and saves the ground truth. campaign.mjs URL KEY DIR
import { readFileSync } from 'node:fs';
import { accessible, check, client } from './browser.mjs';
import { open } from './console_kit.mjs';

const { url, key, axe, newPage, signIn, shoot, end } = await open('campaign');
const api = client(url, key);
const right = ['Bore 1', 'Bore 2', 'Bore 3', 'قطر الثقب 4', '穴径 5'];
const wrong = ['Thread 1', 'Thread 2', 'Thread 3'];
const name = 'Bores and threads of the pump housings, second series, drawn by the old office (عينة)';

async function answerAll(page) {
    await page.waitForSelector('#start:not([hidden])');
    await page.click('#redeem');
    await page.waitForSelector('#task:not([hidden])');
    await page.click('#settings summary');
    await page.selectOption('#delay', '0');
    await page.click('#prompt');
    for (let done = 0; ; ) {
        await page.waitForFunction(
            (before) => !document.getElementById('notice').hidden || document.getElementById('progress').textContent.startsWith(before),
            done ? `${done} done` : 'Nothing',
        );
        if (await page.isVisible('#notice')) {
            if ((await page.textContent('#notice-title')).startsWith('All done')) return done;
            await page.click('#notice-again');
            await page.waitForTimeout(300);
            continue;
        }
        await page.waitForTimeout(320); // keys in the first moments are taken as meant for the task before
        const prompt = await page.textContent('#prompt');
        await page.click(`[data-verdict=${wrong.includes(prompt) ? 'reject' : 'confirm'}]`);
        done++;
    }
}

async function campaign() {
    const made = await api('POST', '/campaigns', { name, target_redundancy: 3, gold_fraction: 0 }, 201);
    await api('POST', `/campaigns/${made.id}/tasks`, {
        tasks: [...right, ...wrong].map((prompt) => ({ prompt, target_kind: 'field', field_name: 'size', predicted_value: prompt })),
    }, 201);
    const page = await newPage('owner', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
    await signIn(page, `#/labeling/${made.id}`);
    await page.waitForSelector('figure canvas');
    await accessible(page, axe, 'a campaign without answers, on a phone in the dark');
    await page.click('#inviter summary');
    const people = [];
    for (const who of ['ada', 'ben', 'cleo']) {
        await page.fill('input[name=email]', `${who}@campaign.example.org`);
        await page.keyboard.press('Enter');
        await page.waitForFunction((who) => document.querySelector('#invitation')?.textContent.includes(who), who);
        const link = await page.inputValue('#invitation input');
        const annotator = await newPage(who);
        await annotator.goto(link);
        people.push(annotator);
    }
    await shoot(page, 'invited');
    check('the link is in no list of calls', !(await page.textContent('#calls-list')).includes('token='));
    const counts = await Promise.all(people.map(answerAll));
    check('each of the three was asked everything', counts.every((count) => count === right.length + wrong.length), counts);
    await page.click('nav >> text=Labeling');
    await page.click(`td >> text=${name}`);
    await page.waitForSelector('text=8 of 8 tasks decided');
    await page.waitForSelector('text=agree well enough');
    await page.waitForTimeout(200);
    await accessible(page, axe, 'a campaign that is decided');
    check('a long name does not widen the page', await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await shoot(page, 'decided');
    await page.focus('[aria-label="Revoke cleo@campaign.example.org"]');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => !document.querySelector('[aria-label^="Revoke cleo"]'));
    check('the focus stays with the people', await page.evaluate(() => document.activeElement.getAttribute('aria-label') === 'Invited'));
    await page.click('text=Close');
    await page.waitForSelector('p.soft >> text=/^closed/');
    await page.click('#promote');
    await page.waitForSelector('#truth');
    check('all became ground truth', (await page.textContent('#promoted')).startsWith('8 tasks'));
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#truth')]);
    const rows = readFileSync(await download.path(), 'utf8').trim().split('\r\n');
    check('and are saved', rows.length === 9 && rows.some((row) => row.includes('穴径 5,field,size,confirm')), rows);
    for (const one of people) await one.context().close();
    await page.context().close();
}

await campaign().catch((error) => check('the campaign comes to its end', false, error.stack.slice(0, 900)));
await end();
