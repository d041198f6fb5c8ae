// SPDX-License-Identifier: GPL-3.0-or-later
// Rates of an environment: every kind side by side on a time line, a table with all values, a form that sets one.
import { get, post, remove } from './api.js';
import { timeline } from './chart_time.js';
import { field, h, replace, select, table } from './dom.js';
import { figure } from './figure.js';
import { number, percent, plural, today } from './format.js';
import { action, empty, eventual, form, say } from './view.js';

// keys: what names a rate; text: its value in words; inputs: [field, label, kind of input]
const kinds = {
    material: {
        name: 'Materials',
        key: (f) => f.material_ref,
        text: (f, currency) =>
            `${number(f.price_per_kg)} ${currency}/kg` +
            (f.scrap_price_per_kg ? `, scrap ${number(f.scrap_price_per_kg)}` : ''),
        inputs: [
            ['material_ref', 'Material'],
            ['price_per_kg', 'Price per kg', 'number'],
            ['scrap_price_per_kg', 'Paid back per kg of scrap', 'number', 'optional'],
        ],
    },
    labour: {
        name: 'Labour',
        key: (f) => f.category,
        text: (f, currency) => `${number(f.hourly_rate)} ${currency}/h`,
        inputs: [
            ['category', 'Category'],
            ['hourly_rate', 'Per hour', 'number'],
        ],
    },
    overhead: {
        name: 'Overheads',
        key: (f, machines) => f.category + (f.machine_ref ? ` (${machines.get(f.machine_ref) ?? 'machine'})` : ''),
        text: (f) => percent(f.value) + (f.base === 'labour' ? ' of labour' : ''),
        inputs: [
            ['category', 'Category', ['material', 'manufacturing', 'administration', 'sales', 'profit']],
            ['value', 'Per cent', 'percent'],
        ],
    },
    fx: {
        name: 'Exchange',
        key: (f) => `1 ${f.from} in ${f.to}`,
        text: (f) => String(f.rate),
        inputs: [
            ['from', 'From currency'],
            ['to', 'To currency'],
            ['rate', '1 from = rate to', 'number'],
        ],
    },
};

function grouped(rates, machines) {
    const rows = new Map();
    for (const rate of rates) {
        const key = `${rate.kind}\n${kinds[rate.kind].key(rate.fields, machines)}`;
        if (!rows.has(key)) rows.set(key, []);
        rows.get(key).push(rate);
    }
    return [...rows].map(([key, list]) => ({
        kind: list[0].kind,
        name: key.split('\n')[1],
        list: list.toSorted((a, b) => a.valid_from.localeCompare(b.valid_from)),
    }));
}

function timeRows(groups) {
    return Object.keys(kinds).flatMap((kind) => {
        const of = groups.filter((group) => group.kind === kind);
        if (!of.length) return [];
        return [
            { name: kinds[kind].name, heading: true },
            ...of.map((group) => ({
                name: group.name,
                periods: group.list.map((rate) => {
                    const text = kinds[kind].text(rate.fields, rate.currency);
                    return {
                        from: rate.valid_from,
                        to: rate.valid_to,
                        text,
                        tip: `${group.name}: ${text}\nfrom ${rate.valid_from} to ${rate.valid_to ?? 'open end'}`,
                    };
                }),
            })),
        ];
    });
}

