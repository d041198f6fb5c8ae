// SPDX-License-Identifier: GPL-3.0-or-later
// What browser tests share: checks that count, the service's API, Debian's Chromium, the accessibility check.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// build: the directory with node_modules; tests/browser/run fills it
export function tools(build) {
    const require = createRequire(join(build, 'package.json'));
    const { chromium } = require('playwright-core');
    const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    return { chromium, axe };
}

export function launch(chromium) {
    return chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync', '--no-proxy-server'],
    });
}

let passed = 0;
let failed = 0;

export function check(what, good, seen) {
    if (good) {
        passed++;
    } else {
        failed++;
        console.log(`FAIL ${what}${seen === undefined ? '' : `: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`}`);
    }
}

export function summary(name) {
    console.log(`${name}: ${passed} passed, ${failed} failed`);
    return failed ? 1 : 0;
}

// api(method, path under /api/v1/parts/labeling, body, status expected): the answer's JSON
export function client(url, key) {
    return async (method, path, body, status = 200) => {
        const headers = { 'X-API-Key': key };
        if (body !== undefined) headers['Content-Type'] = 'application/json';
        const answer = await fetch(`${url}/api/v1/parts/labeling${path}`, { method, headers, body: JSON.stringify(body) });
        const json = await answer.json();
        if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(json).slice(0, 500)}`);
        return json;
    };
}

// WCAG 2.2 A and AA, and axe's own best practices; serious and critical findings fail
export async function accessible(page, axe, where) {
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }));
    const bad = found.violations.filter((finding) => ['serious', 'critical'].includes(finding.impact));
    const words = (list) => list.map((finding) => `${finding.id} (${finding.impact}): ${finding.nodes[0].html.slice(0, 160)}`).join('; ');
    check(`${where} is accessible`, bad.length === 0, words(bad));
    if (found.violations.length > bad.length) console.log(`note: ${where}: ${words(found.violations.filter((f) => !bad.includes(f)))}`);
}

// Lines that a page writes as errors: policy violations, exceptions; requests to others than url. Answers of 4xx and
// lost connections are expected.
export function watch(page, who, url) {
    const errors = [];
    page.on('request', (request) => {
        if (!['data:', 'blob:', 'about:', `${url}/`].some((own) => request.url().startsWith(own)))
            errors.push(`${who}: asks ${request.url()}`);
    });
    page.on('pageerror', (error) => errors.push(`${who}: ${error}`));
    page.on('console', (line) => {
        if (line.type() === 'error' && !line.text().startsWith('Failed to load resource')) errors.push(`${who}: ${line.text()}`);
    });
    return errors;
}
