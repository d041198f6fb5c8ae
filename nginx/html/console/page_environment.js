// SPDX-License-Identifier: GPL-3.0-or-later
// One environment: its machines, and every rate side by side on a time line.
import { get } from './api.js';
import { h } from './dom.js';
import { environmentHead } from './environment_head.js';
import { machinesSection } from './machines.js';
import { ratesSection } from './rates.js';
import { eventual } from './view.js';

export function environmentPage(id) {
    const body = eventual(async (named) => {
        const [environment, memberships, rates] = await Promise.all([
            get(`/environments/${id}`),
            get(`/environments/${id}/machines`),
            get(`/environments/${id}/rates`),
        ]);
        named(environment.name);
        return [
            environmentHead(environment, 'environment'),
            h(
                'p',
                { class: 'soft' },
                [
                    environment.region,
                    environment.currency,
                    `valid from ${environment.valid_from} to ${environment.valid_to ?? 'open end'}`,
                ]
                    .filter(Boolean)
                    .join(' · '),
            ),
            environment.description && h('p', {}, environment.description),
            ratesSection(environment, memberships, rates),
            machinesSection(environment, memberships, reload),
        ];
    });
    // anew after a change; the part of that id takes the focus
    async function reload(focused) {
        await body.again();
        document.getElementById(focused)?.focus();
    }
    return { title: 'Environment', body };
}
