// SPDX-License-Identifier: GPL-3.0-or-later
// A picture with its title, drawn anew at every width, with its numbers in a table below and ways to take both along.
import { h, replace } from './dom.js';
import { saveCsv, savePng } from './save.js';

const shownRows = 200;

function numbers(head, rows) {
    const more = rows.length > shownRows ? ` (first ${shownRows} of ${rows.length}; the CSV has all)` : '';
    return h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Numbers' },
        h(
            'table',
            {},
            h('caption', {}, `Numbers${more}`),
            h(
                'thead',
                {},
                h(
                    'tr',
                    {},
                    head.map((name) => h('th', { scope: 'col' }, name)),
                ),
            ),
            h(
                'tbody',
                {},
                rows.slice(0, shownRows).map((row) =>
                    h(
                        'tr',
                        {},
                        row.map((value) =>
                            h(
                                'td',
                                { class: typeof value === 'number' && 'number' },
                                typeof value === 'number' ? String(Number(value.toPrecision(6))) : (value ?? '–'),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    );
}

// draw(width): an svg; head, rows: its numbers
export function figure({ title, text, name, draw, head, rows, level = 'h3' }) {
    const canvas = h('div', { class: 'canvas' });
    let drawn = 0;
    const redraw = (width) => {
        if (!width || Math.abs(width - drawn) < 2) return;
        drawn = width;
        replace(canvas, draw(width));
    };
    new ResizeObserver(([entry]) => redraw(Math.floor(entry.contentRect.width))).observe(canvas);
    const details = h(
        'details',
        {
            ontoggle: () => {
                if (details.open && details.children.length === 1) details.append(numbers(head, rows));
            },
        },
        h('summary', {}, 'Numbers'),
    );
    return h(
        'figure',
        {},
        h('figcaption', {}, h(level, {}, title), text && h('p', {}, text)),
        canvas,
        h(
            'div',
            { class: 'tools' },
            details,
            h(
                'button',
                { type: 'button', 'aria-label': `CSV of ${title}`, onclick: () => saveCsv(name, head, rows) },
                'CSV',
            ),
            h(
                'button',
                {
                    type: 'button',
                    'aria-label': `PNG of ${title}`,
                    onclick: () => savePng(name, canvas.querySelector('svg')),
                },
                'PNG',
            ),
        ),
    );
}
