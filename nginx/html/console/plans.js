// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of a file to parts with their process plans as the service takes them. A row is an operation; what belongs to
// the part may stand in one of its rows or in all. A part with a flaw in any row is left out whole: without an operation
// it would have a wrong price.
import { cells, decimalSetting, readNumber } from './numbers.js';
import { inSlices } from './slices.js';

const longest = 200; // characters of a name
const classForm = /^[a-z_]+\.[a-z0-9_]+$/;
const kilograms = { kg: 1, g: 0.001, lb: 0.45359237 };
const seconds = { s: 1, min: 60, h: 3600 };
const fractions = { percent: 0.01, fraction: 1 };

// the unit that the column's name says in brackets or at its end
const unitIn = (parsed, columns, names, choices, otherwise) => {
    const heads = names
        .map((name) => parsed.header[columns[name]] ?? '')
        .join(' ')
        .toLowerCase();
    return choices.find(([unit]) => new RegExp(`(^|[^a-z])${unit}([^a-z]|$)`).test(heads))?.[0] ?? otherwise;
};

const unitSetting = (name, label, choices, of) => ({
    name,
    label,
    choices,
    guess: (parsed, columns) => unitIn(parsed, columns, of, choices, choices[0][0]),
});

const times = [
    ['s', 'seconds'],
    ['min', 'minutes'],
    ['h', 'hours'],
];

export const planSettings = [
    decimalSetting('gross_mass_kg', 'net_mass_kg', 'setup_time_s', 'cycle_time_s', 'tooling_cost'),
    unitSetting(
        'mass',
        'Weights are in',
        [
            ['kg', 'kilograms'],
            ['g', 'grams'],
            ['lb', 'pounds'],
        ],
        ['gross_mass_kg', 'net_mass_kg'],
    ),
    unitSetting('setup', 'Setup times are in', times, ['setup_time_s']),
    unitSetting('cycle', 'Cycle times are in', times, ['cycle_time_s']),
    {
        name: 'scrap',
        label: 'Scrap is written',
        choices: [
            ['percent', 'in per cent (2 = 2 %)'],
            ['fraction', 'as a fraction (0.02 = 2 %)'],
        ],
        guess: (parsed, columns) => {
            const texts = cells(parsed, columns, 'scrap_rate').filter(Boolean);
            const small = (text) => Number(text.replace(',', '.')) < 0.5;
            return texts.length && texts.every(small) ? 'fraction' : 'percent';
        },
    },
];

const tidy = (value) => Number(value.toPrecision(12)); // 0.1 h is 360 s, not 360.00000000000006

// the fields of a part, of an operation: [column, what it is called, factor or undefined for text]
const partFields = (habit) => [
    ['name', 'name'],
    ['revision_code', 'revision'],
    ['material_ref', 'material'],
    ['gross_mass_kg', 'weight bought', kilograms[habit.mass]],
    ['net_mass_kg', 'weight of the part', kilograms[habit.mass]],
    ['scrap_rate', 'scrap', fractions[habit.scrap]],
    ['tooling_cost', 'tooling cost', 1],
    ['external_per_part', 'bought work a piece', 1],
    ['external_per_lot', 'bought work a lot', 1],
];
const operationFields = (habit) => [
    ['sequence', 'operation number', 1],
    ['setup_time_s', 'setup time', seconds[habit.setup]],
    ['cycle_time_s', 'cycle time', seconds[habit.cycle]],
    ['parts_per_cycle', 'pieces a cycle', 1],
    ['labour_category', 'labour category'],
];

// what the row says of these fields; flaws in words
function take(fields, text, habit, flaws) {
    const taken = {};
    for (const [name, what, factor] of fields) {
        const given = text(name);
        if (!given) continue;
        const value = factor === undefined ? given : readNumber(given.replace(/%$/, ''), habit.decimal) * factor;
        if (factor === undefined && given.length > longest) flaws.push(`${what} is longer than ${longest} characters`);
        else if (factor !== undefined && !(value >= 0)) flaws.push(`${what} “${given}” is no number from 0 on`);
        else taken[name] = factor === undefined ? value : tidy(value);
    }
    return taken;
}

// classes: Map of work centre to class; centres: Map of those without one to the number of rows
function operationOf(text, habit, classes, centres, flaws) {
    const operation = take(operationFields(habit), text, habit, flaws);
    const centre = text('klass');
    if (!centre) {
        if (Object.keys(operation).length) flaws.push('an operation needs a machine class or work centre');
        return undefined;
    }
    const klass = classes.get(centre) || (classForm.test(centre) ? centre : '');
    if (!klass) {
        centres.set(centre, (centres.get(centre) ?? 0) + 1);
        flaws.push(`work centre “${centre}” has no machine class yet`);
    }
    if (operation.sequence !== undefined && !Number.isInteger(operation.sequence))
        flaws.push(`operation number “${text('sequence')}” is no whole number`);
    if (operation.parts_per_cycle === 0) flaws.push('pieces a cycle are 0');
    return { setup_time_s: 0, cycle_time_s: 0, ...operation, klass };
}

