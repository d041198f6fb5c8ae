// SPDX-License-Identifier: GPL-3.0-or-later
// The form that sets a rate, or changes one from a day on.
import { post } from './api.js';
import { field, h, replace, select } from './dom.js';
import { today } from './format.js';
import { kinds } from './rate_kinds.js';
import { form, say } from './view.js';

// {node, change(rate)}: the form, and what fills it with a rate that is to be changed
export function rateEditor(environment, machines, reload) {
    const inputs = h('div', { class: 'fields' });
    const from = h('input', { type: 'date', name: 'valid_from', value: today(), required: true });
    const to = h('input', { type: 'date', name: 'valid_to' });
    const currency = h('input', { value: environment.currency, maxlength: 3, name: 'currency' });
    let read = [];
    const offer = (kind) => {
        read = kinds[kind].inputs.map(([name, label, type, optional]) => {
            const control =
                Array.isArray(type) || type === 'machine'
                    ? select(
                          Array.isArray(type)
                              ? type.map((value) => [value, value])
                              : [['', '(every machine)'], ...machines.map((machine) => [machine.id, machine.name])],
                          Array.isArray(type) ? type[0] : '',
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
                    if (name === 'base' && (given === 'conversion' || read[0].value() !== 'manufacturing'))
                        return undefined;
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
            kind !== 'overhead' && kind !== 'fx' && field('Currency', currency),
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
    const was = h('p', { class: 'note', hidden: true });
    const change = (rate, text) => {
        kind.value = rate.kind;
        offer(rate.kind);
        for (const { control, type } of read) {
            const value = rate.fields[control.name];
            // without its name the rate would be set for every machine
            if (type === 'machine' && value && !machines.some((machine) => machine.id === value))
                control.append(h('option', { value }, '(a machine that is not here)'));
            if (value !== undefined && value !== null)
                control.value = type === 'percent' ? Number((value * 100).toPrecision(12)) : value;
        }
        currency.value = rate.currency;
        from.value = today();
        to.value = '';
        was.hidden = false;
        was.textContent = `It says ${text} from ${rate.valid_from} on. With its own day the value is replaced, with another day the new value follows it.`;
        node.querySelector('.alarm').textContent = '';
        node.open = true;
        node.scrollIntoView({ block: 'nearest' });
        read.find(({ type }) => type === 'number' || type === 'percent').control.focus();
    };
    const node = h(
        'details',
        { id: 'rate-editor' },
        h('summary', {}, 'Set a rate'),
        was,
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
                currency: currency.value.trim().toUpperCase(),
                valid_from: from.value,
                ...(to.value ? { valid_to: to.value } : {}),
            });
            say('The rate is set; quotes from now on use it.');
            was.hidden = true;
            reload();
        }),
    );
    return { node, change };
}
