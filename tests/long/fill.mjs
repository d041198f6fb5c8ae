#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// fill.mjs URL KEY: parts with large attributes, one after the other, until twenty in a row were not stored or a minute is
// over. Prints how often each status came.
const [url, key] = process.argv.slice(2);
const seen = {};
let failures = 0;
const text = 'x'.repeat(100000);
for (let i = 0, until = Date.now() + 60000; failures < 20 && Date.now() < until; i++) {
    const status = await fetch(`${url}/api/v1/parts/`, { method: 'POST', signal: AbortSignal.timeout(60000),
        headers: { 'X-API-Key': key, 'Content-Type': 'application/json', 'Idempotency-Key': `fill ${process.pid} ${i}` },
        body: JSON.stringify({ part_number: `fill ${process.pid} ${i}`, attributes: { text } }) }).then((answer) => answer.status, () => 0);
    seen[status] = (seen[status] ?? 0) + 1;
    failures = status === 201 ? 0 : failures + 1;
}
console.log(JSON.stringify(seen));
