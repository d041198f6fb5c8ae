// SPDX-License-Identifier: GPL-3.0-or-later
// Labeling: how far the campaigns are.
import { all } from './api.js';
import { shares } from './chart_bars.js';
import { h, table } from './dom.js';
import { figure } from './figure.js';
import { count, plural } from './format.js';
import { empty, eventual } from './view.js';

export function labelingPage() {
    return {
        title: 'Labeling',
        body: [
            h('h1', {}, 'Labeling'),
            h('p', {}, 'People check what extractors read from parts and drawings.'),
            eventual(async () => {
                const campaigns = (await all('/labeling/campaigns')).toReversed();
                if (!campaigns.length) return empty('No campaign yet.');
                const share = (one) => (one.task_count ? one.resolved_count / one.task_count : null);
                const drawn = campaigns.slice(0, 20);
                return [
                    figure({
                        title: `${plural(campaigns.length, 'campaign')}: share of tasks decided`,
                        level: 'h2',
                        name: 'campaigns',
                        text:
                            campaigns.length > drawn.length
                                ? `The newest ${drawn.length}; the CSV has all.`
                                : undefined,
                        picture: () =>
                            shares({
                                words: 'Decided',
                                rows: drawn.map((one) => ({
                                    name: one.name,
                                    value: share(one),
                                    tip: `${one.name}\n${one.resolved_count} of ${plural(one.task_count, 'task')}, ${one.status}`,
                                })),
                            }),
                        head: ['campaign', 'status', 'tasks', 'decided'],
                        rows: campaigns.map((one) => [one.name, one.status, one.task_count, one.resolved_count]),
                    }),
                    table(
                        'Campaigns',
                        [
                            { name: 'Campaign', of: (one) => h('a', { href: `#/labeling/${one.id}` }, one.name) },
                            { name: 'State', of: (one) => one.status },
                            { name: 'Tasks', number: true, of: (one) => count(one.task_count) },
                            { name: 'Decided', number: true, of: (one) => count(one.resolved_count) },
                        ],
                        campaigns,
                    ),
                ];
            }),
        ],
    };
}
