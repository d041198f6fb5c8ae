// SPDX-License-Identifier: GPL-3.0-or-later
// A browser for tests of the console: pages that are watched, the sign-in, pictures. The words of the command line are
// URL KEY DIR; DIR has node_modules and gets the pictures.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { check, launch, summary, tools, watch } from './browser.mjs';

export async function open(name) {
    const [url, key, dir] = process.argv.slice(2);
    const { chromium, axe } = tools(dir);
    const pictures = join(dir, 'pictures');
    mkdirSync(pictures, { recursive: true });
    const browser = await launch(chromium);
    const errors = [];

    async function newPage(who, options = {}) {
        const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
        const page = await context.newPage();
        page.setDefaultTimeout(15000);
        errors.push(watch(page, who, url));
        page.on('dialog', (dialog) => dialog.accept());
        return page;
    }

    async function signIn(page, where = '') {
        await page.goto(`${url}/console${where}`);
        await page.fill('input[name=key]', key);
        await page.keyboard.press('Enter');
        await page.waitForSelector('#nav:not([hidden])');
    }

    // the last check; ends the process
    async function end() {
        const lines = errors.flat();
        check('no error, no breach of the policy, no other host in any page', lines.length === 0, lines.slice(0, 5));
        await browser.close();
        process.exit(summary(name));
    }

    const shoot = (page, what) => page.screenshot({ path: join(pictures, `${name}-${what}.png`), fullPage: true });
    return { url, key, axe, pictures, newPage, signIn, shoot, end };
}

// for $$eval: the texts of those elements that take more than one line
export const inLines = (elements) =>
    elements
        .filter((one) => {
            const range = document.createRange();
            range.selectNodeContents(one);
            return new Set([...range.getClientRects()].map((line) => line.top)).size > 1;
        })
        .map((one) => one.textContent);

// The longest task of a page's main thread in a trace, in milliseconds. CPU time is judged: on a busy machine the clock tells how busy it is.
export function longestTask(trace) {
    const { traceEvents: events } = JSON.parse(trace);
    const thread = (event) => `${event.pid}:${event.tid}`;
    const mains = new Set(events.filter((one) => one.args?.name === 'CrRendererMain').map(thread));
    const tasks = events.filter((one) => one.name === 'ThreadControllerImpl::RunTask' && mains.has(thread(one)));
    const most = (name) => Math.round(Math.max(0, ...tasks.map((one) => one[name] ?? 0)) / 1000);
    return { wall: most('dur'), cpu: most('tdur') };
}
