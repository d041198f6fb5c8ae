// SPDX-License-Identifier: GPL-3.0-or-later
// Private stacks of the benchmarks: started when a row first asks for one, ended with the run.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { promisify } from 'node:util';
import { run, top } from './measure.mjs';

export const work = mkdtempSync('/tmp/costwright-bench.');
const running = new Map();

const keyed = (text) => Object.fromEntries(text.split('\n').filter(Boolean).map((line) => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)];
}));

// pids by the files under dir that their command line or log names
function pidsOf(dir, of) {
    const found = [];
    for (const pid of readdirSync('/proc')) {
        if (!/^\d+$/.test(pid)) continue;
        try {
            const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
            const ours = of === 'app' ? args.includes(`${dir}/costwright.conf`) : of === 'db' ? args.includes(`--datadir=${dir}/db`)
                : args[0].startsWith('nginx: ') && readlinkSync(`/proc/${pid}/fd/2`) === `${dir}/logs/error.log`;
            if (ours) found.push(Number(pid));
        } catch {
            // ended meanwhile
        }
    }
    return found;
}

function call(base, key, method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
        const bytes = body === undefined ? undefined : Buffer.from(typeof body === 'object' ? JSON.stringify(body) : body);
        const sent = request({ host: base.hostname, port: base.port, method, path, agent: false,
            headers: { 'X-API-Key': key, ...(bytes ? { 'Content-Type': 'application/json', 'Content-Length': bytes.length } : {}), ...headers } },
        (answer) => {
            const chunks = [];
            answer.on('data', (chunk) => chunks.push(chunk));
            answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
        });
        sent.on('error', reject);
        sent.end(bytes);
    });
}

// workers are not replaced while they are measured: the CPU of one that left could not be read
const unending = ['--set', 'worker_requests=100000000'];

export async function startStack(name, options = [], env = {}) {
    const dir = `${work}/${name}`;
    const begun = performance.now();
    const { stdout } = await promisify(execFile)(`${top}/tests/stack`, ['start', dir, ...unending, ...options], { env: { ...process.env, ...env } });
    const took = performance.now() - begun;
    const said = keyed(stdout);
    const base = new URL(said.url);
    const api = async (method, path, body, { key = said.key, headers, expect = true } = {}) => {
        const answer = await call(base, key, method, `/api/v1/parts${path}`, body, headers);
        if (expect && answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 400)}`);
        return expect ? JSON.parse(answer.text) : answer;
    };
    const stack = {
        ...said, dir, took, config: `${dir}/costwright.conf`, socket: `${dir}/run/db.sock`,
        pids: () => ({ nginx: pidsOf(dir, 'nginx'), app: pidsOf(dir, 'app'), db: pidsOf(dir, 'db') }),
        api, get: (path, options_) => api('GET', path, undefined, options_), post: (path, body, options_) => api('POST', path, body, options_),
        sql: (text) => run('mariadb', ['--no-defaults', '-N', '-B', '-S', `${dir}/run/db.sock`, '-u', 'root', 'costwright'], { input: text }),
        // a file of requests for wrk
        requests: (file, list) => {
            const path = `${dir}/${file}`;
            writeFileSync(path, list.map(({ method = 'GET', path: at, body = '', key = said.key ?? 'none', headers = {} }) => {
                const text = typeof body === 'string' ? body : JSON.stringify(body);
                const all = { 'X-API-Key': key, ...(text ? { 'Content-Type': 'application/json' } : {}), ...headers };
                return `${method} ${at} ${Buffer.byteLength(text)}\n${Object.entries(all).map(([n, v]) => `${n}: ${v}\n`).join('')}\n${text}\n`;
            }).join(''));
            return path;
        },
        // new workers, and with them new sessions
        renew: async () => {
            const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
            const before = pidsOf(dir, 'app');
            process.kill(before.find((pid) => children(pid).length), 'SIGHUP');
            const old = new Set(before.filter((pid) => !children(pid).length));
            while (pidsOf(dir, 'app').some((pid) => old.has(pid))) await new Promise((resolve) => setTimeout(resolve, 50));
        },
        stop: () => {
            run(`${top}/tests/stack`, ['stop', dir]);
            running.delete(name);
        },
    };
    running.set(name, stack);
    return stack;
}

// one of a name is shared by the rows
const shared = new Map();
export function stackOf(name, options, make) {
    if (!shared.has(name)) shared.set(name, startStack(name, options).then(async (stack) => {
        await make?.(stack);
        return stack;
    }));
    return shared.get(name);
}

export function stopAll() {
    for (const stack of [...running.values()]) stack.stop();
    rmSync(work, { recursive: true, force: true });
}
