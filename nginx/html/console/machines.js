// SPDX-License-Identifier: GPL-3.0-or-later
// Machines of an environment: what an hour costs, and whether quotes may choose them.
import { patch, post } from './api.js';
import { field, h, table } from './dom.js';
import { fixed, money } from './format.js';
import { action, empty, form, say } from './view.js';

const title = 'machines-title';

function adder(environment, reload) {
    const name = h('input', { name: 'name', required: true, maxlength: 200 });
    const klass = h('input', { name: 'klass', required: true, placeholder: 'milling.3axis_vmc' });
    const hourly = h('input', { type: 'number', name: 'hourly_rate_eur', min: 0, step: 'any', required: true });
    const burden = h('input', { type: 'number', name: 'burden_rate_eur', min: 0, step: 'any', value: 0 });
    const from = h('input', { type: 'date', name: 'valid_from', value: environment.valid_from });
    return h(
        'details',
        {},
        h('summary', {}, 'Add a machine'),
        form(
            h(
                'div',
                { class: 'fields' },
                field('Name', name),
                field('Class', klass, 'process.type, as process plans name it'),
                field('EUR per hour', hourly),
                field('Burden, EUR per hour', burden),
                field('Valid from', from),
            ),
            'Add',
            async () => {
                await post(`/environments/${environment.id}/machines`, {
                    new_machine: {
                        name: name.value.trim(),
                        klass: klass.value.trim(),
                        hourly_rate_eur: Number(hourly.value),
                        burden_rate_eur: Number(burden.value),
                        valid_from: from.value,
                    },
                });
                say(`${name.value.trim()} is added.`);
                await reload(title);
            },
        ),
    );
}

// the form of one machine: shown by a button of its row, or by its bar on the time line
export function editMachine(membership) {
    const form = document.getElementById(`machine-${membership}`);
    form.hidden = false;
    form.scrollIntoView({ block: 'nearest' });
    form.querySelector('input').focus();
}

function changer(environment, member, reload) {
    const { machine } = member;
    const path = `/environments/${environment.id}/machines/${member.membership_id}`;
    const derived = Boolean(machine.capabilities?.vdi_3258);
    const hourly = h('input', {
        type: 'number',
        name: 'hourly_rate_eur',
        min: 0,
        step: 'any',
        value: machine.hourly_rate_eur,
        disabled: derived,
    });
    const burden = h('input', {
        type: 'number',
        name: 'burden_rate_eur',
        min: 0,
        step: 'any',
        value: machine.burden_rate_eur ?? 0,
    });
    const priority = h('input', { type: 'number', name: 'fleet_priority', step: 1, value: member.fleet_priority });
    const from = h('input', { type: 'date', name: 'valid_from', value: member.valid_from });
    const to = h('input', { type: 'date', name: 'valid_to', value: member.valid_to ?? '' });
    return h(
        'div',
        { id: `machine-${member.membership_id}`, hidden: true },
        h('h3', {}, machine.name),
        form(
            h(
                'div',
                { class: 'fields' },
                field(
                    'EUR per hour',
                    hourly,
                    derived ? 'Follows from its VDI 3258 data' : 'Of the machine, in every environment that has it',
                ),
                field('Burden, EUR per hour', burden),
                field('Priority', priority, 'Lower is tried first'),
                field('Here from', from),
                field('Here to', to, 'Empty: as it is'),
            ),
            'Change',
            async () => {
                const dates = { valid_from: from.value, ...(to.value ? { valid_to: to.value } : {}) };
                await patch(path, { fleet_priority: Number(priority.value), ...dates });
                await patch(`/machines/${machine.id}`, {
                    ...(derived ? {} : { hourly_rate_eur: Number(hourly.value) }),
                    burden_rate_eur: Number(burden.value),
                });
                say(`${machine.name} is changed; quotes from now on use it.`);
                await reload(`change-${member.membership_id}`);
            },
        ),
    );
}

// reload(id): shows the environment anew, with the focus on the part of that id
export function machinesSection(environment, memberships, reload) {
    const toggle = (member) =>
        action(
            member.is_enabled ? 'Disable' : 'Enable',
            async () => {
                await patch(`/environments/${environment.id}/machines/${member.membership_id}`, {
                    is_enabled: !member.is_enabled,
                });
                say(`${member.machine.name} is ${member.is_enabled ? 'disabled' : 'enabled'}.`);
                await reload(`toggle-${member.membership_id}`);
            },
            {
                id: `toggle-${member.membership_id}`,
                'aria-label': `${member.is_enabled ? 'Disable' : 'Enable'} ${member.machine.name}`,
            },
        );
    return h(
        'section',
        { 'aria-labelledby': title },
        h('h2', { id: title, tabindex: -1 }, 'Machines'),
        memberships.length
            ? table(
                  'Machines of this environment',
                  [
                      { name: 'Machine', of: (m) => m.machine.name },
                      { name: 'Class', of: (m) => m.machine.klass },
                      { name: 'EUR/h', number: true, of: (m) => fixed(m.machine.hourly_rate_eur, 2) },
                      { name: 'Burden, EUR/h', number: true, of: (m) => money(m.machine.burden_rate_eur) },
                      { name: 'Priority', number: true, of: (m) => String(m.fleet_priority) },
                      { name: 'Valid', line: true, of: (m) => `${m.valid_from} – ${m.valid_to ?? 'open'}` },
                      { name: 'Quotes', of: (m) => (m.is_enabled ? 'may use it' : 'do not use it') },
                      {
                          name: 'Do',
                          of: (m) =>
                              h(
                                  'span',
                                  { class: 'row' },
                                  toggle(m),
                                  action('Change', async () => editMachine(m.membership_id), {
                                      id: `change-${m.membership_id}`,
                                      'aria-label': `Change ${m.machine.name}`,
                                  }),
                              ),
                      },
                  ],
                  memberships,
              )
            : empty(
                  'No machine yet. Process plans name classes of machines; add one for every class that your plans use.',
              ),
        memberships.map((member) => changer(environment, member, reload)),
        adder(environment, reload),
    );
}
