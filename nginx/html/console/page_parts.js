// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of the organisation, a page at a time, and the way to one of them by its number.
import { get } from './api.js';
import { field, h, replace, table } from './dom.js';
import { count, moment } from './format.js';
import { action, empty, eventual, form } from './view.js';

const step = 100;

function finder() {
    const wanted = h('input', { type: 'search', name: 'part-number' });
    return form(field('Part number', wanted, 'Exactly as it was imported'), 'Open', async () => {
        const found = await get(`?part_number=${encodeURIComponent(wanted.value.trim())}`);
        if (!found.data.length)
            throw Object.assign(new Error(`There is no part ${wanted.value.trim()}.`), { status: 404 });
        location.hash = `#/parts/${found.data[0].id}`;
    });
}

export function partsPage() {
    return {
        title: 'Parts',
        body: [
            h('h1', {}, 'Parts'),
            h('p', {}, h('a', { href: '#/parts/import' }, 'Import parts')),
            finder(),
            eventual(async () => {
                const parts = [];
                const box = h('section', { 'aria-label': 'List' });
                const more = async () => {
                    const before = parts.length;
                    const page = await get(`?limit=${step}&offset=${before}`);
                    parts.push(...page.data);
                    if (!parts.length) {
                        replace(
                            box,
                            empty(
                                'No part yet. ',
                                h('a', { href: '#/parts/import' }, 'Import parts'),
                                ' with their process plans.',
                            ),
                        );
                        return;
                    }
                    replace(
                        box,
                        table(
                            `${count(parts.length)} of ${count(page.count)} parts`,
                            [
                                {
                                    name: 'Part number',
                                    of: (part) => h('a', { href: `#/parts/${part.id}` }, part.part_number),
                                },
                                { name: 'Name', of: (part) => part.name ?? '–' },
                                { name: 'Since', line: true, of: (part) => moment(part.created_at) },
                            ],
                            parts,
                        ),
                        parts.length < page.count && action('More', more),
                    );
                    if (before) box.querySelectorAll('td a')[before]?.focus(); // the button is another one
                };
                await more();
                return box;
            }),
        ],
    };
}
