// SPDX-License-Identifier: GPL-3.0-or-later
// For clients that cannot be given a key: passes everything on as it came, with the key. Prints its own address.
// proxy.mjs URL KEY
import { createServer, request } from 'node:http';

const [url, key] = process.argv.slice(2);
const to = new URL(url);
const server = createServer((from, back) => {
    const on = request({ host: to.hostname, port: to.port, method: from.method, path: from.url,
        headers: { ...from.headers, authorization: `Bearer ${key}` } }, (answer) => {
        back.writeHead(answer.statusCode, answer.headers);
        answer.pipe(back);
    });
    on.on('error', () => back.destroy());
    from.pipe(on);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
