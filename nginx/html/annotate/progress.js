// SPDX-License-Identifier: GPL-3.0-or-later
// How far the session is: answers the service has, and how many a minute of work. A pause on a task counts as two
// minutes at most.
import { keep, kept } from './keep.js';

const taskMost = 120000;
const none = { done: 0, worked: 0 };

export function record(milliseconds) {
    const { done, worked } = kept('progress') ?? none;
    keep('progress', { done: done + 1, worked: worked + Math.min(Math.max(milliseconds, 1), taskMost) });
}

export function text() {
    const { done, worked } = kept('progress') ?? none;
    if (!done) return 'Nothing done yet';
    return `${done} done · ${(done / (worked / 60000)).toFixed(1)} per minute`;
}
