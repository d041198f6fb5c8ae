#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// half_bodies.mjs URL KEY COUNT BODY: so many POSTs that stop in the middle of their body, stay for two seconds, and leave.
import { connect } from 'node:net';

const [url, key, count, body] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const half = body.slice(0, body.length / 2);
const head = `POST /api/v1/parts/environments HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
const open = () => new Promise((sent, failed) => {
    const socket = connect(Number(port), hostname, () => socket.write(head + half, () => sent(socket)));
    socket.on('error', failed);
});
const sockets = await Promise.all(Array.from({ length: Number(count) }, open));
console.log('sent');
await new Promise((wake) => setTimeout(wake, 2000));
for (const socket of sockets) socket.destroy();
