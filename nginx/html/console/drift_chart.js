// SPDX-License-Identifier: GPL-3.0-or-later
// Actual cost over what a quote says today, of the newest orders by date: a drift is a line that leaves 1. Asked for by
// a click, since the service keeps the quotes it takes.
import { get, post } from './api.js';
import { colour, logarithmic, reach, rulers, scale } from './chart.js';
import { h, replace } from './dom.js';
import { figure } from './figure.js';
import { count, percent, plural } from './format.js';
import { action, empty } from './view.js';

const newest = 500; // a page of evidence, and within one batch
const around = 25; // orders of the running median

function running(points) {
    return points.map((_, i) => {
        const near = points
            .slice(Math.max(0, i - around + 1), i + 1)
            .map((point) => point.ratio)
            .sort((a, b) => a - b);
        return near[near.length >> 1];
    });
}

function picture(points) {
    const dots = (learned, tone) => ({
        data: points
            .map((point, i) => ({
                x: i + 1,
                y: point.ratio,
                learned: point.learned,
                tip: `${point.date}, ${point.ref ?? 'order'}${point.bin ? `, ${point.bin}` : ''}\nactual is ${percent(point.ratio - 1)} off the quote`,
            }))
            .filter((one) => one.learned === learned),
        label: learned ? 'learned' : 'not learned',
        pointRadius: 3.5,
        pointHoverRadius: 6,
        pointHitRadius: 10,
        pointBackgroundColor: colour(tone),
    });
    return {
        type: 'scatter',
        height: () => 280,
        data: {
            datasets: [
                {
                    type: 'line',
                    data: running(points).map((y, i) => ({ x: i + 1, y })),
                    pointRadius: 0,
                    pointHitRadius: 0,
                    borderWidth: 2.5,
                    borderColor: colour('accent'),
                },
                dots(true, 'line'),
                dots(false, 'over'),
            ],
        },
        scales: {
            x: scale(`Orders by date, ${points[0].date} to ${points.at(-1).date}`, () => '', {
                type: 'linear',
                min: 0,
                max: points.length + 1,
            }),
            y: logarithmic('Actual / quote', reach(points.map((point) => point.ratio).concat(0.8, 1.25), 1.05)),
        },
        plugins: [rulers({ y: 1 })],
    };
}

async function newestOrders(environment) {
    const path = `/calibration/environments/${environment.id}/evidence?target_metric=unit_cost`;
    const { count: total } = await get(`${path}&limit=1`);
    const { data } = await get(`${path}&limit=${newest}&offset=${Math.max(0, total - newest)}`);
    return data.filter((one) => one.part_revision_id && one.actual > 0 && one.lot_size > 0);
}

async function compare(environment) {
    const orders = await newestOrders(environment);
    if (!orders.length) return empty('There is no order to compare with.');
    const { items } = await post('/calculations/batch', {
        costing_environment_id: environment.id,
        items: orders.map((one) => ({
            part_revision_id: one.part_revision_id,
            lot_size: one.lot_size,
            ...(one.annual_volume ? { annual_volume: one.annual_volume } : {}),
            ...(one.bin ? { bin: one.bin } : {}),
        })),
    });
    const points = items
        .map((quote, i) => ({
            ratio: orders[i].actual / quote.unit_cost,
            good: quote.status === 'succeeded',
            ref: orders[i].external_ref,
            bin: orders[i].bin,
            date: orders[i].occurred_on ?? orders[i].received_at.slice(0, 10),
            learned: orders[i].applied,
        }))
        .filter((point) => point.good)
        .sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
    if (!points.length) return empty('None of the newest orders can be priced today.');
    const waiting = points.filter((point) => !point.learned).length;
    return figure({
        title: 'Actual cost against today’s quotes',
        name: 'drift',
        text:
            `The newest ${plural(points.length, 'order')}; grey: the calibration has learned from it` +
            `${waiting ? `; orange: it has not (${count(waiting)})` : ''}. The line is the running median of ${around}.`,
        label: 'Actual cost over today’s quote, by date',
        picture: () => picture(points),
        head: ['date', 'external_ref', 'bin', 'actual_over_quote', 'learned_from'],
        rows: points.map((point) => [point.date, point.ref, point.bin, point.ratio, point.learned ? 'yes' : 'no']),
    });
}

export function driftChart(environment) {
    const box = h('div', {});
    return [
        h(
            'p',
            {},
            action(
                `Compare the newest ${newest} orders with today’s quotes`,
                async () => replace(box, await compare(environment)),
                { id: 'drift' },
            ),
        ),
        box,
    ];
}