function merge(part, taken, line, flaws) {
    for (const [name, value] of Object.entries(taken)) {
        const before = part.values[name];
        if (before === undefined) part.values[name] = { value, line };
        else if (before.value !== value)
            flaws.push(`${name.replace(/_kg$/, '').replaceAll('_', ' ')} differs from line ${before.line}`);
    }
}

function finish(number, part) {
    const of = (name) => part.values[name]?.value;
    const flaws = [];
    if (of('material_ref') === undefined) flaws.push('no material');
    if (of('gross_mass_kg') === undefined) flaws.push('no weight bought');
    if (of('net_mass_kg') > of('gross_mass_kg')) flaws.push('the part weighs more than what is bought for it');
    if (of('scrap_rate') >= 1) flaws.push('scrap is 100 % or more');
    const seen = new Set();
    part.operations.forEach(({ operation }, i) => {
        operation.sequence ??= 10 * (i + 1);
        if (seen.has(operation.sequence)) flaws.push(`two operations have the number ${operation.sequence}`);
        seen.add(operation.sequence);
    });
    if (flaws.length) return { flaws };
    const plan = { material_ref: of('material_ref'), gross_mass_kg: of('gross_mass_kg') };
    for (const name of ['net_mass_kg', 'scrap_rate', 'tooling_cost']) if (of(name) !== undefined) plan[name] = of(name);
    const [piece, lot] = [of('external_per_part'), of('external_per_lot')];
    if (piece || lot) plan.external_cost = { per_part: piece ?? 0, per_lot: lot ?? 0 };
    plan.operations = part.operations.map(({ operation }) => operation);
    const made = { part_number: number };
    for (const name of ['name', 'revision_code']) if (of(name) !== undefined) made[name] = of(name);
    made.process_plan = plan;
    return { flaws, made };
}

// {parts, lines: [{line, operations: [line]}], rejected: [{line, reason, text}], centres}
export async function readPlans({ records }, columns, habit, onProgress, classes) {
    const found = new Map();
    const rejected = [];
    const centres = new Map();
    const fields = partFields(habit);
    await inSlices(
        records.length,
        (i) => {
            const { line, fields: row } = records[i];
            const text = (name) => (columns[name] === undefined ? '' : (row[columns[name]] ?? ''));
            const flaws = [];
            const number = text('part_number');
            const operation = operationOf(text, habit, classes, centres, flaws);
            const taken = take(fields, text, habit, flaws);
            if (!number) flaws.push('no part number');
            else if (number.length > longest) flaws.push(`part number is longer than ${longest} characters`);
            else {
                if (!found.has(number)) found.set(number, { line, values: {}, operations: [], bad: false });
                const part = found.get(number);
                merge(part, taken, line, flaws);
                if (operation) part.operations.push({ operation, line });
                part.bad ||= flaws.length > 0;
            }
            if (flaws.length) rejected.push({ line, reason: flaws.join('; '), text: row.join(' | ').slice(0, 160) });
        },
        onProgress,
    );
    const [parts, lines] = [[], []];
    let leftOut = 0;
    for (const [number, part] of found) {
        const { flaws, made } = part.bad ? { flaws: [] } : finish(number, part);
        if (flaws.length) rejected.push({ line: part.line, reason: flaws.join('; '), text: number });
        if (!made) {
            leftOut++;
            continue;
        }
        parts.push(made);
        lines.push({ line: part.line, operations: part.operations.map((one) => one.line) });
    }
    rejected.sort((a, b) => a.line - b.line);
    return { parts, lines, rejected, centres, leftOut };
}

// the same from JSON: {"parts": […]} or the list alone, as the service takes it; a line is a place in the list
export function readJson(text) {
    const given = JSON.parse(text);
    const parts = Array.isArray(given) ? given : given.parts;
    if (!Array.isArray(parts)) throw new Error('it is neither a list of parts nor an object with “parts”');
    const good = (part) => typeof part?.part_number === 'string' && typeof part.process_plan === 'object';
    const rejected = parts
        .map((part, i) => ({ part, line: i + 1 }))
        .filter(({ part }) => !good(part))
        .map(({ part, line }) => ({
            line,
            reason: 'a part needs part_number and process_plan',
            text: JSON.stringify(part).slice(0, 160),
        }));
    const kept = parts.map((part, i) => [part, i + 1]).filter(([part]) => good(part));
    return {
        parts: kept.map(([part]) => part),
        lines: kept.map(([, line]) => ({ line, operations: [] })),
        rejected,
        centres: new Map(),
        leftOut: rejected.length,
    };
}
