// SPDX-License-Identifier: GPL-3.0-or-later
// Which page is shown: the address behind the # names it; without a key it is the sign-in.
import { forgetCalls, watch } from './api.js';
import { replace } from './dom.js';
import { calibrationPage } from './page_calibration.js';
import { campaignPage } from './page_campaign.js';
import { environmentPage } from './page_environment.js';
import { environmentsPage } from './page_environments.js';
import { importPage } from './page_import.js';
import { labelingPage } from './page_labeling.js';
import { partPage } from './page_part.js';
import { partsPage } from './page_parts.js';
import { signInPage } from './page_signin.js';
import * as session from './session.js';
import { entitle, say } from './view.js';

const id = '([0-9a-f-]{36})';
const pages = [
    [/^\/environments$/, environmentsPage],
    [new RegExp(`^/environments/${id}$`), environmentPage],
    [new RegExp(`^/environments/${id}/calibration$`), calibrationPage],
    [/^\/parts$/, partsPage],
    [/^\/parts\/import$/, importPage],
    [new RegExp(`^/parts/${id}$`), partPage],
    [/^\/labeling$/, labelingPage],
    [new RegExp(`^/labeling/${id}$`), campaignPage],
];

const main = document.getElementById('main');
const nav = document.getElementById('nav');
const start = '/environments';

function show({ title, body }, moved) {
    entitle(title);
    replace(main, body);
    const heading = main.querySelector('h1') ?? main; // none while it loads
    heading.tabIndex = -1;
    if (moved) heading.focus();
    scrollTo(0, 0);
}

function route(moved = true) {
    const open = session.present();
    nav.hidden = !open;
    document.getElementById('sign-out').hidden = !open;
    say('');
    if (!open) {
        show(
            signInPage(() => route()),
            moved,
        );
        return;
    }
    const path = location.hash.slice(1) || start;
    const [found, page] = pages.map(([pattern, page]) => [pattern.exec(path), page]).find(([found]) => found) ?? [];
    if (!found) {
        location.replace(`#${start}`);
        return;
    }
    for (const link of nav.querySelectorAll('a')) {
        if (path.startsWith(link.hash.slice(1))) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
    }
    show(page(...found.slice(1)), moved);
}

// whoever comes next does not see what was asked before
function leave() {
    session.end();
    forgetCalls();
    route();
}

watch({
    called: (calls) => {
        document.getElementById('calls').hidden = !calls.length;
        document.getElementById('calls-list').textContent = calls.toReversed().join('\n');
    },
    ended: () => {
        if (!session.present()) return;
        leave();
        say('The key is no longer good: it was revoked or has expired.');
    },
    waits: (seconds, status) =>
        say(seconds ? `${status ? 'The service is busy' : 'No connection'}; trying again in ${seconds} s.` : ''),
});
document.getElementById('sign-out').addEventListener('click', leave);
document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
});
addEventListener('hashchange', () => route());
route(false);
