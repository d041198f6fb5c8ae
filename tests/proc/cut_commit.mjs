#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// cut_commit.mjs LISTEN DATABASE FILE: passes a unix socket on to MariaDB's. While FILE says "before" or "after" the next
// COMMIT cuts its connection: before it was sent to the server, or after the server has answered it. While FILE says "kill"
// and process ids, these are killed when the server has answered the next COMMIT. Then FILE is emptied. "before-quote" and
// "after-quote" mean the statement that stores a calculation instead, which may be a transaction by itself.
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';

const [listen, database, file] = process.argv.slice(2);
const order = () => readFileSync(file, 'utf8').trim();

createServer((client) => {
    const server = connect(database);
    let cutting = false;
    let killing = [];
    const end = () => {
        client.destroy();
        server.destroy();
    };
    client.on('data', (chunk) => {
        const said = chunk.includes('\x03COMMIT') || chunk.includes('"model_version":') ? order() : '';
        const [when, of] = said.split(' ')[0].split('-');
        if (when && chunk.includes(of ? '"model_version":' : '\x03COMMIT')) {
            writeFileSync(file, '');
            cutting = true;
            killing = said.split(' ').slice(1).map(Number);
            if (when === 'before') return end();
        }
        return server.write(chunk);
    });
    server.on('data', (chunk) => {
        // all are stopped first, or nginx's second try meets one that is about to be killed
        for (const signal of ['SIGSTOP', 'SIGKILL']) for (const pid of killing) process.kill(pid, signal);
        killing = [];
        return cutting ? end() : client.write(chunk);
    });
    for (const side of [client, server]) {
        side.on('error', end);
        side.on('close', end);
    }
}).listen(listen);
