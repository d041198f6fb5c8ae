// SPDX-License-Identifier: GPL-3.0-or-later
// What the pictures share: colours of the page, scales, marks that Chart.js has not, keys. A mark of a picture is an
// item {x, y, tip} of a data set with tips; the others are ground for the eye.
import { number } from './format.js';
import { Chart } from './libraries.js';

// the page's colour of that name, as it is now; alpha: how much of it
export function colour(name, alpha = 1) {
    const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    return alpha === 1
        ? hex
        : hex +
              Math.round(255 * alpha)
                  .toString(16)
                  .padStart(2, '0');
}

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

// Chart.js puts a tick at every digit of every power; these are few and round
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
    return powers.filter((_, i) => i % Math.ceil(powers.length / most) === 0);
}

const tickText = (value) => (Math.abs(value) >= 10000 ? number(value) : String(Number(value.toPrecision(6))));

export const scale = (words, write = tickText, more = {}) => ({
    title: { display: Boolean(words), text: words, font: { weight: 600 }, color: colour('ink') },
    grid: { color: colour('faint') },
    border: { display: false },
    ...more,
    ticks: { callback: write, maxRotation: 0, ...more.ticks },
});

export const logarithmic = (words, [min, max], write) =>
    scale(words, write, {
        type: 'logarithmic',
        min,
        max,
        afterBuildTicks: (axis) => {
            const room = axis.isHorizontal() ? axis.chart.width / 80 : axis.chart.height / 36;
            axis.ticks = logTicks(axis.min, axis.max, Math.max(2, room)).map((value) => ({ value }));
        },
    });

export const narrow = 480; // pixels below which names of rows take two lines

// in two lines where it is long; what is longer still ends in dots
function wrapped(name, most) {
    if (name.length <= most) return name;
    const cut = name.lastIndexOf(' ', most);
    const [first, rest] = cut > 0 ? [name.slice(0, cut), name.slice(cut + 1)] : [name.slice(0, most), name.slice(most)];
    return [first, rest.length > most ? `${rest.slice(0, most - 1)}…` : rest];
}

// a row a name; headings: those that are none
export const rowScale = (names, headings = new Set()) => ({
    type: 'category',
    labels: names.map((_, i) => i),
    offset: true,
    grid: { display: false },
    border: { display: false },
    ticks: {
        autoSkip: false,
        callback(i) {
            return wrapped(names[i], this.chart.width < narrow ? 16 : 36);
        },
        font: ({ index }) => (headings.has(index) ? { weight: 'bold', size: 13 } : {}),
        color: ({ index }) => colour(headings.has(index) ? 'ink' : 'soft'),
    },
});

// dashed lines across the picture: {x} or {y}
export const rulers = (...lines) => ({
    id: 'rulers',
    afterDatasetsDraw({ ctx, chartArea: area, scales }) {
        ctx.save();
        ctx.strokeStyle = colour('ink');
        ctx.lineWidth = 1.5;
        ctx.setLineDash([5, 4]);
        for (const { x, y } of lines) {
            const at = x === undefined ? scales.y.getPixelForValue(y) : scales.x.getPixelForValue(x);
            ctx.beginPath();
            ctx.moveTo(...(x === undefined ? [area.left, at] : [at, area.top]));
            ctx.lineTo(...(x === undefined ? [area.right, at] : [at, area.bottom]));
            ctx.stroke();
        }
        ctx.restore();
    },
});

// a text at the right end of each row
export const rowEnds = (texts) => ({
    id: 'rowEnds',
    afterDraw({ ctx, width, scales }) {
        ctx.save();
        ctx.fillStyle = colour('soft');
        ctx.textAlign = 'right';
        ctx.textBaseline = 'middle';
        texts.forEach((text, i) => text && ctx.fillText(text, width - 4, scales.y.getPixelForValue(i)));
        ctx.restore();
    },
});

// draws on the canvas: {type, data, scales, legend?, plugins?, layout?, indexAxis?, pick?}; pick(mark): what a click does
export function draw(canvas, { type, data, scales, legend = false, plugins = [], pick, ...more }) {
    Chart.defaults.color = colour('soft');
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    const raw = (chart, [one]) => one && chart.data.datasets[one.datasetIndex].data[one.index];
    return new Chart(canvas, {
        type,
        data,
        plugins,
        options: {
            animation: false,
            maintainAspectRatio: false,
            interaction: { mode: 'nearest', intersect: true },
            scales,
            ...more,
            onClick: (_, found, chart) => pick?.(raw(chart, found)),
            onHover: (_, found) => (canvas.style.cursor = pick && raw(Chart.getChart(canvas), found) ? 'pointer' : ''),
            plugins: {
                legend: {
                    display: legend,
                    position: 'bottom',
                    align: 'start',
                    labels: { boxWidth: 12, boxHeight: 12 },
                },
                tooltip: {
                    displayColors: false,
                    backgroundColor: colour('ink'),
                    bodyColor: colour('ground'),
                    padding: 10,
                    callbacks: { title: () => '', label: ({ raw: item }) => item.tip?.split('\n') },
                },
            },
        },
    });
}

// Keys on a picture that has the focus: arrows, Home and End go from mark to mark, Enter does what a click does.
export function keys(canvas, said, pick) {
    let at = -1;
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    const show = (active, text) => {
        const chart = Chart.getChart(canvas);
        chart.setActiveElements(active);
        chart.tooltip.setActiveElements(active, { x: 0, y: 0 });
        chart.update('none');
        said.textContent = text;
    };
    canvas.addEventListener('keydown', (event) => {
        if (!Chart.getChart(canvas)) return; // not drawn yet
        const marks = Chart.getChart(canvas).data.datasets.flatMap(({ data }, datasetIndex) =>
            data.map((item, index) => ({ item, datasetIndex, index })).filter(({ item }) => item.tip),
        );
        if (event.key === 'Escape') show([], '');
        else if (event.key === 'Enter' && marks[at]) pick?.(marks[at].item);
        else if (event.key in steps && marks.length) {
            at = Math.max(0, Math.min(marks.length - 1, at + steps[event.key]));
            show([marks[at]], marks[at].item.tip);
        } else return;
        event.preventDefault();
    });
    canvas.addEventListener('blur', () => Chart.getChart(canvas) && show([], ''));
}