function editor(environment, reload) {
    const inputs = h('div', { class: 'fields' });
    const from = h('input', { type: 'date', value: today(), required: true });
    const to = h('input', { type: 'date' });
    let read = [];
    const offer = (kind) => {
        read = kinds[kind].inputs.map(([name, label, type, optional]) => {
            const control = Array.isArray(type)
                ? select(
                      type.map((value) => [value, value]),
                      type[0],
                  )
                : h(
                      'input',
                      type
                          ? { type: 'number', step: 'any', min: 0, required: !optional }
                          : { required: true, maxlength: 200 },
                  );
            control.name = name;
            return {
                name,
                label,
                control,
                type,
                value: () => {
                    const given = control.value.trim();
                    if (given === '') return undefined;
                    return type === 'percent'
                        ? Number((Number(given) / 100).toPrecision(12))
                        : type === 'number'
                          ? Number(given)
                          : given;
                },
            };
        });
        replace(
            inputs,
            read.map(({ label, control }) => field(label, control)),
            field('Valid from', from),
            field('Valid to', to, 'Empty: until the next one'),
        );
    };
    const kind = select(
        Object.entries(kinds).map(([value, { name }]) => [value, name]),
        'material',
        () => offer(kind.value),
    );
    kind.name = 'kind';
    offer('material');
    return h(
        'details',
        { id: 'rate-editor' },
        h('summary', {}, 'Set a rate'),
        h(
            'p',
            { class: 'soft' },
            'A rate counts from its day on until the next one of the same name. The same name and day again replaces the value.',
        ),
        form([field('Kind', kind), inputs], 'Set', async () => {
            const fields = Object.fromEntries(
                read.map((one) => [one.name, one.value()]).filter(([, value]) => value !== undefined),
            );
            await post(`/environments/${environment.id}/rates`, {
                kind: kind.value,
                fields,
                valid_from: from.value,
                ...(to.value ? { valid_to: to.value } : {}),
            });
            say('The rate is set; quotes from now on use it.');
            reload();
        }),
    );
}

export function ratesSection(environment, machines) {
    const names = new Map(machines.map((machine) => [machine.id, machine.name]));
    const shown = eventual(async () => {
        const rates = await get(`/environments/${environment.id}/rates`);
        if (!rates.length)
            return empty('No rate yet. A quote needs at least a price for each material that the process plans name.');
        const groups = grouped(rates, names);
        const rows = timeRows(groups);
        const flat = groups.flatMap((group) => group.list.map((rate) => ({ ...rate, name: group.name })));
        return [
            figure({
                title: `${plural(groups.length, 'rate')}, ${plural(rates.length, 'value')} over time`,
                level: 'h3',
                text: 'Filled: what quotes of today use. The dashed line is today.',
                name: `rates-${environment.name}`,
                label: 'Validity of rates over time',
                picture: () => timeline({ rows }),
                head: ['kind', 'name', 'value', 'currency', 'valid_from', 'valid_to'],
                rows: flat.map((rate) => [
                    rate.kind,
                    rate.name,
                    kinds[rate.kind].text(rate.fields, rate.currency),
                    rate.currency,
                    rate.valid_from,
                    rate.valid_to,
                ]),
            }),
            h(
                'details',
                {},
                h('summary', {}, 'All values, and how to remove one'),
                table(
                    'Rates',
                    [
                        { name: 'Kind', of: (rate) => kinds[rate.kind].name },
                        { name: 'Name', of: (rate) => rate.name },
                        { name: 'Value', of: (rate) => kinds[rate.kind].text(rate.fields, rate.currency) },
                        { name: 'From', of: (rate) => rate.valid_from },
                        { name: 'To', of: (rate) => rate.valid_to ?? 'open' },
                        {
                            name: 'Remove',
                            of: (rate) =>
                                action(
                                    'Remove',
                                    async () => {
                                        if (
                                            !confirm(
                                                `Remove ${rate.name}, valid from ${rate.valid_from}? Quotes made so far keep their price.`,
                                            )
                                        )
                                            return;
                                        await remove(`/environments/${environment.id}/rates/${rate.kind}/${rate.id}`);
                                        shown.again();
                                    },
                                    { 'aria-label': `Remove ${rate.name} of ${rate.valid_from}` },
                                ),
                        },
                    ],
                    flat,
                ),
            ),
        ];
    });
    return h(
        'section',
        { 'aria-labelledby': 'rates-title' },
        h('h2', { id: 'rates-title' }, 'Rates'),
        shown,
        editor(environment, () => shown.again()),
    );
}
