// SPDX-License-Identifier: GPL-3.0-or-later
// The answer that is about to be sent: held a few seconds, so that undo means that nobody ever saw it. It is kept in
// the tab until the service has it: a page that is left sends it on the way out, and one that died sends it when it is
// opened again, under the same Idempotency-Key.
import { randomKey } from './api.js';
import { forget, keep, kept } from './keep.js';

let held; // {entry, timer, resolve} while it can be taken back

// Resolves to the entry when it is to be sent, to undefined when it was taken back. onTick(seconds left).
export function hold(task, body, seconds, onTick) {
    const entry = { task, body, key: randomKey() };
    keep('outbox', entry);
    if (!seconds) return Promise.resolve(entry);
    return new Promise((resolve) => {
        let left = seconds;
        const timer = setInterval(() => {
            left--;
            if (left > 0) onTick(left);
            else sendNow();
        }, 1000);
        held = { entry, timer, resolve };
        onTick(left);
    });
}

function finish(entry) {
    if (!held) return false;
    const { timer, resolve } = held;
    held = undefined;
    clearInterval(timer);
    resolve(entry);
    return true;
}

export function sendNow() {
    return finish(held?.entry);
}

export function undo() {
    if (!held) return false;
    forget('outbox');
    return finish(undefined);
}

// the same answer as one that was never sent
export function renewed({ task, body }) {
    const entry = { task, body, key: randomKey() };
    keep('outbox', entry);
    return entry;
}

export const unsent = () => kept('outbox');

export const sent = () => forget('outbox');

// Switching away may be the last that a phone tells a page.
document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') sendNow();
});
addEventListener('pagehide', sendNow);
