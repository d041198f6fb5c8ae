#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The public JSON parsing suite against a JSON endpoint: every n_ file and the two with duplicate names are 400,
// every other y_ file is read (422: it is not an environment), nothing is ever written. Skips where the suite is absent.
// json_suite.mjs STACK-FILE
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { request } from 'node:http';

const stack = Object.fromEntries(readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
const folder = `${process.env.COSTWRIGHT_DATA ?? '../shared/data'}/json/test_parsing`;
if (!existsSync(folder)) {
    console.log('skipped: the JSON parsing suite is not here');
    console.log('json suite: 0 passed, 0 failed');
    process.exit(0);
}
const base = new URL(stack.url);
const post = (body) => new Promise((resolve, reject) => {
    const sent = request({ host: base.hostname, port: base.port, method: 'POST', path: '/api/v1/parts/environments',
        headers: { 'X-API-Key': stack.key, 'Content-Type': 'application/json', 'Content-Length': body.length } }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
});

let passed = 0;
let failed = 0;
for (const name of readdirSync(folder).sort()) {
    const { status, text } = await post(readFileSync(`${folder}/${name}`));
    const malformed = name.startsWith('n_') || name.startsWith('y_object_duplicated_key');
    const allowed = malformed ? [400] : name.startsWith('y_') ? [422] : [400, 422];
    let enveloped = false;
    try {
        enveloped = JSON.parse(text).error.code === { 400: 'bad_request', 422: 'validation_error' }[status];
    } catch { /* not JSON: reported below */ }
    if (allowed.includes(status) && enveloped) passed++;
    else {
        failed++;
        console.log(`FAIL ${name}: ${status} ${text.slice(0, 200)}`);
    }
}
console.log(`json suite: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
