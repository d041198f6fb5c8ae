// SPDX-License-Identifier: GPL-3.0-or-later
// A JSON Schema as a table; nested ones open on demand, since some are deep.
import { h } from '/console/dom.js';

export const resolver = (document) => function resolve(thing) {
    while (thing?.$ref) thing = thing.$ref.slice(2).split('/').reduce((at, step) => at?.[step], document);
    return thing;
};

// what stands in anyOf beside null is the thing itself
const bare = (schema) => schema?.anyOf?.find((one) => one.type !== 'null') ?? schema ?? {};
const words = (schema) => [schema.type ?? []].flat().filter((type) => type !== 'null');

function typeOf(schema, resolve) {
    const inner = bare(schema);
    const nullable = schema?.anyOf || [schema?.type].flat().includes('null') ? ' or null' : '';
    const found = resolve(inner) ?? {};
    if (found.enum) return found.enum.filter((one) => one !== null).join(' | ') + nullable;
    const [type] = words(found);
    if (!type) return 'any value';
    if (type === 'array') return `list of ${typeOf(found.items ?? {}, resolve)}${nullable}`;
    return (found.format && found.format !== 'int64' ? found.format : type) + nullable;
}

function limits(schema) {
    const said = [];
    if (schema.minimum !== undefined) said.push(`at least ${schema.minimum}`);
    if (schema.exclusiveMinimum !== undefined) said.push(`above ${schema.exclusiveMinimum}`);
    if (schema.maximum !== undefined) said.push(`at most ${schema.maximum}`);
    if (schema.minItems !== undefined) said.push(`at least ${schema.minItems} items`);
    if (schema.maxItems !== undefined) said.push(`at most ${schema.maxItems} items`);
    if (schema.default !== undefined) said.push(`default ${JSON.stringify(schema.default)}`);
    return said.join(', ');
}

// the object inside a member, or inside the items of its list
function nested(schema, resolve) {
    const found = resolve(bare(schema)) ?? {};
    if (found.properties) return found;
    return found.items ? nested(found.items, resolve) : null;
}

export function row(name, schema, required, added, help, resolve) {
    const note = [required && 'required', added && 'added', limits(bare(schema))].filter(Boolean).join(', ');
    return h('tr', {}, h('th', { scope: 'row' }, h('code', {}, name)), h('td', {}, typeOf(schema, resolve)),
        h('td', {}, help, note && h('div', { class: 'mark' }, note)));
}

export const tableOf = (caption, rows) => h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h('table', {}, h('thead', {}, h('tr', {}, ['Name', 'Type', 'Meaning'].map((text) => h('th', { scope: 'col' }, text)))),
        h('tbody', {}, rows)));

function members(schema, name, resolve) {
    const entries = Object.entries(schema.properties);
    return [
        tableOf(name, entries.map(([key, value]) => row(key, value, schema.required?.includes(key), value['x-costwright-added'],
            value.description ?? resolve(bare(value))?.description, resolve))),
        entries.map(([key, value]) => [key, nested(value, resolve)]).filter(([, inner]) => inner)
            .map(([key, inner]) => later(`${name}.${key}`, inner, resolve)),
    ];
}

function later(name, schema, resolve) {
    const details = h('details', {}, h('summary', {}, h('code', {}, name)));
    details.addEventListener('toggle', () => details.append(...members(schema, name, resolve).flat(Infinity)), { once: true });
    return details;
}

// schema as a whole: its type, and its members where it is an object or a list of them
export function show(name, schema, resolve) {
    const inner = nested(schema, resolve);
    const type = h('p', {}, `${typeOf(schema, resolve)}${inner?.description ? `: ${inner.description}` : ''}`);
    return inner ? [type, later(name, inner, resolve)] : [type];
}
