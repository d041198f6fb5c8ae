#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Runs API cases (JSON lines) against a stack: run.mjs URL-FILE CASES...; URL-FILE holds what tests/stack start printed.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';

const [stackFile, ...files] = process.argv.slice(2);
const stack = Object.fromEntries(readFileSync(stackFile, 'utf8').split('\n').filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
const base = new URL(stack.url);
const keys = { key: stack.key, key_read: stack.key_read, key_other: stack.key_other, admin: stack.admin_key };
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function call(method, path, headers, body) {
    return new Promise((resolve, reject) => {
        const sent = request({ host: base.hostname, port: base.port, method, path, headers }, (answer) => {
            const chunks = [];
            answer.on('data', (chunk) => chunks.push(chunk));
            answer.on('end', () => {
                const text = Buffer.concat(chunks).toString();
                let json;
                try {
                    json = JSON.parse(text);
                } catch {
                    json = undefined;
                }
                resolve({ status: answer.statusCode, headers: answer.headers, text, json });
            });
        });
        sent.on('error', reject);
        if (body !== undefined) sent.write(body);
        sent.end();
    });
}

// every ${name} of a text; a text that is nothing but one takes the value's own type
function substitute(value, vars) {
    if (typeof value === 'string') {
        const whole = /^\$\{([\w.]+)\}$/.exec(value);
        if (whole && whole[1] in vars) return vars[whole[1]];
        return value.replace(/\$\{([\w.]+)\}/g, (all, name) => (name in vars ? vars[name] : all));
    }
    if (Array.isArray(value)) return value.map((item) => substitute(item, vars));
    if (value && typeof value === 'object')
        return Object.fromEntries(Object.entries(value).map(([k, v]) => [substitute(k, vars), substitute(v, vars)]));
    return value;
}

// null when got holds what is expected, else where they differ
function differs(expected, got, at) {
    const say = () => `${at}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)?.slice(0, 300)}`;
    if (expected === '$any') return got === undefined ? say() : null;
    if (expected === '$uuid') return typeof got === 'string' && uuid.test(got) ? null : say();
    if (expected === '$uuid4') return uuid.test(got) && got[14] === '4' ? null : say(); // tells nothing of when it was made
    if (expected === '$number') return typeof got === 'number' ? null : say();
    if (expected === '$string') return typeof got === 'string' ? null : say();
    if (Array.isArray(expected)) {
        if (!Array.isArray(got) || got.length !== expected.length) return say();
        for (let i = 0; i < expected.length; i++) {
            const flaw = differs(expected[i], got[i], `${at}[${i}]`);
            if (flaw) return flaw;
        }
        return null;
    }
    if (expected && typeof expected === 'object') {
        if (expected.$close) {
            const [value, tolerance] = expected.$close;
            return typeof got === 'number' && Math.abs(got - value) <= tolerance ? null : say();
        }
        if (expected.$length !== undefined) return got?.length === expected.$length ? null : say();
        if (expected.$has) // some item of the array fits
            return Array.isArray(got) && got.some((item) => !differs(expected.$has, item, at)) ? null : say();
        if (expected.$keys)
            return got && JSON.stringify(Object.keys(got).sort()) === JSON.stringify([...expected.$keys].sort()) ? null : say();
        if (!got || typeof got !== 'object') return say();
        for (const [key, value] of Object.entries(expected)) {
            const flaw = differs(value, got[key], `${at}.${key}`);
            if (flaw) return flaw;
        }
        return null;
    }
    return Object.is(expected, got) ? null : say();
}

const pick = (json, path) => path.split('.').reduce((value, step) => value?.[step], json);

async function runCase(test, vars) {
    const [method, path, body] = substitute(test.request, vars);
    const headers = { ...substitute(test.headers ?? {}, vars) };
    const as = test.as ?? 'key';
    if (as !== 'none' && !headers.Authorization) headers['X-API-Key'] = keys[as] ?? vars[as];
    let bytes;
    if (test.raw !== undefined) bytes = test.raw;
    else if (body !== undefined) bytes = JSON.stringify(body);
    if (bytes !== undefined) {
        headers['Content-Type'] ??= 'application/json';
        headers['Content-Length'] = Buffer.byteLength(bytes);
    }
    const got = await call(method, path, headers, bytes);
    if (got.status !== test.status) return `status ${got.status}, expected ${test.status}: ${got.text.slice(0, 500)}`;
    if (got.status >= 400) {
        if (got.json?.error?.doc_url === undefined || got.json.request_id !== got.headers['x-request-id'])
            return `not our error envelope: ${got.text.slice(0, 300)}`;
    }
    if (got.headers['x-api-version'] !== '2026-04-24') return 'no X-API-Version';
    if (test.expect !== undefined) {
        const flaw = differs(substitute(test.expect, vars), got.json, 'answer');
        if (flaw) return flaw;
    }
    for (const [name, value] of Object.entries(test.expect_headers ?? {})) {
        const flaw = differs(substitute(value, vars), got.headers[name.toLowerCase()], name);
        if (flaw) return flaw;
    }
    for (const [name, path_] of Object.entries(test.save ?? {}))
        vars[name] = path_.startsWith('header:') ? got.headers[path_.slice(7).toLowerCase()] : pick(got.json, path_);
    return null;
}

let passed = 0;
let failed = 0;
for (const file of files) {
    const vars = { ...stack, unique: `${process.pid}-${Date.now()}` };
    const lines = readFileSync(file, 'utf8').split('\n');
    for (let number = 0; number < lines.length; number++) {
        const line = lines[number].trim();
        if (!line || line.startsWith('#')) continue;
        const test = JSON.parse(line);
        const flaw = await runCase(test, vars).catch((error) => String(error));
        if (flaw) {
            failed++;
            console.log(`FAIL ${file}:${number + 1} ${test.name}\n     ${flaw}`);
        } else {
            passed++;
        }
    }
}
console.log(`api cases: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
