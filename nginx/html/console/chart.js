// SPDX-License-Identifier: GPL-3.0-or-later
// Scales, ticks and axes that the charts share. Sizes are pixels of the page.
import { s } from './dom.js';
import { number } from './format.js';

export const linear = ([low, high], [from, to]) => {
    const at = (value) => from + ((value - low) / (high - low || 1)) * (to - from);
    at.ticks = linearTicks(low, high, Math.max(2, Math.abs(to - from) / 70));
    return at;
};

export const logarithmic = ([low, high], [from, to]) => {
    const [a, b] = [Math.log(low), Math.log(high)];
    const at = (value) => from + ((Math.log(value) - a) / (b - a || 1)) * (to - from);
    at.ticks = logTicks(low, high, Math.max(2, Math.abs(to - from) / (to < from ? 36 : 60)));
    return at;
};

function linearTicks(low, high, most) {
    const rough = (high - low) / most || 1;
    const size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].find((factor) => factor * size >= rough) * size;
    const ticks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
        ticks.push(Number((i * step).toPrecision(12)));
    return ticks;
}

function logTicks(low, high, most) {
    const within = (factors) => {
        const ticks = [];
        for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
            for (const factor of factors) {
                const tick = Number((factor * 10 ** power).toPrecision(6));
                if (tick >= low * 0.9999 && tick <= high * 1.0001) ticks.push(tick);
            }
        return ticks;
    };
    for (const factors of [[1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8], [1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]]) {
        const ticks = within(factors);
        if (ticks.length <= most) return ticks;
    }
    const powers = within([1]);
    const every = Math.ceil(powers.length / most);
    return powers.filter((_, i) => i % every === 0);
}

const tickText = (value) => (Math.abs(value) >= 10000 ? number(value) : String(value));

// from the smallest to the largest with some air
export function reach(values, air = 1.15) {
    const good = values.filter((value) => value > 0 && Number.isFinite(value));
    if (!good.length) return [1, 10];
    let [low, high] = [Infinity, 0];
    for (const value of good) {
        if (value < low) low = value;
        if (value > high) high = value;
    }
    return [low / air, high * air];
}

// plot: {left, right, top, bottom} in pixels; words: what the axes measure; write: text of a tick
export function axes(plot, x, y, words, write = {}) {
    const writeX = write.x ?? tickText;
    const writeY = write.y ?? tickText;
    return [
        x &&
            x.ticks.map((tick) =>
                s(
                    'g',
                    {},
                    s('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: plot.top, y2: plot.bottom }),
                    s(
                        'text',
                        { class: 'tick', x: x(tick), y: plot.bottom + 16, 'text-anchor': 'middle' },
                        writeX(tick),
                    ),
                ),
            ),
        y &&
            y.ticks.map((tick) =>
                s(
                    'g',
                    {},
                    s('line', { class: 'grid', x1: plot.left, x2: plot.right, y1: y(tick), y2: y(tick) }),
                    s('text', { class: 'tick', x: plot.left - 6, y: y(tick) + 4, 'text-anchor': 'end' }, writeY(tick)),
                ),
            ),
        words.x &&
            s(
                'text',
                { class: 'axis', x: (plot.left + plot.right) / 2, y: plot.bottom + 34, 'text-anchor': 'middle' },
                words.x,
            ),
        words.y && s('text', { class: 'axis', x: plot.left - 6, y: plot.top - 10, 'text-anchor': 'start' }, words.y),
    ];
}

export const picture = (width, height, label, ...shapes) =>
    s('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label }, ...shapes);

// colour classes and names in rows from the left edge; the shapes and the height they take
export function legend(entries, left, top, width) {
    let [x, y] = [left, top];
    const shapes = entries.map(([kind, text]) => {
        const wide = 26 + text.length * 7;
        if (x + wide > width && x > left) [x, y] = [left, y + 20];
        const made = s(
            'g',
            {},
            s('rect', { class: kind, x, y: y - 10, width: 12, height: 12 }),
            s('text', { class: 'tick', x: x + 17, y }, text),
        );
        x += wide;
        return made;
    });
    return { shapes, height: y - top + 20 };
}
