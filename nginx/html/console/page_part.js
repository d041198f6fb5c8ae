// SPDX-License-Identifier: GPL-3.0-or-later
// One part: what it costs in an environment, what that consists of, and how it falls with the lot.
import { all, get, post } from './api.js';
import { stacked } from './chart_bars.js';
import { curve } from './chart_curve.js';
import { field, h, replace, select, table } from './dom.js';
import { figure } from './figure.js';
import { count, fixed, money, moment, number, percent, today } from './format.js';
import { alarm, empty, eventual, form, note } from './view.js';

const costNames = {
    material: 'Material',
    labour: 'Labour',
    machine: 'Machine',
    setup: 'Setup',
    tooling: 'Tooling',
    external: 'External',
    overhead_variable: 'Material and manufacturing overhead',
    overhead_fixed: 'Administration and sales',
    calibration_adjustment: 'Calibration',
};
const bases = {
    part4: 'this part’s own orders',
    part2: 'this part’s own orders',
    part1: 'this part’s one order',
    bin: 'orders of other parts',
    env: 'orders of other suppliers',
};

function breakdown(quote, name) {
    const parts = Object.entries(costNames).map(([key, text]) => ({
        name: text,
        value: quote.costs[key],
        tip: `${text}: ${money(quote.costs[key], quote.currency)} (${percent(quote.costs[key] / quote.unit_cost, 0)})`,
    }));
    return figure({
        title: 'What a piece consists of',
        name: `${name}-breakdown`,
        text: 'The parts add up to the unit cost; calibration left of zero makes it cheaper than the plan.',
        label: `Cost breakdown: ${parts.filter((part) => part.value).map((part) => part.tip).join('; ')}`,
        picture: () => stacked({ parts, words: `${quote.currency} a piece` }),
        head: ['cost', quote.currency],
        rows: parts.map((part) => [part.name, part.value]),
    });
}

function lotCurve(quote, name) {
    const points = quote.lot_curve
        .filter((point) => point.unit_cost !== null)
        .map((point) => ({
            x: point.quantity,
            y: point.unit_cost,
            low: point.lower,
            high: point.upper,
            tip:
                `${number(point.quantity)} pieces: ${money(point.unit_cost, quote.currency)}` +
                (point.lower === null ? '' : `\n${money(point.lower)} to ${money(point.upper, quote.currency)}`),
        }));
    const bounded = points.some((point) => point.low !== null);
    return figure({
        title: 'Unit cost by lot size',
        name: `${name}-lots`,
        text: bounded
            ? `The band is the ${percent(1 - quote.interval.alpha, 0)} interval; the dashed line is the lot asked for.`
            : `No interval yet: ${quote.provenance?.run ? 'it takes more actual costs' : 'calibrate the environment with actual costs'}.`,
        picture: () =>
            curve({
                points,
                mark: quote.lot_size,
                xWords: 'Pieces in the lot',
                yWords: `${quote.currency} a piece`,
            }),
        head: ['quantity', 'unit_cost', 'lower', 'upper'],
        rows: points.map((point) => [point.x, point.y, point.low, point.high]),
    });
}

function quoted(quote, part) {
    if (quote.status !== 'succeeded') return alarm(`No price: ${quote.error}`);
    const name = `quote-${part.part_number}`;
    const interval = quote.interval;
    const run = quote.provenance?.run;
    return [
        h(
            'p',
            { id: 'price', class: 'outcome' },
            h('strong', {}, money(quote.unit_cost, quote.currency)),
            ' a piece',
            interval &&
                h(
                    'span',
                    { class: 'soft' },
                    `, ${percent(1 - interval.alpha, 0)} interval ${money(interval.lower)} to ${money(interval.upper, quote.currency)}`,
                ),
        ),
        h(
            'dl',
            { class: 'facts' },
            [
                ['For the lot', money(quote.total_cost, quote.currency)],
                ['By the plan alone', money(quote.uncalibrated_unit_cost, quote.currency)],
                ['Mean, for budgets', money(quote.expected_unit_cost, quote.currency)],
                ['Setup of the order', money(quote.setup_cost, quote.currency)],
                ['Price with profit', money(quote.price, quote.currency)],
            ].map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
        ),
        run
            ? note(
                  'Corrected by what actual costs taught',
                  interval && `; the interval rests on ${bases[interval.basis.split('/')[0]] ?? interval.basis}`,
                  '.',
              )
            : note('Not calibrated: this is what the plan and the rates say.'),
        h('div', { class: 'pair' }, breakdown(quote, name), quote.lot_curve && lotCurve(quote, name)),
    ];
}

