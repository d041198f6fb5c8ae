// SPDX-License-Identifier: GPL-3.0-or-later
// The session: taken from the link, opened by a click, kept in the tab (keep.js says why).
import { call, randomKey } from './api.js';
import { forget, keep, kept } from './keep.js';

let link; // the token of the link: in memory only
let key; // under which it is redeemed, so that a lost answer is given again

// as it came where a mail program has damaged it: the service then says that the link is not good
function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

// Takes the token out of the address at once, so that it is in no history, bookmark or picture of the screen. Opening
// alone redeems nothing: programs that look through mail follow links, but they do not click.
export function takeLink() {
    const token = decoded(location.hash.slice(1)).replace(/^token=/, '');
    if (!token) return false;
    history.replaceState(null, '', location.pathname + location.search);
    link = token;
    key = randomKey();
    return true;
}

// Throws ApiError when the link is not good.
export async function redeem(onWait) {
    const { json } = await call('/annotator-sessions', { body: { token: link }, key, onWait });
    link = undefined;
    keep('session', json);
    for (const name of ['progress', 'outbox']) forget(name);
    return json;
}

export const linked = () => link !== undefined;

export const present = () => kept('session');

export function end() {
    for (const name of ['session', 'outbox']) forget(name);
}
