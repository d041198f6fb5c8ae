// SPDX-License-Identifier: GPL-3.0-or-later
// Earlier calibrations of an environment: what watches the active one, each run, the way back.
import { get, offered, post, spread } from './api.js';
import { domainOf, scatter } from './chart_scatter.js';
import { curve } from './chart_curve.js';
import { h, replace, table } from './dom.js';
import { driftChart } from './drift_chart.js';
import { figure } from './figure.js';
import { count, money, moment, number, percent, plural } from './format.js';
import { learned } from './learned.js';
import { action, empty, eventual, note, say } from './view.js';

const rowsMost = 2000;
const kinds = {
    auto_calibrate: 'Actual unit costs',
    auto_calibrate_from_erp: 'Work orders',
    teach: 'Predictions and actuals',
    finalize: 'Observations',
    learning_curve: 'Learning curve',
    learning_curve_fit: 'Learning curve',
    policy: 'Machine choice',
    conformal_recalibrate: 'Interval alone',
    refit: 'Fitted again after another change',
};
const statusText = {
    activated: 'activated',
    not_improved: 'not better, not used',
    insufficient_data: 'too few orders',
    no_learning: 'no learning',
};
const signals = {
    bias: 'Costs drift away from the quotes',
    coverage: 'Too many costs outside their interval',
    shift: 'Costs have jumped',
};

function drift(status) {
    const open = status.drift_alerts.filter((alert) => alert.status === 'open');
    const where = (alert) => `${alert.target_metric.replaceAll('_', ' ')}${alert.bin ? `, ${alert.bin}` : ''}`;
    if (!status.drift_alerts.length)
        return status.active_posterior_count > 0 && note('No drift: what came in since fits the active calibration.');
    return [
        open.length > 0 &&
            h(
                'p',
                { class: 'alarm' },
                `${plural(open.length, 'open drift alert')}: calibrate again with the newest orders.`,
            ),
        table(
            'Drift alerts',
            [
                { name: 'What', of: (alert) => signals[alert.signal] ?? alert.signal },
                { name: 'Where', of: where },
                { name: 'Severity', of: (alert) => alert.severity },
                {
                    name: 'Shift',
                    number: true,
                    of: (alert) => (alert.log_shift === null ? '–' : percent(Math.exp(alert.log_shift) - 1)),
                },
                { name: 'Observations', number: true, of: (alert) => count(alert.n) },
                { name: 'Since', line: true, of: (alert) => moment(alert.opened_at) },
                { name: 'State', of: (alert) => alert.status },
            ],
            status.drift_alerts,
        ),
    ];
}

// observations that wait for a fit, by metric
function waiting(environment, status, refresh) {
    const pending = new Map();
    for (const one of status.observations)
        pending.set(one.target_metric, (pending.get(one.target_metric) ?? 0) + one.pending);
    return [...pending]
        .filter(([, n]) => n > 0)
        .map(([metric, n]) =>
            h(
                'p',
                { class: 'row' },
                `${plural(n, 'observation')} of ${metric.replaceAll('_', ' ')} ${n === 1 ? 'waits' : 'wait'} to be learned from.`,
                action('Learn from them', async () => {
                    const done = await post(`/calibration/environments/${environment.id}/finalize`, {
                        target_metric: metric,
                    });
                    await refresh();
                    say(done.message);
                }),
            ),
        );
}

function learningCurve(report, currency) {
    const { a, b, learning_rate: rate, n_lots: lots, r_squared: fitted, fit } = report.result;
    const cost = (x) => a * x ** b;
    const far = Math.max(1000, ...(fit?.lots ?? []).map((lot) => 2 * lot.midpoint));
    const line = Array.from({ length: 40 }, (_, i) => far ** (i / 39)).map((x) => ({ x, y: cost(x) }));
    const points = (fit?.lots ?? []).map(({ lot_index: lot, midpoint: x }) => ({
        x,
        y: cost(x),
        tip: `lot ${lot}, midpoint at unit ${number(x)}\n${money(cost(x), currency)} by the curve`,
    }));
    const error = fit?.se_b == null ? '' : ` Exponent ${b.toFixed(3)}, standard error ${fit.se_b.toFixed(3)}.`;
    return figure({
        title: `Every doubling costs ${percent(rate, 0)} of before`,
        name: 'learning-curve',
        text: `Fitted to ${plural(lots, 'lot')}; it explains ${percent(fitted, 0)} of the variance. The first unit costs ${money(a, currency)}.${error} The dots are the midpoints of the lots it was fitted to.`,
        label: `Learning curve: a unit costs ${percent(rate, 0)} of before with every doubling`,
        picture: () =>
            curve({
                points,
                line,
                xWords: 'Unit',
                yWords: `${currency} a unit`,
            }),
        head: ['unit', currency],
        rows: line.map((point) => [point.x, point.y]),
    });
}

