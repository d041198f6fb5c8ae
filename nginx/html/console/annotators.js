// SPDX-License-Identifier: GPL-3.0-or-later
// What each annotator's answers are worth.
import { shares } from './chart_bars.js';
import { table } from './dom.js';
import { figure } from './figure.js';
import { count, number, percent, plural } from './format.js';
import { empty } from './view.js';

export function annotators(quality) {
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
                    rows: quality.annotators.slice(0, 30).map((one, i) => ({
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