function quoteForm(part, environments, onQuote) {
    const environment = select(
        environments.map((one) => [one.id, one.name]),
        (environments.find((one) => !one.is_baseline) ?? environments[0])?.id,
    );
    environment.name = 'environment';
    const lot = h('input', { type: 'number', name: 'lot_size', min: 0, step: 'any', value: 50, required: true });
    const volume = h('input', { type: 'number', name: 'annual_volume', min: 0, step: 'any', value: 500 });
    const bin = h('input', { name: 'bin', maxlength: 200 });
    const day = h('input', { type: 'date', name: 'priced_on', value: today() });
    return form(
        h(
            'div',
            { class: 'fields' },
            field('Environment', environment),
            field('Pieces in the lot', lot),
            field('Pieces a year', volume, 'Tooling is spread over them'),
            field('Supplier, plant or line', bin, 'As in the actual costs; empty: the usual one'),
            field('Rates of', day),
        ),
        'Quote',
        async () => {
            onQuote(
                await post('/calculations/quote', {
                    part_revision_id: part.current_revision_id,
                    costing_environment_id: environment.value,
                    lot_size: Number(lot.value),
                    annual_volume: Number(volume.value),
                    priced_on: day.value,
                    ...(bin.value.trim() ? { bin: bin.value.trim() } : {}),
                }),
            );
        },
    );
}

const operationsTable = (plan) =>
    table(
        'Operations of the plan',
        [
            { name: 'No.', number: true, of: (o) => String(o.sequence) },
            { name: 'Class', of: (o) => o.klass },
            { name: 'Setup, min', number: true, of: (o) => fixed(o.setup_time_s / 60, 1) },
            { name: 'Cycle, s', number: true, of: (o) => number(o.cycle_time_s) },
            { name: 'Labour', of: (o) => o.labour_category ?? '–' },
        ],
        plan.operations,
    );

const earlier = (id, names, onQuote) =>
    eventual(async () => {
        const { items, count: total } = await get(`/calculations?part_id=${id}&limit=10`);
        if (!items.length) return empty('No quote yet.');
        return table(
            `Latest quotes (${count(total)} in all)`,
            [
                { name: 'When', line: true, of: (quote) => moment(quote.created_at) },
                { name: 'Environment', of: (quote) => names.get(quote.costing_environment_id) ?? '–' },
                { name: 'Lot', number: true, of: (quote) => number(quote.lot_size) },
                {
                    name: 'Unit cost',
                    number: true,
                    of: (quote) => (quote.status === 'succeeded' ? money(quote.unit_cost, quote.currency) : 'failed'),
                },
                {
                    name: 'Show',
                    of: (quote) =>
                        h(
                            'button',
                            {
                                type: 'button',
                                'aria-label': `Show the quote of ${moment(quote.created_at)}`,
                                onclick: () => onQuote(quote),
                            },
                            'Show',
                        ),
                },
            ],
            items,
        );
    });

export function partPage(id) {
    return {
        title: 'Part',
        body: eventual(async (named) => {
            const [part, environments] = await Promise.all([get(`/${id}`), all('/environments/')]);
            named(part.part_number);
            if (!part.current_revision_id)
                return [
                    h('h1', {}, part.part_number),
                    empty('No revision yet: a revision carries the process plan that prices it.'),
                ];
            const revision = await get(`/${id}/revisions/${part.current_revision_id}`);
            const plan = revision.process_plan;
            const shown = h('div', { id: 'quote', 'aria-live': 'polite' });
            const show = (quote) => {
                replace(shown, quoted(quote, part));
                shown.scrollIntoView({ block: 'nearest' });
            };
            const past = h('div', {}, earlier(id, new Map(environments.map((one) => [one.id, one.name])), show));
            return [
                h('h1', {}, part.part_number),
                h(
                    'p',
                    { class: 'soft' },
                    [
                        part.name,
                        revision.revision_code && `revision ${revision.revision_code}`,
                        plan.material_ref,
                        `${number(plan.gross_mass_kg)} kg${plan.net_mass_kg == null ? '' : ` gross, ${number(plan.net_mass_kg)} kg net`}`,
                    ]
                        .filter(Boolean)
                        .join(' · '),
                ),
                h('h2', {}, 'Quote'),
                quoteForm(part, environments, (quote) => {
                    show(quote);
                    past.firstChild.again();
                }),
                shown,
                h('h2', {}, 'Earlier quotes'),
                past,
                h('h2', {}, 'Process plan'),
                plan.operations?.length ? operationsTable(plan) : empty('The plan has no operation.'),
            ];
        }),
    };
}
