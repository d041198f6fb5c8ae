// SPDX-License-Identifier: GPL-3.0-or-later
// A picture with its title, with its numbers in a table below and ways to take both along.
import { draw, keys } from './chart.js';
import { h } from './dom.js';
import { saveCsv, savePng } from './save.js';
import { pause } from './slices.js';

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

// every picture that is drawn: canvas to the function that draws it
const live = new Map();
let turn = Promise.resolve(); // pictures are drawn one after the other, and the page does what waits in between

// those that left the page are given up
function sweep() {
    for (const [canvas, { chart }] of live)
        if (!canvas.isConnected) {
            chart.destroy();
            live.delete(canvas);
        }
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    sweep();
    for (const { again } of live.values()) again();
});

const heights = new Map(); // of pictures by their names, so that a page that is built anew does not move below them

// A canvas in a box as high as the picture wants; drawn when it is on the page, and anew when the colours change.
function pictureOf(picture, name, label) {
    const canvas = h('canvas', { role: 'img', tabindex: 0, 'aria-label': `${label}. Arrow keys go through it.` });
    const said = h('p', { class: 'said', role: 'status' });
    const box = h('div', { class: 'canvas' }, canvas);
    box.style.height = heights.get(name) ?? '';
    const again = () => {
        live.get(canvas)?.chart.destroy();
        const what = picture();
        box.style.height = `${Math.round(what.height(box.clientWidth))}px`;
        heights.set(name, box.style.height);
        live.set(canvas, { chart: draw(canvas, what), again });
    };
    const seen = new ResizeObserver(() => {
        if (!box.clientWidth) return;
        seen.disconnect();
        turn = turn.then(pause).then(() => {
            sweep();
            if (canvas.isConnected) again();
        });
    });
    seen.observe(box);
    keys(canvas, said, (mark) => picture().pick?.(mark));
    return { canvas, nodes: [box, said] };
}

const printed = 2; // pixels of a saved picture for one of the page

async function savePicture(name, canvas) {
    const { chart } = live.get(canvas);
    const resize = (ratio) => {
        chart.options.devicePixelRatio = ratio;
        chart.resize();
    };
    resize(Math.max(printed, devicePixelRatio));
    await savePng(name, canvas);
    resize(undefined);
}

// picture(): what chart.js draws; label: what it shows, for those who do not see it; head, rows: its numbers
export function figure({ title, text, name, label, picture, head, rows, level = 'h3' }) {
    const { canvas, nodes } = pictureOf(picture, name, label ?? title);
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
        nodes,
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
                { type: 'button', 'aria-label': `PNG of ${title}`, onclick: () => savePicture(name, canvas) },
                'PNG',
            ),
        ),
    );
}
