// SPDX-License-Identifier: GPL-3.0-or-later
// Labeling: how far campaigns are, and what each annotator's answers are worth.
import { all, get, offered } from './api.js';
import { shares } from './chart_bars.js';
import { h, table } from './dom.js';
import { figure } from './figure.js';
import { count, number, percent, plural } from './format.js';
import { empty, eventual, note } from './view.js';

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

function annotators(quality) {
    const name = (one, i) => one.annotator_email ?? `Annotator ${i + 1}`;
    if (!quality.annotators.length) return empty('Nobody has answered yet.');
    return [
        figure({
            title: 'Trust in each annotator',
            level: 'h2',
            name: 'annotators',
            text: 'From honeypots, from agreement with the others, and from the consensus model.',
            picture: () =>
                shares({
                    words: 'Trust',
                    rows: quality.annotators
                        .slice(0, 30)
                        .map((one, i) => ({
                            name: name(one, i),
                            value: one.trust,
                            tip: `${name(one, i)}\n${plural(one.n_submissions, 'answer')}, honeypots right ${percent(one.gold_accuracy)}`,
                        })),
                }),
            head: ['annotator', 'answers', 'honeypots_right', 'agreement', 'reliability', 'trust', 'blocked'],
            rows: quality.annotators.map((one, i) => [
                name(one, i),
                one.n_submissions,
                one.gold_accuracy,
                one.consensus_agreement,
                one.reliability,
                one.trust,
                one.blocked ? 'yes' : 'no',
            ]),
        }),
        table(
            'Annotators',
            [
                { name: 'Annotator', of: ([one, i]) => name(one, i) },
                { name: 'Answers', number: true, of: ([one]) => count(one.n_submissions) },
                { name: 'Honeypots right', number: true, of: ([one]) => percent(one.gold_accuracy) },
                { name: 'Agrees with others', number: true, of: ([one]) => percent(one.consensus_agreement) },
                { name: 'Reliability', number: true, of: ([one]) => number(one.reliability) },
                {
                    name: 'State',
                    of: ([one]) =>
                        one.blocked ? `blocked${one.blocked_reason ? `: ${one.blocked_reason}` : ''}` : 'takes tasks',
                },
            ],
            quality.annotators.map((one, i) => [one, i]),
        ),
    ];
}

export function campaignPage(id) {
    return {
        title: 'Campaign',
        body: eventual(async () => {
            const campaign = await get(`/labeling/campaigns/${id}`);
            document.title = `${campaign.name} – Costwright`;
            return [
                h('h1', {}, campaign.name),
                h(
                    'p',
                    { class: 'soft' },
                    `${campaign.status} · ${count(campaign.resolved_count)} of ${plural(campaign.task_count, 'task')} decided · ${campaign.consensus_method.replaceAll('_', ' ')}`,
                ),
                eventual(async () => {
                    const quality = await offered(`/labeling/campaigns/${id}/quality`);
                    if (!quality) return null;
                    return [
                        h(
                            'dl',
                            { class: 'facts' },
                            [
                                ['Krippendorff’s alpha', number(quality.alpha)],
                                ['Needed to promote', number(quality.acceptance_alpha)],
                                ['Answers', count(quality.n_submissions)],
                            ].map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
                        ),
                        quality.alpha === null
                            ? note('Alpha is not defined yet: it needs tasks with two answers and more than one label.')
                            : note(
                                  quality.accepted
                                      ? 'The answers agree well enough to become ground truth.'
                                      : 'The answers do not agree well enough yet.',
                              ),
                        annotators(quality),
                    ];
                }),
            ];
        }),
    };
}
