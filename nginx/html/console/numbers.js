// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and dates as ERP exports write them.

const looked = 2000; // rows by which marks and dates are judged

// what stands in the columns that were chosen for these names
export const cells = ({ records }, columns, ...names) =>
    records
        .slice(0, looked)
        .flatMap(({ fields }) =>
            names.filter((name) => columns[name] !== undefined).map((name) => fields[columns[name]] ?? ''),
        );

// names: columns that hold numbers
export const decimalSetting = (...names) => ({
    name: 'decimal',
    label: 'Numbers are written',
    choices: [
        ['point', '1234.50 (point)'],
        ['comma', '1234,50 (comma)'],
    ],
    guess: (parsed, columns) => decimalOf(cells(parsed, columns, ...names), parsed.separator),
});

const signs = /(EUR|USD|CHF|GBP|[€$£\s\u00a0\u202f'’])/gi;

// 'point' or 'comma', from what the columns hold. A mark before other than three digits cannot group thousands; of two
// marks the last is the decimal one; where nothing tells, semicolons between fields mean a comma inside them.
export function decimalOf(texts, separator) {
    for (const text of texts) {
        const [comma, point] = [text.lastIndexOf(','), text.lastIndexOf('.')];
        if (comma >= 0 && point >= 0) return comma > point ? 'comma' : 'point';
        const mark = Math.max(comma, point);
        if (mark < 0) continue;
        if (text.indexOf(text[mark]) !== mark) return comma >= 0 ? 'point' : 'comma'; // twice: it groups thousands
        if (text.slice(mark + 1).replace(signs, '').length !== 3 || /^0?[.,]/.test(text.trim()))
            return comma >= 0 ? 'comma' : 'point';
    }
    return separator === ';' && texts.some((text) => /[.,]/.test(text)) ? 'comma' : 'point';
}

// NaN for what is no number; groups of thousands have three digits
export function readNumber(text, decimal) {
    let plain = text.replace(signs, '');
    const group = decimal === 'comma' ? '.' : ',';
    if (plain.includes(group)) {
        const [whole, rest = ''] = plain.split(decimal === 'comma' ? ',' : '.');
        if (rest.includes(group) || !/^-?\d{1,3}$/.test(whole.split(group)[0])) return NaN;
        if (
            !whole
                .split(group)
                .slice(1)
                .every((digits) => /^\d{3}$/.test(digits))
        )
            return NaN;
        plain = plain.replaceAll(group, '');
    }
    if (decimal === 'comma') plain = plain.replace(',', '.');
    if (/^[\d.]+-$/.test(plain)) plain = `-${plain.slice(0, -1)}`; // the sign behind
    return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

// 'dmy' or 'mdy' for dates that start with neither a year: what the columns hold, else day first
export function orderOf(texts) {
    for (const text of texts) {
        const [, a, b] = /^(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}/.exec(text) ?? [];
        if (Number(a) > 12) return 'dmy';
        if (Number(b) > 12) return 'mdy';
    }
    return 'dmy';
}

// yyyy-mm-dd, or undefined for what is no day of the calendar
export function readDate(text, order) {
    let [y, m, d] = (/^(\d{4})[-./]?(\d{2})[-./]?(\d{2})(?:[T ]|$)/.exec(text) ?? []).slice(1);
    if (!y) {
        const [, a, b, c] = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:[T ]|$)/.exec(text) ?? [];
        if (!a) return undefined;
        y = c.length === 2 ? `20${c}` : c;
        [d, m] = order === 'mdy' ? [b, a] : [a, b];
    }
    const iso = `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
    const time = Date.parse(`${iso}T00:00:00Z`);
    return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso) ? iso : undefined;
}
