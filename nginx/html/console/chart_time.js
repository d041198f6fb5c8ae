// SPDX-License-Identifier: GPL-3.0-or-later
// Validity on a time line: a row per thing, a bar per period, today marked. Open ends run to the right edge.
import { colour, narrow, rowScale, rulers, scale } from './chart.js';
import { today } from './format.js';

const line = 26; // pixels of a row
const dayOf = (text) => Date.parse(`${text}T00:00:00Z`) / 86400000;
const year = 365.25;

function yearTicks(low, high, most) {
    const of = (day) => new Date(day * 86400000).getUTCFullYear();
    const every = Math.max(1, Math.ceil((of(high) - of(low) + 1) / most));
    const ticks = [];
    for (let y = Math.ceil(of(low) / every) * every; y <= of(high); y += every)
        ticks.push({ value: dayOf(`${String(y).padStart(4, '0')}-01-01`) });
    return ticks.filter(({ value }) => value >= low && value <= high);
}

// what each bar says, where it is wide enough
const inside = {
    id: 'inside',
    afterDatasetsDraw(chart) {
        const { ctx } = chart;
        ctx.save();
        ctx.textBaseline = 'middle';
        chart.getDatasetMeta(0).data.forEach((bar, i) => {
            const { text, active } = chart.data.datasets[0].data[i];
            const left = Math.min(bar.x, bar.base);
            if (ctx.measureText(text).width + 12 > Math.abs(bar.x - bar.base)) return;
            ctx.fillStyle = colour(active ? 'on-accent' : 'ink');
            ctx.fillText(text, left + 6, bar.y);
        });
        ctx.restore();
    },
};

// rows: [{name, heading?: true, periods: [{from, to?, text, tip, …}]}]; pick(period)
export function timeline({ rows, pick }) {
    const periods = rows.flatMap((row) => row.periods ?? []);
    const now = dayOf(today());
    const starts = periods.map((period) => dayOf(period.from));
    const ends = periods.filter((period) => period.to).map((period) => dayOf(period.to));
    const low = Math.max(Math.min(...starts, now), now - 30 * year) - 30;
    const high = Math.max(now, ...starts, ...ends.filter((end) => end < now + 20 * year)) + year / 2;
    const bars = rows.flatMap((row, y) =>
        (row.periods ?? []).map((period, k) => {
            const from = dayOf(period.from);
            const next = row.periods[k + 1];
            const end = Math.min(period.to ? dayOf(period.to) + 1 : high, next ? dayOf(next.from) : high, high);
            return { ...period, x: [Math.max(low, from), end], y, active: from <= now && end > now && !period.off };
        }),
    );
    return {
        type: 'bar',
        indexAxis: 'y',
        height: (width) => rows.length * (width < narrow ? 1.3 * line : line) + 34,
        data: {
            datasets: [
                {
                    data: bars,
                    barThickness: line - 6,
                    borderRadius: 3,
                    borderSkipped: false,
                    borderWidth: 1,
                    minBarLength: 3,
                    backgroundColor: bars.map((bar) => colour(bar.active ? 'accent' : 'faint')),
                    borderColor: bars.map((bar) => colour(bar.active ? 'ground' : 'line')),
                },
            ],
        },
        scales: {
            x: scale('', (value) => String(new Date(value * 86400000).getUTCFullYear()), {
                type: 'linear',
                min: low,
                max: high,
                afterBuildTicks: (axis) => (axis.ticks = yearTicks(low, high, Math.max(2, axis.chart.width / 90))),
            }),
            y: rowScale(
                rows.map((row) => row.name),
                new Set(rows.map((row, i) => (row.heading ? i : -1))),
            ),
        },
        plugins: [rulers({ x: now }), inside],
        pick,
    };
}
