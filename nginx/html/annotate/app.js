// SPDX-License-Identifier: GPL-3.0-or-later
// The annotator's page: link, task, answer, next task. Each function of the second half is one state of the page.
import { nextTask, submit } from './api.js';
import { keep, kept } from './keep.js';
import { listen } from './keyboard.js';
import * as outbox from './outbox.js';
import * as progress from './progress.js';
import { explain, pauseBefore } from './queue.js';
import * as session from './session.js';
import * as taskView from './task_view.js';
import * as editor from './value_editor.js';
import { write } from './value.js';

const part = (id) => document.getElementById(id);
const leaseSafe = 570; // seconds for which a task is surely this annotator's: the service's default less some for the way
const unread = 300; // milliseconds in which nobody has read what came: keys and clicks meant for what was there before

const said = { confirm: 'Confirmed.', reject: 'Rejected.', correct: 'Corrected', unsure: 'Unsure.' };

let task; // on the page
let shownAt; // performance.now() when it came; undefined: none came yet
let draft; // the correction of it that was taken back
let answering = false; // held, being edited or being sent
let heldAt; // performance.now() when an answer was last held
let look; // timer of the next look by itself
let looks = 0;

function say(text, trouble = false) {
    part('status').textContent = text;
    part('status').classList.toggle('trouble', trouble);
}

function waiting(seconds, error) {
    const why = error ? 'The service is busy' : 'No connection';
    say(`${why}; trying again in ${seconds} s. Nothing is lost.`, true);
}

// the one section that is seen; focus goes to its heading, so that it is read out
function show(id) {
    for (const section of document.querySelectorAll('main > section')) section.hidden = section.id !== id;
    part(id).querySelector('h1').focus();
    const open = session.present();
    part('settings').hidden = !open;
    part('who').textContent = open?.display_name ?? '';
    part('progress').textContent = open ? progress.text() : '';
}

// again: {label, act} or none
function notice(title, text, again) {
    part('notice-title').textContent = title;
    part('notice-text').textContent = text;
    part('notice-next').textContent = '';
    const button = part('notice-again');
    button.hidden = !again;
    button.textContent = again?.label ?? '';
    button.onclick = again?.act ?? null;
    show('notice');
}

// --- states

function invited() {
    clearTimeout(look);
    task = undefined;
    part('redeem').disabled = false;
    show('start');
}

function noLink() {
    notice('Open your link', 'This page is opened by the link in your invitation. If it was used before, or this tab was closed '
        + 'meanwhile, ask the people who run the campaign for a new one.');
}

function ended() {
    const lost = outbox.unsent() ? 'Your last answer came too late and was not taken. ' : '';
    session.end();
    task = undefined;
    say('');
    notice('Your session has ended', `${lost}A session ends after 12 hours without use, after 30 days, and when the people who run `
        + 'the campaign withdraw the invitation. To go on, ask them for a new link.');
}

function fault(error, act) {
    if (error.status === 401) {
        ended();
        return;
    }
    say('');
    const id = error.requestId ? ` (request ${error.requestId})` : '';
    notice('Something went wrong', `${error.message}${id}`, { label: 'Try again', act });
}

async function open() {
    part('redeem').disabled = true;
    try {
        await session.redeem(waiting);
    } catch (error) {
        if (error.status === 429 || error.status >= 500 || !error.status) {
            fault(error, invited);
        } else {
            say('');
            notice('This link does not work', 'It was used before, is too old, or was replaced by a newer one. '
                + 'Ask the people who run the campaign for a new link.');
        }
        return;
    }
    say('');
    next();
}

async function next() {
    clearTimeout(look);
    task = undefined;
    if (session.linked()) return; // a new link waits for its click
    try {
        const found = await nextTask(session.present(), waiting);
        if (found.task) present(found.task);
        else nothing(found.state);
    } catch (error) {
        fault(error, next);
    }
}

function present(found) {
    looks = 0;
    task = found;
    shownAt = performance.now();
    draft = undefined;
    answering = false;
    taskView.show(task);
    ask();
    show('task');
}

// the answers are offered, nothing is held
function ask() {
    part('editor').hidden = true;
    part('held').hidden = true;
    part('verdicts').hidden = false;
}

function nothing(state) {
    const words = explain(state);
    notice(words.title, words.text, words.again && { label: words.again, act: next });
    say('');
    if (!words.waits) return;
    const seconds = pauseBefore(looks++);
    part('notice-next').textContent = `Next look in about ${seconds} seconds.`;
    look = setTimeout(lookAgain, seconds * 1000);
}

