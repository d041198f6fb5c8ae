// SPDX-License-Identifier: GPL-3.0-or-later
// CSV text to records, or to objects by header, and back: comma, semicolon or tab, quoted fields, BOM.

// {separator, header, records: [{line, fields}]}; empty lines are passed over
export function parseRecords(text) {
    const clean = text.replace(/^\uFEFF/, '');
    const firstLine = clean.slice(0, clean.search(/\r?\n|$/));
    const count = (sign) => firstLine.split(sign).length;
    const separator = [';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best), ',');
    const records = [];
    let record = [];
    let field = '';
    let quoted = false;
    let began = 1; // the line of the record
    let line = 1;
    for (let i = 0; i < clean.length; i++) {
        const c = clean[i];
        if (c === '\n') line++;
        if (quoted) {
            if (c !== '"') field += c;
            else if (clean[i + 1] === '"') field += clean[i++];
            else quoted = false;
        } else if (c === '"') quoted = true;
        else if (c === separator || c === '\n') {
            record.push(field.replace(/\r$/, ''));
            field = '';
            if (c === '\n') {
                records.push({ line: began, fields: record });
                record = [];
                began = line;
            }
        } else field += c;
    }
    if (field || record.length) records.push({ line: began, fields: [...record, field] });
    const [header, ...rows] = records.filter(({ fields }) => fields.some((value) => value.trim() !== ''));
    return { separator, header: (header?.fields ?? []).map((name) => name.trim()),
        records: rows.map((row) => ({ ...row, fields: row.fields.map((value) => value.trim()) })) };
}

export function parseCsv(text) {
    const { header, records } = parseRecords(text);
    return records.map(({ fields }) => Object.fromEntries(header.map((name, i) => [name.toLowerCase(), fields[i] ?? ''])));
}

const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

export const formatCsv = (header, rows) =>
    [header, ...rows].map((row) => row.map(cell).join(',')).join('\n') + '\n';
