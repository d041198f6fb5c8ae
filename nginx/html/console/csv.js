// SPDX-License-Identifier: GPL-3.0-or-later
// A CSV file to records, in slices of time that leave the page usable. Comma, semicolon, tab or bar between fields;
// quoted fields; UTF-8, else Windows-1252 as spreadsheets of that system write it.

const slice = 12; // milliseconds of work between pauses
const looked = 65536; // characters in which the separator is guessed

export const pause = () =>
    new Promise((resolve) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
            channel.port1.close();
            resolve();
        };
        channel.port2.postMessage(null);
    });

// runs act(i) for 0 … n-1 and lets the page breathe in between
export async function inSlices(n, act, onProgress = () => {}) {
    let until = performance.now() + slice;
    for (let i = 0; i < n; i++) {
        act(i);
        if ((i & 63) === 63 && performance.now() > until) {
            onProgress(i / n);
            await pause();
            until = performance.now() + slice;
        }
    }
}

export async function readText(file) {
    const bytes = await file.arrayBuffer();
    const head = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
    if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
    try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
        return new TextDecoder('windows-1252').decode(bytes);
    }
}

// what stands most often, outside quotes, in the first lines
export function separatorOf(text) {
    const counts = new Map([
        [';', 0],
        ['\t', 0],
        [',', 0],
        ['|', 0],
    ]);
    let quoted = false;
    let lines = 0;
    for (const c of text.slice(0, looked)) {
        if (c === '"') quoted = !quoted;
        else if (!quoted && counts.has(c)) counts.set(c, counts.get(c) + 1);
        else if (!quoted && c === '\n' && ++lines === 1) {
            // the header names columns: it has no decimal commas
            if (Math.max(...counts.values()) > 0) break;
        }
    }
    return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

// {separator, header, records: [{line, fields}]}; empty lines are passed over
export async function parse(text, onProgress = () => {}) {
    let at = 0;
    const clean = text.startsWith('\ufeff') ? text.slice(1) : text;
    const hint = /^sep=(.)\r?\n/.exec(clean); // as one spreadsheet program writes it
    const separator = hint ? hint[1] : separatorOf(clean);
    if (hint) at = hint[0].length;
    const records = [];
    let line = hint ? 2 : 1;
    let until = performance.now() + slice;
    while (at < clean.length) {
        const began = line;
        const fields = [];
        for (let open = true; open;) {
            let field;
            if (clean[at] === '"') {
                field = '';
                for (at++; ;) {
                    const end = clean.indexOf('"', at);
                    field += clean.slice(at, end < 0 ? clean.length : end);
                    at = end < 0 ? clean.length : end + 1;
                    if (end < 0 || clean[at] !== '"') break;
                    field += '"';
                    at++;
                }
                for (const c of field) if (c === '\n') line++;
            } else {
                field = '';
            }
            let end = at;
            while (end < clean.length && clean[end] !== separator && clean[end] !== '\n' && clean[end] !== '\r') end++;
            field += clean.slice(at, end);
            fields.push(field.trim());
            open = clean[end] === separator;
            at = end + (open ? 1 : clean[end] === '\r' && clean[end + 1] === '\n' ? 2 : 1);
        }
        line++;
        if (fields.length > 1 || fields[0] !== '') records.push({ line: began, fields });
        if ((records.length & 63) === 0 && performance.now() > until) {
            onProgress(at / clean.length);
            await pause();
            until = performance.now() + slice;
        }
    }
    const header = records.shift()?.fields ?? [];
    return { separator, header, records };
}
