// SPDX-License-Identifier: GPL-3.0-or-later
// Predicted against actual, before and after, side by side on the same scales.
import { domainOf, scatter } from './chart_scatter.js';
import { h } from './dom.js';
import { figure } from './figure.js';
import { count, money, percent, plural } from './format.js';
import { accuracy } from './predicted.js';
import { note } from './view.js';

export function comparison({ environment, before, after, chosen, orders }) {
    if (!before.points.length) {
        return note(
            before.failed
                ? `The parts cannot be priced here: ${before.failed}`
                : 'None of the parts is known to the service: import parts with their process plans first.',
        );
    }
    const currency = environment.currency;
    const dots = (points) =>
        points.map((point) => ({
            x: point.actual,
            y: point.predicted,
            tip:
                `${point.order.part_number}, order ${point.order.work_order_id}, ${point.order.quantity} pieces\nactual ${money(point.actual, currency)}, ` +
                `predicted ${money(point.predicted, currency)} (${percent(point.predicted / point.actual - 1, 0)})`,
        }));
    const sets = [['Before', before.points], ...(after ? [['After', after.points]] : [])].map(([title, points]) => ({
        title,
        points,
        dots: dots(points),
    }));
    const domain = domainOf(...sets.map((set) => set.dots));
    const one = ({ title, points, dots }) => {
        const of = accuracy(points);
        return figure({
            title: `${title}: half of the quotes are within ${percent(of.median)}`,
            text: `${percent(of.within, 0)} are within 20 %${of.inside === undefined ? '' : `; ${percent(of.inside, 0)} of the actual costs lie inside their interval`}.`,
            name: `predicted-actual-${title.toLowerCase()}`,
            label: `${title}: predicted against actual cost of ${points.length} orders; median error ${percent(of.median)}`,
            picture: () =>
                scatter({
                    points: dots,
                    domain,
                    xWords: `Actual cost of one piece, ${currency}`,
                    yWords: `Predicted, ${currency}`,
                }),
            head: ['part_number', 'work_order_id', 'quantity', 'actual', 'predicted', 'lower', 'upper'],
            rows: points.map((p) => [
                p.order.part_number,
                p.order.work_order_id,
                p.order.quantity,
                p.actual,
                p.predicted,
                p.lower ?? null,
                p.upper ?? null,
            ]),
        });
    };
    const drawn =
        chosen.picked.length < orders.length
            ? `${plural(chosen.picked.length, 'order')} out of ${count(orders.length)} drawn (${count(chosen.known)} are of known parts). `
            : '';
    return h(
        'section',
        { 'aria-labelledby': 'compare-title' },
        h('h3', { id: 'compare-title' }, 'Predicted against actual'),
        h(
            'p',
            { class: 'soft' },
            drawn,
            'On the dashed diagonal a quote was right; the band is ± 20 %. Priced with today’s rates.',
            after && ' These orders taught the calibration: how it does on orders it has not seen stands below.',
        ),
        h('div', { class: after && 'pair' }, sets.map(one)),
        before.failed && note(`Some orders could not be priced; the first: ${before.failed}`),
    );
}
