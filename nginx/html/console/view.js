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

// a button that works on something: disabled meanwhile, trouble in a line beside it
export function action(label, act, properties = {}) {
    const trouble = h('span', { class: 'alarm', role: 'alert' });
    const button = h(
        'button',
        {
            type: 'button',
            ...properties,
            onclick: async () => {
                button.disabled = true;
                trouble.textContent = '';
                try {
                    await act();
                } catch (error) {
                    if (error.status === undefined) reportError(error);
                    trouble.textContent = explain(error);
                }
                button.disabled = false;
            },
        },
        label,
    );
    return h('span', { class: 'action' }, button, trouble);
}

// form with inputs; act(values) on submit
export function form(inputs, label, act) {
    const trouble = h('p', { class: 'alarm', role: 'alert' });
    const button = h('button', { type: 'submit', class: 'primary' }, label);
    return h(
        'form',
        {
            class: 'form',
            novalidate: true,
            onsubmit: async (event) => {
                event.preventDefault();
                button.disabled = true;
                trouble.textContent = '';
                try {
                    await act();
                } catch (error) {
                    if (error.status === undefined) reportError(error);
                    trouble.textContent = explain(error);
                }
                button.disabled = false;
            },
        },
        inputs,
        h('p', { class: 'row' }, button),
        trouble,
    );
}
