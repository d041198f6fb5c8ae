// SPDX-License-Identifier: GPL-3.0-or-later
// Rates of an environment: every kind side by side on a time line, a table with all values, a form that sets one.
import { get, remove } from './api.js';
import { timeline } from './chart_time.js';
import { h, table } from './dom.js';
import { figure } from './figure.js';
import { number, plural } from './format.js';
import { editMachine } from './machines.js';
import { rateEditor } from './rate_editor.js';
import { kinds } from './rate_kinds.js';
import { action, empty, eventual } from './view.js';

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

// machines have rates, too: what an hour costs while they belong to the environment
const machineRows = (memberships) =>
    memberships.map((member) => {
        const { name, hourly_rate_eur: hourly, burden_rate_eur: burden } = member.machine;
        const text = `${number(hourly)} EUR/h${burden ? ` + ${number(burden)}` : ''}${member.is_enabled ? '' : ', disabled'}`;
        return {
            name,
            periods: [
                {
                    from: member.valid_from,
                    to: member.valid_to,
                    text,
                    off: !member.is_enabled,
                    member,
                    tip: `${name}: ${text}\nfrom ${member.valid_from} to ${member.valid_to ?? 'open end'}\nclick to change it`,
                },
            ],
        };
    });

function timeRows(groups, memberships) {
    const machines = memberships.length ? [{ name: 'Machines', heading: true }, ...machineRows(memberships)] : [];
    return machines.concat(
        Object.keys(kinds).flatMap((kind) => {
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
                            rate,
                            tip: `${group.name}: ${text}\nfrom ${rate.valid_from} to ${rate.valid_to ?? 'open end'}\nclick to change it`,
                        };
                    }),
                })),
            ];
        }),
    );
}

// memberships: of the environment's machines; known: its rates as they were when the page was asked for
export function ratesSection(environment, memberships, known) {
    const machines = memberships.map((member) => member.machine);
    const names = new Map(machines.map((machine) => [machine.id, machine.name]));
    let open = false; // the list of all values
    const shown = eventual(async () => {
        const rates = known ?? (await get(`/environments/${environment.id}/rates`));
        known = undefined;
        if (!rates.length && !memberships.length)
            return empty('No rate yet. A quote needs at least a price for each material that the process plans name.');
        const groups = grouped(rates, names);
        const rows = timeRows(groups, memberships);
        const flat = groups.flatMap((group) => group.list.map((rate) => ({ ...rate, name: group.name })));
        return [
            figure({
                title: `${plural(memberships.length, 'machine')}, ${plural(groups.length, 'rate')}, ${plural(rates.length, 'value')} over time`,
                level: 'h3',
                text: 'Filled: what quotes of today use. The dashed line is today. A click on a bar changes it.',
                name: `rates-${environment.name}`,
                label: 'Validity of rates over time',
                picture: () =>
                    timeline({
                        rows,
                        pick: (bar) =>
                            bar?.member
                                ? editMachine(bar.member.membership_id)
                                : bar?.rate && set.change(bar.rate, bar.text),
                    }),
                head: ['kind', 'name', 'value', 'currency', 'valid_from', 'valid_to'],
                rows: [
                    ...memberships.map((member) => [
                        'machine',
                        member.machine.name,
                        `${member.machine.hourly_rate_eur} EUR/h`,
                        'EUR',
                        member.valid_from,
                        member.valid_to,
                    ]),
                    ...flat.map((rate) => [
                        rate.kind,
                        rate.name,
                        kinds[rate.kind].text(rate.fields, rate.currency),
                        rate.currency,
                        rate.valid_from,
                        rate.valid_to,
                    ]),
                ],
            }),
            h(
                'details',
                { open, ontoggle: (event) => (open = event.target.open) },
                h('summary', { id: 'all-values' }, 'All values, to change or remove'),
                table(
                    'All values',
                    [
                        { name: 'Kind', of: (rate) => kinds[rate.kind].name },
                        { name: 'Name', of: (rate) => rate.name },
                        { name: 'Value', of: (rate) => kinds[rate.kind].text(rate.fields, rate.currency) },
                        { name: 'From', of: (rate) => rate.valid_from },
                        { name: 'To', of: (rate) => rate.valid_to ?? 'open' },
                        {
                            name: 'Do',
                            of: (rate) =>
                                h(
                                    'span',
                                    { class: 'row' },
                                    action(
                                        'Change',
                                        async () => set.change(rate, kinds[rate.kind].text(rate.fields, rate.currency)),
                                        { 'aria-label': `Change ${rate.name} of ${rate.valid_from}` },
                                    ),
                                    action(
                                        'Remove',
                                        async () => {
                                            if (
                                                !confirm(
                                                    `Remove ${rate.name}, valid from ${rate.valid_from}? Quotes made so far keep their price.`,
                                                )
                                            )
                                                return;
                                            await remove(
                                                `/environments/${environment.id}/rates/${rate.kind}/${rate.id}`,
                                            );
                                            await shown.again();
                                            document.getElementById('all-values')?.focus();
                                        },
                                        { 'aria-label': `Remove ${rate.name} of ${rate.valid_from}` },
                                    ),
                                ),
                        },
                    ],
                    flat,
                ),
            ),
        ];
    });
    const set = rateEditor(environment, machines, () => shown.again());
    return h('section', { 'aria-labelledby': 'rates-title' }, h('h2', { id: 'rates-title' }, 'Rates'), shown, set.node);
}
