// SPDX-License-Identifier: GPL-3.0-or-later
// Steady load that counts every answer: load.mjs URL GET|POST CONNECTIONS OUT [BODY], the key in $KEY. Ends with
// SIGTERM, when each connection has its last answer; OUT then holds {ok, failed, statuses, longest_ms,
// asked_again}: a GET on a kept connection that nginx closed before it answered is asked again, as clients do.
import { Agent, request } from 'node:http';
import { writeFileSync } from 'node:fs';

const [url, method, connections, out, body] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const seen = { ok: 0, failed: 0, statuses: {}, longest_ms: 0, envelopes: 0, asked_again: 0 };
let ending = false;
process.on('SIGTERM', () => { ending = true; });

const once = () => new Promise((resolve) => {
    const begin = Date.now();
    const headers = { 'X-API-Key': process.env.KEY, 'Content-Type': 'application/json' };
    const done = (status, text) => {
        seen.statuses[status] = (seen.statuses[status] ?? 0) + 1;
        if (status >= 200 && status < 300) {
            seen.ok++;
        } else {
            seen.failed++;
            // what nginx answers for a dead worker is in the envelope, too
            if (text.startsWith('{"error":{"code":"')) seen.envelopes++;
        }
        seen.longest_ms = Math.max(seen.longest_ms, Date.now() - begin);
        resolve();
    };
    const call = request(url, { method, agent, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part) => { text += part; });
        answer.on('end', () => done(answer.statusCode, text));
        answer.on('error', (error) => done(error.code ?? 'cut', ''));
    });
    call.on('error', (error) => {
        if (method === 'GET' && call.reusedSocket && error.code === 'ECONNRESET') {
            seen.asked_again++;
            once().then(resolve);
        } else {
            done(error.code ?? 'cut', '');
        }
    });
    call.end(method === 'POST' ? body : undefined);
});
const connection = async () => {
    while (!ending) await once();
};
await Promise.all(Array.from({ length: Number(connections) }, connection));
agent.destroy();
writeFileSync(out, JSON.stringify(seen));
