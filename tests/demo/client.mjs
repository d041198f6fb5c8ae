// SPDX-License-Identifier: GPL-3.0-or-later
// A small API client: JSON in, JSON out, errors with what the service said.
import { request } from 'node:http';

export function client(url, key) {
    const base = new URL(url);
    const call = (method, path, body) => new Promise((resolve, reject) => {
        const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
        const headers = { 'X-API-Key': key };
        if (bytes) Object.assign(headers, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
        const sent = request({ host: base.hostname, port: base.port, method, path: `/api/v1/parts${path}`, headers }, (answer) => {
            const chunks = [];
            answer.on('data', (chunk) => chunks.push(chunk));
            answer.on('end', () => {
                const text = Buffer.concat(chunks).toString();
                if (answer.statusCode < 300) resolve(JSON.parse(text));
                else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 600)}`));
            });
        });
        sent.on('error', reject);
        sent.end(bytes);
    });
    return { get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) };
}

export const chunks = (items, size) =>
    Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
