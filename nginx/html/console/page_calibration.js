// SPDX-License-Identifier: GPL-3.0-or-later
// Calibration of one environment: send actual costs, see what was learned, look back at earlier runs.
import { get } from './api.js';
import { h } from './dom.js';
import { history } from './runs.js';
import { environmentHead } from './environment_head.js';
import { upload } from './upload.js';
import { eventual } from './view.js';

export function calibrationPage(id) {
    return {
        title: 'Calibration',
        body: eventual(async (named) => {
            const environment = await get(`/environments/${id}`);
            named(`Calibration of ${environment.name}`);
            const past = h('div', {});
            const refresh = async () => past.replaceChildren(history(environment, refresh));
            refresh();
            return [environmentHead(environment, 'calibration'), upload(environment, refresh), past];
        }),
    };
}
