// SPDX-License-Identifier: GPL-3.0-or-later
// What quotes say now about orders that are done: a sample of the file through calculations/batch.
import { all, post } from './api.js';

const most = 1000; // orders drawn
const batch = 250; // quotes of one call: a larger answer takes too long to be read at a stretch
const plain = (number) => number.toLowerCase().replace(/\s/g, '');

// part number to current revision, exact first, then without case and spaces
export async function revisions(onPage) {
    const exact = new Map();
    const loose = new Map();
    for (const part of await all('', 50000, onPage)) {
        exact.set(part.part_number, part);
        loose.set(plain(part.part_number), loose.has(plain(part.part_number)) ? undefined : part);
    }
    return (number) => exact.get(number) ?? loose.get(plain(number));
}

// orders of known parts, evenly out of the whole file
export function sample(orders, find) {
    const known = orders
        .map((order) => ({ order, part: find(order.part_number) }))
        .filter(({ part }) => part?.current_revision_id);
    const step = Math.max(1, known.length / most);
    return {
        known: known.length,
        picked: Array.from({ length: Math.min(most, known.length) }, (_, i) => known[Math.floor(i * step)]),
    };
}

// {points: [{order, part, actual, predicted, plain, lower, upper}], failed: first error or undefined}
export async function predict(environment, picked, onPart = () => {}) {
    if (!picked.length) return { points: [], failed: undefined };
    const items = [];
    for (let at = 0; at < picked.length; at += batch) {
        const answer = await post('/calculations/batch', {
            costing_environment_id: environment,
            items: picked.slice(at, at + batch).map(({ order, part }) => ({
                part_revision_id: part.current_revision_id,
                lot_size: order.quantity,
                ...(order.annual_forecast ? { annual_volume: order.annual_forecast } : {}),
                ...(order.bin ? { bin: order.bin } : {}),
            })),
        });
        items.push(...answer.items);
        onPart(items.length / picked.length);
    }
    const points = items
        .map((quote, i) => ({
            ...picked[i],
            actual: picked[i].order.total_cost / picked[i].order.quantity,
            predicted: quote.unit_cost,
            lower: quote.interval?.lower,
            upper: quote.interval?.upper,
            status: quote.status,
        }))
        .filter((point) => point.status === 'succeeded');
    return { points, failed: items.find((quote) => quote.status !== 'succeeded')?.error };
}

const median = (values) => {
    const sorted = values.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

// of |predicted/actual - 1|, and the share inside the interval where there is one
export function accuracy(points) {
    const bounded = points.filter((point) => point.lower !== undefined);
    return {
        median: points.length ? median(points.map((point) => Math.abs(point.predicted / point.actual - 1))) : undefined,
        within: points.length
            ? points.filter((point) => Math.abs(Math.log(point.predicted / point.actual)) <= Math.log(1.2)).length /
              points.length
            : undefined,
        inside: bounded.length
            ? bounded.filter((point) => point.actual >= point.lower && point.actual <= point.upper).length /
              bounded.length
            : undefined,
    };
}
