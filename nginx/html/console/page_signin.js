// SPDX-License-Identifier: GPL-3.0-or-later
// Sign in: the key is tried on the list of environments.
import { ask } from './api.js';
import { field, h } from './dom.js';
import * as session from './session.js';
import { form } from './view.js';

export function signInPage(done) {
    const key = h('input', {
        type: 'password',
        name: 'key',
        autocomplete: 'off',
        spellcheck: 'false',
        autocapitalize: 'none',
        required: true,
    });
    const make = async () => {
        const given = key.value.trim();
        key.removeAttribute('aria-invalid');
        // what is no header value cannot be a key
        const plain = /^[\x21-\x7e]+$/.test(given);
        try {
            if (!plain)
                throw Object.assign(new Error('This is not an API key. It looks like ak_live_… and has no spaces.'), {
                    status: 401,
                });
            await ask('GET', '/environments?limit=1', { as: given });
        } catch (error) {
            if (error.status === 401 || error.status === 403) {
                key.setAttribute('aria-invalid', 'true');
                key.focus();
            }
            if (error.status === 401 && plain)
                error.message = 'The service does not know this key: it may be mistyped, expired or revoked.';
            throw error;
        }
        session.begin(given);
        key.value = '';
        done();
    };
    return {
        title: 'Sign in',
        body: h(
            'div',
            { class: 'narrow' },
            h('h1', {}, 'Sign in'),
            h(
                'p',
                {},
                'With an API key of your organisation; an operator makes one with ',
                h('code', {}, 'costwrightctl key create'),
                '.',
            ),
            form(
                field('API key', key, 'Kept in this page’s memory only: closing or reloading the page forgets it.'),
                'Sign in',
                make,
            ),
        ),
    };
}
