// SPDX-License-Identifier: GPL-3.0-or-later
// Elements out of a name, properties and children; text is always text, never markup.

export function h(name, properties, ...children) {
    const element = document.createElement(name);
    for (const [name, value] of Object.entries(properties ?? {})) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
        else if (name === 'value' || name === 'checked' || name === 'disabled') element[name] = value;
        else element.setAttribute(name, value === true ? '' : value);
    }
    element.append(
        ...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false),
    );
    return element;
}

export const replace = (element, ...children) => element.replaceChildren(...children.flat(Infinity).filter(Boolean));

let ids = 0;
export const newId = (word) => `${word}-${++ids}`;

// a labelled control; note: a line below
export function field(label, control, note) {
    control.id ||= newId('field');
    const hint = note && h('small', { id: newId('hint') }, note);
    if (hint) control.setAttribute('aria-describedby', hint.id);
    return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, hint);
}

// choices: [value, text]
export function select(choices, chosen, onchange) {
    const made = h(
        'select',
        { onchange },
        choices.map(([value, text]) => h('option', { value }, text)),
    );
    made.value = chosen;
    return made;
}

// a column: {name, of(row): text or node, number?: right-aligned, line?: not broken}
export function table(caption, columns, rows) {
    return h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
        h(
            'table',
            {},
            h('caption', {}, caption),
            h(
                'thead',
                {},
                h(
                    'tr',
                    {},
                    columns.map((c) => h('th', { scope: 'col', class: c.number && 'number' }, c.name)),
                ),
            ),
            h(
                'tbody',
                {},
                rows.map((row) =>
                    h(
                        'tr',
                        {},
                        columns.map((c) => h('td', { class: c.number ? 'number' : c.line && 'line' }, c.of(row))),
                    ),
                ),
            ),
        ),
    );
}
