// SPDX-License-Identifier: GPL-3.0-or-later
// A CSV file to records, in slices of time that leave the page usable. Comma, semicolon, tab or bar between fields;
// quoted fields; UTF-8, else Windows-1252 as spreadsheets of that system write it.
import { Papa } from './libraries.js';
import { pause } from './slices.js';

const piece = 65536; // characters that are parsed at a stretch
const looked = 512; // bytes in which a workbook, a picture or an archive shows that it is none
const columnsMost = 1000; // each is a choice in the list of every target

export async function readText(file) {
    const bytes = await file.arrayBuffer();
    const head = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
    if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
    if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
    if (new Uint8Array(bytes, 0, Math.min(looked, bytes.byteLength)).includes(0))
        throw new Error('it is no text. From a spreadsheet program, save it as CSV first.');
    try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
        return new TextDecoder('windows-1252').decode(bytes);
    }
}

const breaks = (fields) =>
    fields.reduce((sum, field) => sum + (field.includes('\n') ? field.split('\n').length - 1 : 0), 0);

// {separator, header, records: [{line, fields}], unclosed: line of a quote without an end, or undefined}; empty lines are
// passed over
export function parse(text, onProgress = () => {}) {
    const hint = /^\ufeff?sep=(.)\r?\n/.exec(text); // as one spreadsheet program writes it
    const read = { separator: hint?.[1] ?? ',', records: [], unclosed: undefined };
    let line = hint ? 2 : 1;
    return new Promise((resolve, reject) => {
        Papa.parse(hint ? text.slice(hint[0].length) : text, {
            delimiter: hint?.[1] ?? '',
            delimitersToGuess: [';', '\t', ',', '|'],
            chunkSize: piece,
            chunk({ data, errors, meta }, parser) {
                read.separator = meta.delimiter;
                for (const fields of data) {
                    if (fields.length > 1 || fields[0].trim() !== '')
                        read.records.push({ line, fields: fields.map((field) => field.trim()) });
                    line += 1 + breaks(fields);
                }
                if (errors.some((error) => error.code === 'MissingQuotes')) read.unclosed = read.records.at(-1)?.line;
                onProgress(text ? meta.cursor / text.length : 1);
                parser.pause();
                pause().then(() => parser.resume());
            },
            complete() {
                const header = read.records.shift()?.fields ?? [];
                if (header.length > columnsMost) reject(new Error(`its first line has ${header.length} columns`));
                else resolve({ ...read, header });
            },
            error: reject,
        });
    });
}
