// SPDX-License-Identifier: GPL-3.0-or-later
// States of what is loaded: a line while it loads, the thing, or what went wrong with a way to try again.
import { explain } from './api.js';
import { h, newId, replace } from './dom.js';

export const say = (text) => {
    document.getElementById('status').textContent = text;
};

export const empty = (...words) => h('p', { class: 'empty' }, words);
export const note = (...words) => h('p', { class: 'note' }, words);
export const alarm = (text) => h('p', { class: 'alarm', role: 'alert' }, text);

// fills the box with a bar; the function that moves it: without a share it tells only that something is done
export function progress(box) {
    const id = newId('progress');
    const bar = h('progress', { max: 1, value: 0, id });
    const label = h('label', { for: id });
    replace(box, h('p', { class: 'progress' }, label, bar));
    return (text, share) => {
        label.textContent = text;
        if (share === undefined) bar.removeAttribute('value');
        else bar.value = share;
    };
}

// the browser's name of the page
export const entitle = (title) => {
    document.title = `${title} – Costwright`;
};

// load(named) answers a node; the box shows it when it is there; named(title): what the page is called, unless another
// page came meanwhile
export function eventual(load, words = 'Loading…') {
    const box = h('div', { 'aria-busy': 'true' }, h('p', { class: 'loading' }, words));
    const named = (title) => box.isConnected && entitle(title);
    const go = async () => {
        box.setAttribute('aria-busy', 'true');
        try {
            const made = await load(named);
            replace(box, made ?? []);
        } catch (error) {
            if (error.status === 401) return; // the sign-in is shown already
            if (error.status === undefined) reportError(error);
            replace(box, alarm(explain(error)), h('p', {}, h('button', { type: 'button', onclick: go }, 'Try again')));
        }
        box.removeAttribute('aria-busy');
    };
    box.again = go;
    go();
    return box;
}

// act() by a button: disabled meanwhile, trouble in a line; the focus that a disabled button loses comes back to it
async function work(button, trouble, act) {
    const focused = document.activeElement === button;
    button.disabled = true;
    trouble.textContent = '';
    try {
        await act();
    } catch (error) {
        if (error.status === undefined) reportError(error);
        trouble.textContent = explain(error);
    }
    button.disabled = false;
    if (focused && document.activeElement === document.body) button.focus();
}

// The flaws of a 422 that are an input's stand below it, between it and its hint, and the first such input has the focus;
// those of none are left for the line of the form.
function mark(form, { details }) {
    const rest = [];
    for (const flaw of details?.errors ?? []) {
        const input = form.elements[flaw.loc?.at(-1)];
        if (!input || input.hasAttribute('aria-invalid')) {
            rest.push(flaw);
            continue;
        }
        const told = h('small', { id: newId('flaw'), class: 'flaw' }, flaw.message);
        input.setAttribute('aria-invalid', 'true');
        input.setAttribute('aria-describedby', [told.id, input.nextElementSibling?.id].filter(Boolean).join(' '));
        input.after(told);
    }
    if (details?.errors) details.errors = rest;
    form.querySelector('[aria-invalid]')?.focus();
}

function unmark(form) {
    for (const told of form.querySelectorAll('.flaw')) {
        const [input, hint] = [told.previousElementSibling, told.nextElementSibling];
        input.removeAttribute('aria-invalid');
        if (hint) input.setAttribute('aria-describedby', hint.id);
        else input.removeAttribute('aria-describedby');
        told.remove();
    }
}

// a button that works on something
export function action(label, act, properties = {}) {
    const trouble = h('span', { class: 'alarm', role: 'alert' });
    const button = h(
        'button',
        {
            type: 'button',
            ...properties,
            onclick: () => work(button, trouble, act),
        },
        label,
    );
    return h('span', { class: 'action' }, button, trouble);
}

// form with inputs; act(values) on submit
export function form(inputs, label, act) {
    const trouble = h('p', { class: 'alarm', role: 'alert' });
    const button = h('button', { type: 'submit', class: 'primary' }, label);
    const made = h(
        'form',
        {
            class: 'form',
            novalidate: true,
            onsubmit: (event) => {
                event.preventDefault();
                unmark(made);
                work(button, trouble, () =>
                    act().catch((error) => {
                        mark(made, error);
                        throw error;
                    }),
                );
            },
        },
        inputs,
        h('p', { class: 'row' }, button),
        trouble,
    );
    return made;
}
