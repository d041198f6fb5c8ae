// SPDX-License-Identifier: GPL-3.0-or-later
// One labeling campaign: how far it is, how well its annotators agree, who they are, and its end.
import { all, ask, get, offered, post, remove } from './api.js';
import { annotators } from './annotators.js';
import { stacked } from './chart_bars.js';
import { field, h, replace, table } from './dom.js';
import { figure } from './figure.js';
import { count, moment, number, plural } from './format.js';
import { saveCsv } from './save.js';
import { action, empty, eventual, form, note, say } from './view.js';

const states = {
    resolved: 'Decided',
    adjudicated: 'Decided by hand',
    needs_adjudication: 'Annotators disagree',
    open: 'Open',
};

const progress = (campaign) =>
    eventual(async () => {
        if (!campaign.task_count) return empty('No task yet.');
        const path = `/labeling/campaigns/${campaign.id}/tasks?limit=1&status=`;
        const counts = await Promise.all(Object.keys(states).map(async (state) => (await get(path + state)).count));
        const parts = Object.values(states).map((name, i) => ({
            name,
            value: counts[i],
            tip: `${name}: ${plural(counts[i], 'task')}`,
        }));
        return figure({
            title: `${count(campaign.resolved_count)} of ${plural(campaign.task_count, 'task')} decided`,
            level: 'h2',
            name: `${campaign.name}-progress`,
            label: parts.map((part) => part.tip).join('; '),
            picture: () =>
                stacked({ parts, words: 'Tasks', write: (value) => (Number.isInteger(value) ? count(value) : '') }),
            head: ['state', 'tasks'],
            rows: parts.map((part) => [part.name, part.value]),
        });
    });

const quality = (campaign) =>
    eventual(async () => {
        const found = await offered(`/labeling/campaigns/${campaign.id}/quality`);
        if (!found) return null;
        const error = found.alpha_jackknife_error === null ? '' : ` ± ${number(found.alpha_jackknife_error, 2)}`;
        return [
            h(
                'dl',
                { class: 'facts' },
                [
                    ['Krippendorff’s alpha, with its standard error', number(found.alpha) + error],
                    ['Needed to promote', number(found.acceptance_alpha)],
                    ['Answers', count(found.n_submissions)],
                ].map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
            ),
            found.alpha === null
                ? note('Alpha is not defined yet: it needs tasks with two answers and more than one label.')
                : note(
                      found.accepted
                          ? 'The answers agree well enough to become ground truth.'
                          : 'The answers do not agree well enough yet.',
                  ),
            annotators(found),
        ];
    });

// the link is shown once: the service keeps only its hash
function inviter(campaign, done) {
    const email = h('input', { type: 'email', name: 'email', required: true, maxlength: 200 });
    const name = h('input', { name: 'display_name', maxlength: 200 });
    const shown = h('div', { id: 'invitation' });
    return h(
        'details',
        { id: 'inviter' },
        h('summary', {}, 'Invite an annotator'),
        form(
            h(
                'div',
                { class: 'fields' },
                field('Email', email),
                field('Name', name, 'As the page greets; may stay empty'),
            ),
            'Make a link',
            async () => {
                const made = await post(`/labeling/campaigns/${campaign.id}/assignments`, {
                    email: email.value.trim(),
                    ...(name.value.trim() ? { display_name: name.value.trim() } : {}),
                });
                const link = h('input', {
                    readonly: true,
                    value: `${location.origin}/annotate/#token=${made.magic_link_token}`,
                });
                replace(
                    shown,
                    field(
                        `Link for ${made.assignment.annotator_email}`,
                        link,
                        'Send it yourself. It works once, for 7 days, and is not shown again; inviting again makes a new one.',
                    ),
                );
                link.focus();
                link.select();
                [email.value, name.value] = ['', ''];
                done();
            },
        ),
        shown,
    );
}

function people(campaign) {
    const list = eventual(async () => {
        const assigned = await all(`/labeling/campaigns/${campaign.id}/assignments`, 2000);
        if (!assigned.length) return empty('Nobody is invited yet.');
        return table(
            'Invited',
            [
                { name: 'Email', of: (one) => one.annotator_email },
                { name: 'Name', of: (one) => one.display_name ?? '–' },
                { name: 'Since', line: true, of: (one) => moment(one.invited_at) },
                { name: 'State', of: (one) => one.status },
                {
                    name: 'Do',
                    of: (one) =>
                        one.status !== 'revoked' &&
                        action(
                            'Revoke',
                            async () => {
                                if (!confirm(`End the session of ${one.annotator_email}? The answers stay.`)) return;
                                await remove(`/labeling/campaigns/${campaign.id}/assignments/${one.id}`);
                                await list.again();
                                list.querySelector('.scroll')?.focus(); // the button is there no more
                            },
                            { 'aria-label': `Revoke ${one.annotator_email}` },
                        ),
                },
            ],
            assigned,
        );
    });
    return [list, campaign.status === 'open' && inviter(campaign, () => list.again())];
}

async function saveTruth(campaign, dataset) {
    const { json } = await ask('GET', `/ground-truth/datasets/${dataset}/items`);
    const head = [
        'task_id',
        'prompt',
        'target_kind',
        'field_name',
        'verdict',
        'value',
        'predicted_value',
        'confidence',
        'agreement',
    ];
    const plain = (value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
    saveCsv(
        `${campaign.name}-ground-truth`,
        head,
        json.data
            .filter((item) => item.campaign_id === campaign.id)
            .map((item) => head.map((name) => plain(item[name]))),
    );
}

function ending(campaign, reload) {
    const path = `/labeling/campaigns/${campaign.id}`;
    const told = h('p', { id: 'promoted', role: 'status' });
    const promote = async (force) => {
        const done = await post(`${path}/promote`, force ? { force: true } : {});
        if (!done.accepted && !done.forced) {
            replace(
                told,
                `Nothing was promoted: alpha is ${number(done.alpha)}, needed is ${number(campaign.acceptance_alpha)}. `,
                action('Promote in spite of it', async () => {
                    if (
                        confirm(
                            'Ground truth that annotators do not agree on misleads what is measured by it. Promote?',
                        )
                    )
                        await promote(true);
                }),
            );
            return;
        }
        replace(
            told,
            `${plural(done.promoted, 'task')} became ground truth. `,
            done.dataset_id &&
                action('Ground truth as CSV', () => saveTruth(campaign, done.dataset_id), { id: 'truth' }),
        );
    };
    return [
        h(
            'p',
            { class: 'row' },
            campaign.status === 'open' &&
                action('Close', async () => {
                    if (!confirm('Close the campaign? It takes no more answers.')) return;
                    await post(`${path}/close`);
                    say('The campaign is closed.');
                    reload();
                }),
            action('Promote to ground truth', () => promote(false), { class: 'primary', id: 'promote' }),
        ),
        told,
    ];
}

export function campaignPage(id) {
    const body = eventual(async (named) => {
        const campaign = await get(`/labeling/campaigns/${id}`);
        named(campaign.name);
        const section = (title, ...nodes) => h('section', {}, h('h2', {}, title), nodes);
        return [
            h('h1', {}, campaign.name),
            h(
                'p',
                { class: 'soft' },
                `${campaign.status} · ${plural(campaign.target_redundancy, 'answer')} a task · ${campaign.consensus_method.replaceAll('_', ' ')}`,
            ),
            campaign.description && h('p', {}, campaign.description),
            progress(campaign),
            quality(campaign),
            section('People', people(campaign)),
            section(
                'Ground truth',
                ending(campaign, () => body.again()),
            ),
        ];
    });
    return { title: 'Campaign', body };
}
