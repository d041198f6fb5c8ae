// SPDX-License-Identifier: GPL-3.0-or-later
// JSON values as people read and type them.

// text, number, boolean, list, object, or none for null
export function kindOf(value) {
    if (value === null || value === undefined) return 'none';
    if (Array.isArray(value)) return 'list';
    return typeof value === 'string' ? 'text' : typeof value;
}

// nothing to be seen of it
export const blank = (value) => kindOf(value) === 'none' || (typeof value === 'string' && value.trim() === '');

export const kindWords = {
    none: 'no value',
    text: 'text',
    number: 'number',
    boolean: 'yes or no',
    list: 'list',
    object: 'object',
};

export function write(value) {
    switch (kindOf(value)) {
    case 'none': return 'No value was predicted';
    case 'text': return blank(value) ? 'Empty text' : value;
    case 'boolean': return value ? 'yes' : 'no';
    case 'number': return String(value);
    default: return JSON.stringify(value, null, 2);
    }
}

// the same JSON value; the order of an object's members does not matter
export function same(a, b) {
    const kind = kindOf(a);
    if (kind !== kindOf(b)) return false;
    if (kind === 'none') return true;
    if (kind !== 'list' && kind !== 'object') return a === b;
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]));
}

// What was typed as a value of that kind: {value}, or {flaw} in words.
export function read(kind, typed) {
    if (kind === 'boolean') return typed === '' ? { flaw: 'Choose yes or no.' } : { value: typed === 'yes' };
    if (kind === 'text') return typed.trim() === '' ? { flaw: 'Type the right value.' } : { value: typed.trim() };
    if (kind === 'number') return readNumber(typed.trim());
    try {
        const value = JSON.parse(typed);
        if (kind === 'none' || kindOf(value) === kind) return { value };
        return { flaw: `It must stay ${kind === 'list' ? 'a list: […]' : 'an object: {…}'}.` };
    } catch (error) {
        return { flaw: `This is not JSON yet: ${error.message}.` };
    }
}

function readNumber(typed) {
    if (typed === '') return { flaw: 'Type the right number.' };
    if (/^[+-]?\d*,\d+$/.test(typed)) return { flaw: 'Write decimals with a point: 12.5.' };
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(typed)) return { flaw: 'This is not a number: write it like 12.5, without a unit.' };
    const value = Number(typed);
    if (!Number.isFinite(value)) return { flaw: 'This number is too large.' };
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) return { flaw: 'This number has more digits than can be kept.' };
    return { value };
}
