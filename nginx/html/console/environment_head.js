// SPDX-License-Identifier: GPL-3.0-or-later
// Name of an environment and the way between its pages.
import { h } from './dom.js';

export function environmentHead(environment, page) {
    const link = (name, href, text) => h('a', { href, 'aria-current': name === page && 'page' }, text);
    return h(
        'div',
        {},
        h('h1', { tabindex: -1 }, environment.name),
        h(
            'nav',
            { class: 'tabs', 'aria-label': 'Environment' },
            link('environment', `#/environments/${environment.id}`, 'Machines and rates'),
            link('calibration', `#/environments/${environment.id}/calibration`, 'Calibration'),
        ),
    );
}