// a page that nobody sees does not ask
function lookAgain() {
    if (document.visibilityState === 'visible') next();
    else document.addEventListener('visibilitychange', lookAgain, { once: true });
}

async function answer(verdict) {
    if (!task || answering || performance.now() - shownAt < unread) return;
    answering = true;
    const body = { verdict };
    let words = said[verdict];
    if (verdict === 'correct') {
        part('verdicts').hidden = true;
        const edited = await editor.edit(task.predicted_value, draft);
        if (!edited) {
            answering = false;
            ask();
            part('verdicts').querySelector('[data-verdict=correct]').focus();
            return;
        }
        body.corrected_value = edited.value;
        words = `${words} to ${write(edited.value)}.`;
    }
    body.duration_ms = Math.round(performance.now() - shownAt);
    part('verdicts').hidden = true;
    const left = Math.floor(leaseSafe - (performance.now() - shownAt) / 1000);
    const delay = Math.max(0, Math.min(Number(part('delay').value), left));
    if (delay) {
        heldAt = performance.now();
        part('held-said').textContent = words;
        part('held').hidden = false;
        part('send-now').focus();
        say(`${words} It is sent in ${delay} seconds; undo takes it back.`);
    }
    const entry = await outbox.hold(task.id, body, delay, (left) => {
        part('held-left').textContent = `Sending in ${left} s`;
    });
    part('held').hidden = true;
    if (!entry) {
        answering = false;
        draft = body.corrected_value;
        say('Taken back; nothing was sent.');
        ask();
        part('prompt').focus();
        return;
    }
    send(entry);
}

// The lease ended before the answer came. Where the task comes back to this annotator, its answer goes with it.
async function regain(entry) {
    const found = await nextTask(session.present(), waiting);
    if (found.task?.id === entry.task) {
        send(outbox.renewed(entry), true);
        return;
    }
    if (found.task) present(found.task);
    else nothing(found.state);
    say('The answer came too late: its task had gone back to the others.', true);
}

async function send(entry, regained = false) {
    say('Sending…');
    try {
        await submit(session.present(), entry, waiting);
        outbox.sent();
        progress.record(shownAt === undefined ? entry.body.duration_ms : performance.now() - shownAt);
        say('Sent.');
    } catch (error) {
        if (error.status === 409) {
            outbox.sent();
            if (!regained && ['lease_expired', 'no_lease'].includes(error.details.reason)) {
                await regain(entry).catch((trouble) => fault(trouble, next));
                return;
            }
            await next();
            say(`The answer was not taken: ${error.message}`, true);
            return;
        } else if (error.status === 401) {
            ended();
            return;
        } else if (error.status === 422 || error.status === 404) {
            outbox.sent();
            fault(error, next);
            return;
        } else {
            fault(error, () => send(entry));
            return;
        }
    }
    next();
}

function begin() {
    if (session.takeLink()) {
        invited();
        return;
    }
    if (!session.present()) {
        noLink();
        return;
    }
    const entry = outbox.unsent();
    if (entry) send(entry);
    else next();
}

function key(name) {
    if (part('task').hidden) return false;
    if (answering) {
        if (name === 'z') return outbox.undo();
        if (name === 'enter') return outbox.sendNow();
        return false;
    }
    const verdict = { y: 'confirm', enter: 'confirm', n: 'reject', c: 'correct', u: 'unsure' }[name];
    if (!verdict) return false;
    answer(verdict);
    return true;
}

part('redeem').addEventListener('click', open);
// the second click of two on an answer meets what has come to its place; a key has no such place (detail 0)
const meant = (act) => (event) => {
    if (!event.detail || performance.now() - heldAt >= unread) act();
};
part('send-now').addEventListener('click', meant(outbox.sendNow));
part('undo').addEventListener('click', meant(outbox.undo));
part('verdicts').addEventListener('click', (event) => {
    const button = event.target.closest('[data-verdict]');
    if (button) answer(button.dataset.verdict);
});
part('delay').value = kept('delay') ?? '3';
part('delay').addEventListener('change', () => keep('delay', part('delay').value));
addEventListener('hashchange', () => {
    if (!session.takeLink()) return;
    outbox.sendNow(); // under the session it was given in
    invited(); // by another link, opened in the same tab
});
listen(key);
begin();
