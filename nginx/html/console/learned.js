// SPDX-License-Identifier: GPL-3.0-or-later
// What a calibration learned: in a sentence, in pictures, in tables. The same for an answer and for a stored run.
import { shares } from './chart_bars.js';
import { intervals } from './chart_interval.js';
import { h, table } from './dom.js';
import { figure } from './figure.js';
import { count, fixed, number, percent, plural, range, times } from './format.js';
import { saveCsv } from './save.js';
import { note } from './view.js';

const shownBins = 12;
const shownNames = 10;

const headline = {
    activated: 'Activated: quotes use it from now on.',
    dry_run: 'Tried: nothing was changed.',
    not_improved: 'Kept, not activated: quotes stay as they are.',
    insufficient_data: 'Too few orders to tell a correction from chance; they are kept.',
};

const drivers = { total: 'Whole cost', material: 'Material', run: 'Run time', setup: 'Setup', other: 'Tooling, external' };
const groupNames = {
    part4: 'Part with 4 or more orders',
    part2: 'Part with 2 or 3 orders',
    part1: 'Part with 1 order',
    bin: 'New part, known supplier',
    env: 'New part, new supplier',
};
const groupName = (group) => groupNames[group] ?? (group.startsWith('bin:') ? `New part, ${group.slice(4)}` : group);
const groupOf = (key, level) => (level === 'environment' ? 'All' : key || '(no supplier)');

function adjustments(fit, name) {
    const groups = new Map();
    for (const effect of fit.drivers) {
        const key = groupOf(effect.key, effect.level);
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(effect);
    }
    const drawn = [...groups].slice(0, shownBins + 1);
    const tip = (e) =>
        `${drivers[e.driver] ?? e.driver} costs ${times(e.multiplier)} of what the plan says\n90 % interval ${range(e.ci90, times)}` +
        (e.informed === null ? '' : `\n${percent(e.informed, 0)} of this comes from orders, the rest is assumed`);
    return [
        figure({
            title: 'What really costs more or less than planned',
            text:
                'Factor on each cost driver with its 90 % interval; right of 1 is dearer than the plan.' +
                (groups.size > drawn.length
                    ? ` The first ${shownBins} of ${groups.size - 1} suppliers; the CSV has all.`
                    : ''),
            name: `${name}-drivers`,
            label: 'Factors by cost driver with 90 % intervals',
            picture: () =>
                intervals({
                    words: 'Factor on the planned cost',
                    groups: drawn.map(([key, effects]) => ({
                        name: key,
                        rows: effects.map((e) => ({
                            name: drivers[e.driver] ?? e.driver,
                            value: e.multiplier,
                            low: e.ci90[0],
                            high: e.ci90[1],
                            tip: tip(e),
                        })),
                    })),
                }),
            head: ['level', 'key', 'driver', 'multiplier', 'lower_90', 'upper_90', 'informed'],
            rows: fit.drivers.map((e) => [e.level, e.key, e.driver, e.multiplier, e.ci90[0], e.ci90[1], e.informed]),
        }),
        byBin(
            [...groups].filter(([key]) => key !== 'All'),
            fit,
        ),
    ];
}

function byBin(groups, fit) {
    if (!groups.length) return null;
    const names = Object.keys(drivers).filter((driver) => fit.drivers.some((e) => e.driver === driver));
    const orders = new Map(fit.conformal?.filter((g) => g.group.startsWith('bin:')).map((g) => [g.group.slice(4), g]));
    const cell = (effects, driver) => {
        const e = effects.find((one) => one.driver === driver);
        if (!e) return '–';
        return [times(e.multiplier), ' ', h('small', {}, `${fixed(e.ci90[0], 2)}–${fixed(e.ci90[1], 2)}`)];
    };
    return table(
        'By supplier, plant or line: factor and its 90 % interval',
        [
            { name: 'Supplier', of: ([key]) => key },
            { name: 'Orders', number: true, of: ([key]) => count(orders.get(key)?.n) },
            ...names.map((driver) => ({
                name: drivers[driver],
                number: true,
                of: ([, effects]) => cell(effects, driver),
            })),
        ],
        groups.slice(0, 200),
    );
}

