// SPDX-License-Identifier: GPL-3.0-or-later
// CSV text to objects by header, and back: comma or semicolon, quoted fields, BOM.

export function parseCsv(text) {
    const clean = text.replace(/^\uFEFF/, '');
    const firstLine = clean.slice(0, clean.search(/\r?\n|$/));
    const separator = firstLine.split(';').length > firstLine.split(',').length ? ';' : ',';
    const records = [];
    let record = [];
    let field = '';
    let quoted = false;
    for (let i = 0; i < clean.length; i++) {
        const c = clean[i];
        if (quoted) {
            if (c !== '"') field += c;
            else if (clean[i + 1] === '"') field += clean[i++];
            else quoted = false;
        } else if (c === '"') quoted = true;
        else if (c === separator || c === '\n') {
            record.push(field.replace(/\r$/, ''));
            field = '';
            if (c === '\n') {
                records.push(record);
                record = [];
            }
        } else field += c;
    }
    if (field || record.length) records.push([...record, field]);
    const [header, ...rows] = records.filter((r) => r.length > 1 || r[0] !== '');
    return rows.map((row) => Object.fromEntries(header.map((name, i) => [name.trim().toLowerCase(), row[i] ?? ''])));
}

const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

export const formatCsv = (header, rows) =>
    [header, ...rows].map((row) => row.map(cell).join(',')).join('\n') + '\n';
