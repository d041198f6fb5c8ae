// SPDX-License-Identifier: GPL-3.0-or-later
// Private stacks of the benchmarks: started when a row first asks for one, ended with the run. All lie in one
// directory that says which process it belongs to; when that was killed, the next run ends what it left.
import { execFile } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, mkdtempSync, openSync, readFileSync, readSync, readdirSync, readlinkSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { request } from 'node:http';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { run, top } from './measure.mjs';

const OURS = '/tmp/costwright-bench.';
const script = `${top}/tests/stack`;
// when a process began tells it from a later one of the same number
const begun = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ')[19];

function isOwned(dir) {
    const [pid, since] = readFileSync(`${dir}/owner`, 'utf8').split(' ');
    try {
        return begun(pid) === since;
    } catch {
        return false; // there is no such process
    }
}

function endStacks(dir) {
    for (const name of readdirSync(dir)) if (existsSync(`${dir}/${name}/stack.state`)) run(script, ['stop', `${dir}/${name}`]);
    rmSync(dir, { recursive: true, force: true });
}

for (const name of readdirSync('/tmp')) {
    const dir = `/tmp/${name}`;
    if (!dir.startsWith(OURS)) continue;
    try {
        if (isOwned(dir)) continue;
        endStacks(dir);
        console.log(`ended the stacks that a killed run left in ${dir}`);
    } catch {
        // somebody else's, or made at this very moment
    }
}

export const work = mkdtempSync(OURS);
writeFileSync(`${work}/owner`, `${process.pid} ${begun(process.pid)}`);
const starting = new Set();
let ended;

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
        const bytes = body === undefined || Buffer.isBuffer(body) ? body
            : Buffer.from(typeof body === 'object' ? JSON.stringify(body) : body);
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

const client = (dir) => ['--no-defaults', '-N', '-B', '-S', `${dir}/run/db.sock`, '-u', 'root', 'costwright'];

// The redo log of a database that is in use has been written all over. In one that was just made a commit writes into a
// hole, and the file system has to store with it which blocks these are now: 0.1 ms more for a quote, on ext4.
function writeLogOver(dir) {
    run(script, ['db', 'stop', dir]);
    const file = openSync(`${dir}/db/ib_logfile0`, 'r+');
    const piece = Buffer.alloc(1 << 22);
    for (let at = 0, n; (n = readSync(file, piece, 0, piece.length, at)); at += n) writeSync(file, piece, 0, n, at);
    fsyncSync(file);
    closeSync(file);
    run(script, ['db', 'start', dir]);
}

// workers are not replaced while they are measured: the CPU of one that left could not be read
const unending = ['--set', 'worker_requests=100000000'];

export async function startStack(name, options = [], env = {}) {
    if (ended) throw new Error('the run is being ended');
    const dir = `${work}/${name}`;
    const from = performance.now();
    const start = promisify(execFile)(script, ['start', dir, ...unending, ...options], { env: { ...process.env, ...env } });
    starting.add(start);
    const { stdout } = await start.finally(() => starting.delete(start));
    const took = performance.now() - from;
    if (options === large) writeLogOver(dir);
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
        sql: (text) => run('mariadb', client(dir), { input: text }),
        sqlLater: (text) => promisify(execFile)('mariadb', [...client(dir), '-e', text]),
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
        stop: () => run(script, ['stop', dir]),
    };
    return stack;
}

// The database as an operator sets it up: the buffer pool holds what is read daily, the redo log what imports and fits
// write. (tests/stack starts it small, so that many fit on a machine: a quarter of a million quotes are more than its pool,
// and what was measured would be the disk.)
export const poolGib = Math.max(1, Math.min(6, Math.floor(totalmem() / 2 ** 30 / 4)));
export const large = ['--db', `--innodb-buffer-pool-size=${poolGib}G`, '--db', '--innodb-log-file-size=1G'];

// one of a name is shared by the rows
const shared = new Map();
export function stackOf(name, options, make) {
    if (!shared.has(name)) shared.set(name, startStack(name, options).then(async (stack) => {
        await make?.(stack);
        return stack;
    }));
    return shared.get(name);
}

// also what is just being started: its script clears up after itself when it is told to end
async function end() {
    for (const start of starting) start.child.kill();
    await Promise.allSettled(starting);
    endStacks(work);
}
export const stopAll = () => (ended ??= end());