const fitted = (environment, run) =>
    eventual(async () => {
        const { rows, count: total } = await spread(
            `/calibration/environments/${environment.id}/runs/${run.id}/rows`,
            rowsMost,
        );
        if (!rows.length) return null;
        const tip = (row, value) =>
            `${number(row.lot_size)} pieces${row.bin ? `, ${row.bin}` : ''}\nactual ${money(row.actual, environment.currency)}, predicted ${money(value, environment.currency)}`;
        const sets = [
            ['By the plan alone', 'uncalibrated'],
            ['With this run', 'predicted'],
        ].map(([title, key]) => ({
            title,
            key,
            points: rows
                .filter((row) => row[key] > 0 && row.actual > 0)
                .map((row) => ({ x: row.actual, y: row[key], tip: tip(row, row[key]) })),
        }));
        const domain = domainOf(...sets.map((set) => set.points));
        const drawn =
            rows.length < total &&
            note(`${count(rows.length)} of ${plural(total, 'order')} drawn, from all of the list.`);
        return [
            drawn,
            h(
                'div',
                { class: 'pair' },
                sets.map(({ title, key, points }) =>
                    figure({
                        title,
                        level: 'h4',
                        name: `run-${key}`,
                        label: `${title}: predicted against actual cost of ${points.length} orders`,
                        picture: () =>
                            scatter({
                                points,
                                domain,
                                xWords: `Actual, ${environment.currency} a piece`,
                                yWords: 'Predicted',
                            }),
                        head: ['actual', 'predicted', 'lot_size', 'bin'],
                        rows: rows.map((row) => [row.actual, row[key], row.lot_size, row.bin]),
                    }),
                ),
            ),
        ];
    }, 'Loading the orders it learned from…');

async function showRun(environment, run, box) {
    const report = await get(`/calibration/environments/${environment.id}/runs/${run.id}`);
    const result = report.result;
    replace(
        box,
        h('h3', { tabindex: -1, id: 'run-shown' }, `Run of ${moment(run.created_at)}`),
        result.b !== null && result.a !== null
            ? learningCurve(report, environment.currency)
            : learned(result, {
                  name: `run-${run.created_at.slice(0, 10)}`,
                  stored: true,
                  comparison: run.target_metric === 'unit_cost' && fitted(environment, run),
              }),
    );
    document.getElementById('run-shown').focus();
}

function runs(environment, list, refresh) {
    const box = h('div', {});
    const path = `/calibration/environments/${environment.id}`;
    const change = (label, words, act) =>
        action(label, async () => {
            if (!confirm(words)) return;
            const done = await act();
            await refresh();
            say(done.message);
        });
    const active = list.data.find((run) => run.active && run.slot === 'unit_cost');
    const offer = (run) => [
        action('Show', () => showRun(environment, run, box), {
            'aria-label': `Show the run of ${moment(run.created_at)}`,
        }),
        run.status === 'activated' &&
            !run.active &&
            change('Activate', 'Quotes will use this run from now on.', () => post(`${path}/runs/${run.id}/activate`)),
    ];
    return [
        table(
            `Calibrations (${count(list.count)} in all)`,
            [
                { name: 'When', line: true, of: (run) => moment(run.created_at) },
                { name: 'From', of: (run) => kinds[run.kind] ?? run.kind.replaceAll('_', ' ') },
                { name: 'Of', of: (run) => (run.target_metric ?? '–').replaceAll('_', ' ') },
                {
                    name: 'Result',
                    of: (run) => (run.active ? h('strong', {}, 'in use') : (statusText[run.status] ?? run.status)),
                },
                { name: 'Do', of: (run) => h('span', { class: 'row' }, offer(run)) },
            ],
            list.data,
        ),
        active &&
            h(
                'p',
                { class: 'row', id: 'run-tools' },
                active.base_run_id &&
                    change('Go back to the one before', 'Quotes will use the calibration that was active before.', () =>
                        post(`${path}/revert`, { slot: 'unit_cost' }),
                    ),
                change('Use no calibration', 'Quotes will follow plan and rates alone. The evidence stays.', () =>
                    post(`${path}/deactivate`, { slot: 'unit_cost' }),
                ),
            ),
        box,
    ];
}

// refresh: builds this section anew
export const history = (environment, refresh) =>
    eventual(async () => {
        const path = `/calibration/environments/${environment.id}`;
        const [status, list] = await Promise.all([offered(`${path}/status`), offered(`${path}/runs?limit=50`)]);
        return [
            status &&
                h(
                    'section',
                    { 'aria-labelledby': 'watch-title' },
                    h('h2', { id: 'watch-title' }, 'Does it still hold?'),
                    status.last_fit_at
                        ? [
                              h(
                                  'p',
                                  { class: 'soft' },
                                  status.active_posterior_count > 0
                                      ? `Last fit ${moment(status.last_fit_at)}, ${plural(status.active_posterior_count, 'quantity', 'quantities')} corrected.`
                                      : `Last fit ${moment(status.last_fit_at)}; no calibration is in use: quotes follow plan and rates alone.`,
                              ),
                              drift(status),
                              driftChart(environment),
                          ]
                        : empty('Not calibrated yet: quotes follow plan and rates alone.'),
                    waiting(environment, status, refresh),
                ),
            list &&
                list.count > 0 &&
                h(
                    'section',
                    { 'aria-labelledby': 'runs-title' },
                    h('h2', { id: 'runs-title' }, 'Run history'),
                    runs(environment, list, refresh),
                ),
        ];
    });
