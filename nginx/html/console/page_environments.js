// SPDX-License-Identifier: GPL-3.0-or-later
// The environments of the organisation, and a form for a new one.
import { all, post } from './api.js';
import { field, h } from './dom.js';
import { count, day, plural, today } from './format.js';
import { eventual, form } from './view.js';

const card = (environment) =>
    h(
        'li',
        { class: 'card' },
        h('h2', {}, h('a', { href: `#/environments/${environment.id}` }, environment.name)),
        h(
            'p',
            {},
            [
                environment.region,
                environment.currency,
                `valid from ${environment.valid_from} to ${day(environment.valid_to, 'open end')}`,
                environment.is_baseline && 'baseline',
            ]
                .filter(Boolean)
                .join(' · '),
        ),
        environment.description && h('p', {}, environment.description),
        h(
            'p',
            { class: 'row' },
            h('a', { href: `#/environments/${environment.id}` }, 'Machines and rates'),
            h('a', { href: `#/environments/${environment.id}/calibration` }, 'Calibration'),
        ),
    );

function creator() {
    const name = h('input', { name: 'name', required: true, maxlength: 200 });
    const currency = h('input', { name: 'currency', value: 'EUR', maxlength: 3, size: 4 });
    const region = h('input', { name: 'region', maxlength: 100 });
    const from = h('input', { type: 'date', name: 'valid_from', value: today() });
    return h(
        'details',
        {},
        h('summary', {}, 'New environment'),
        form(
            h(
                'div',
                { class: 'fields' },
                field('Name', name, 'A plant, a line, a supplier network'),
                field('Currency', currency),
                field('Region', region, 'For example DE-BY; may stay empty'),
                field('Valid from', from),
            ),
            'Create',
            async () => {
                const made = await post('/environments', {
                    name: name.value.trim(),
                    currency: currency.value.trim().toUpperCase(),
                    valid_from: from.value,
                    ...(region.value.trim() ? { region: region.value.trim() } : {}),
                });
                location.hash = `#/environments/${made.id}`;
            },
        ),
    );
}

const seen = 12; // cards that are looked through at a glance

// shows the cards whose environments have in their name what is typed
function sieve(environments, cards, told) {
    const names = environments.map((one) => one.name.toLowerCase());
    const words = h('input', {
        type: 'search',
        name: 'filter',
        oninput: () => {
            const wanted = words.value.trim().toLowerCase();
            cards.forEach((one, i) => (one.hidden = !names[i].includes(wanted)));
            const left = cards.filter((one) => !one.hidden).length;
            told.textContent = `${count(left)} of ${plural(cards.length, 'environment')}`;
        },
    });
    return words;
}

export function environmentsPage() {
    return {
        title: 'Environments',
        body: [
            h('h1', {}, 'Environments'),
            h('p', {}, 'Where parts are made: machines, rates, and what was learned from actual costs.'),
            eventual(async () => {
                const environments = await all('/environments/');
                const cards = environments.map(card);
                const told = h('p', { class: 'soft', role: 'status' }, plural(environments.length, 'environment'));
                return h(
                    'section',
                    { 'aria-label': 'List' },
                    cards.length > seen && field('Name contains', sieve(environments, cards, told)),
                    told,
                    h('ul', { class: 'cards' }, cards),
                );
            }),
            creator(),
        ],
    };
}
