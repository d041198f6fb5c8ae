#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// cut_commit.mjs LISTEN DATABASE FILE: passes a unix socket on to MariaDB's. While FILE says "before" or "after" the next
// COMMIT cuts its connection: before it was sent to the server, or after the server has answered it. Then FILE is emptied.
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';

const [listen, database, file] = process.argv.slice(2);
const order = () => readFileSync(file, 'utf8').trim();

createServer((client) => {
    const server = connect(database);
    let cutting = false;
    const end = () => {
        client.destroy();
        server.destroy();
    };
    client.on('data', (chunk) => {
        const when = chunk.includes('\x03COMMIT') ? order() : '';
        if (when) {
            writeFileSync(file, '');
            cutting = true;
            if (when === 'before') return end();
        }
        return server.write(chunk);
    });
    server.on('data', (chunk) => (cutting ? end() : client.write(chunk)));
    for (const side of [client, server]) {
        side.on('error', end);
        side.on('close', end);
    }
}).listen(listen);
