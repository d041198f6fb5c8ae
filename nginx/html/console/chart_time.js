// SPDX-License-Identifier: GPL-3.0-or-later
// Validity on a time line: a row per thing, a bar per period, today marked. Open ends run off the right edge.
import { linear, picture } from './chart.js';
import { s } from './dom.js';
import { today } from './format.js';

const line = 26;
const dayOf = (text) => Date.parse(`${text}T00:00:00Z`) / 86400000;
const year = 365.25;

function dateTicks(low, high, width) {
    const first = new Date(low * 86400000).getUTCFullYear();
    const last = new Date(high * 86400000).getUTCFullYear();
    const every = Math.max(1, Math.ceil((last - first + 1) / Math.max(2, width / 60)));
    const ticks = [];
    for (let y = Math.ceil(first / every) * every; y <= last; y += every)
        ticks.push([dayOf(`${String(y).padStart(4, '0')}-01-01`), String(y)]);
    return ticks.filter(([at]) => at >= low && at <= high);
}

// rows: [{name, heading?: true, periods: [{from, to?, text, tip}]}]
export function timeline({ width, rows, label }) {
    const periods = rows.flatMap((row) => row.periods ?? []);
    const now = dayOf(today());
    const starts = periods.map((period) => dayOf(period.from));
    const ends = periods.filter((period) => period.to).map((period) => dayOf(period.to));
    const low = Math.max(Math.min(...starts, now), now - 30 * year) - 30;
    const high = Math.max(now, ...starts, ...ends.filter((end) => end < now + 20 * year)) + year / 2;
    const left = Math.min(190, width * 0.38);
    const height = rows.length * line + 34;
    const x = linear([low, high], [left, width - 8]);
    const svg = picture(
        width,
        height,
        label,
        dateTicks(low, high, width - left).map(([at, text]) => [
            s('line', { class: 'grid', x1: x(at), x2: x(at), y1: 0, y2: height - 26 }),
            s('text', { class: 'tick', x: x(at), y: height - 8, 'text-anchor': 'middle' }, text),
        ]),
        rows.map((row, i) => {
            const y = i * line;
            const short = row.name.length * 7.2 > left ? `${row.name.slice(0, Math.floor(left / 7.2) - 1)}…` : row.name;
            return s(
                'g',
                {},
                s(
                    'text',
                    { class: row.heading ? 'heading' : 'tick', x: 4, y: y + 17, 'data-tip': row.name },
                    row.heading ? row.name : short,
                ),
                (row.periods ?? []).map((period, k) => {
                    const from = Math.max(left, x(Math.max(low, dayOf(period.from))));
                    const next = row.periods[k + 1];
                    const end = Math.min(period.to ? dayOf(period.to) + 1 : high, next ? dayOf(next.from) : high, high);
                    const wide = Math.max(3, x(end) - from - 1);
                    const active = dayOf(period.from) <= now && end > now;
                    return s(
                        'g',
                        { 'data-tip': period.tip, tabindex: 0, role: 'img', 'aria-label': period.tip },
                        s('rect', {
                            class: active ? 'period now' : 'period',
                            x: from,
                            y: y + 3,
                            width: wide,
                            height: line - 6,
                            rx: 3,
                        }),
                        period.text.length * 7 + 10 < wide &&
                            s('text', { class: active ? 'in now' : 'in', x: from + 6, y: y + 17 }, period.text),
                    );
                }),
            );
        }),
        s('line', { class: 'ideal', x1: x(now), x2: x(now), y1: 0, y2: height - 26 }),
    );
    svg.setAttribute('role', 'group');
    return svg;
}