function coverage(fit, alpha, name) {
    const groups = (fit.conformal ?? []).filter((group) => !group.group.startsWith('bin:') && group.n > 0);
    if (!groups.length) return null;
    const wanted = 1 - alpha;
    return figure({
        title: `How often the actual cost lies inside the ${percent(wanted, 0)} interval`,
        text: 'By how much history the part has. Measured by leaving orders out; the dashed line is what is aimed at.',
        name: `${name}-coverage`,
        label: 'Coverage by history of the part',
        picture: () =>
            shares({
                wanted,
                words: 'Share inside',
                rows: groups.map((g) => ({
                    name: groupName(g.group),
                    value: g.n >= 10 ? g.coverage : null,
                    tip: `${groupName(g.group)}: ${plural(g.n, 'order')}, ${plural(g.units, 'part or group', 'parts or groups')}\nwidth q = ${number(g.q)}, sized ${g.method}`,
                })),
            }),
        head: ['group', 'orders', 'units', 'coverage', 'q', 'method'],
        rows: fit.conformal.map((g) => [g.group, g.n, g.units, g.coverage, g.q, g.method]),
    });
}

function heldOut(answer) {
    const of = answer.fit.held_out;
    if (!of) return null;
    const rows = [
        ['Order of a part it knows', of.seen_part],
        ['Part it has never seen', of.unseen_part],
        ['Supplier it has never seen', of.unseen_bin],
    ].filter(([, metrics]) => metrics?.n);
    if (!rows.length) return null;
    return table(
        'Error on orders left out of the fit: what to expect of the next quotes',
        [
            { name: 'Kind of order', of: ([text]) => text },
            { name: 'Orders', number: true, of: ([, m]) => count(m.n) },
            { name: 'Half are within', number: true, of: ([, m]) => percent(m.median_ape) },
            { name: 'Mean error', number: true, of: ([, m]) => percent(m.mape) },
        ],
        rows,
    );
}

function leftOut(answer, name) {
    const reasons = Object.entries(answer.fit?.left_out ?? {}).filter(([, n]) => n > 0);
    const unknown = answer.unknown_part_numbers ?? [];
    return [
        reasons.length > 0 &&
            note(
                'Orders that were not fitted: ',
                reasons.map(([reason, n]) => `${reason.replaceAll('_', ' ')}: ${count(n)}`).join('; '),
                '.',
            ),
        unknown.length > 0 &&
            h(
                'details',
                { id: 'unknown-parts' },
                h('summary', {}, `${plural(unknown.length, 'part number')} the service does not know`),
                h(
                    'p',
                    {},
                    unknown.slice(0, shownNames).join(', '),
                    unknown.length > shownNames ? ' …' : '',
                    '. Import these parts with their process plans.',
                ),
                h(
                    'p',
                    {},
                    h(
                        'button',
                        {
                            type: 'button',
                            onclick: () =>
                                saveCsv(
                                    `${name}-unknown-parts`,
                                    ['part_number'],
                                    unknown.map((part) => [part]),
                                ),
                        },
                        'All of them as CSV',
                    ),
                ),
            ),
    ];
}

// comparison: a node that stands between the figures and the details, or none
// stored: an earlier run, whose present state the list tells
export function learned(answer, { dry, name, comparison, stored }) {
    const fit = answer.fit ?? {};
    const status = dry ? 'dry_run' : answer.status;
    return h(
        'section',
        { 'aria-label': 'What was learned' },
        stored
            ? null
            : h(
                  'h3',
                  { id: 'outcome', tabindex: -1, class: `outcome ${answer.status}` },
                  headline[status] ?? answer.status,
              ),
        h('p', {}, answer.message),
        h(
            'dl',
            { class: 'facts' },
            [
                ['Orders fitted', count(answer.samples_applied)],
                ['Left out of the first fit to measure it', count(answer.n_holdout)],
                ['Mean error on those', percent(answer.holdout_mape)],
                ['Inside their interval', percent(answer.holdout_coverage)],
            ].map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
        ),
        leftOut(answer, name),
        comparison,
        fit.drivers?.length ? adjustments(fit, name) : null,
        coverage(fit, answer.alpha ?? 0.1, name),
        fit.held_out ? heldOut(answer) : null,
    );
}
