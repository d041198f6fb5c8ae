// SPDX-License-Identifier: GPL-3.0-or-later
// The editor of a corrected value. It keeps the JSON type of the predicted one; where none was predicted, the
// annotator chooses the type.
import { kindOf, kindWords, read, same, write } from './value.js';

const form = document.getElementById('editor');
const field = document.getElementById('editor-field');
const flaw = document.getElementById('editor-flaw');

function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
}

function input(kind, predicted) {
    const label = element('label', { for: 'corrected' }, `Right value (${kindWords[kind]})`);
    let box;
    if (kind === 'boolean') {
        box = element('select', { id: 'corrected' }, element('option', { value: '' }, 'choose'),
            element('option', { value: 'yes' }, 'yes'), element('option', { value: 'no' }, 'no'));
        if (predicted !== null) box.value = predicted ? 'no' : 'yes'; // a wrong one leaves only the other
    } else if (kind === 'number') {
        box = element('input', { id: 'corrected', inputmode: 'decimal', autocomplete: 'off' });
        box.value = predicted ?? '';
    } else if (kind === 'text' && !String(predicted ?? '').includes('\n')) {
        box = element('input', { id: 'corrected', autocomplete: 'off', spellcheck: 'false' });
        box.value = predicted ?? '';
    } else {
        box = element('textarea', { id: 'corrected', rows: 6, spellcheck: 'false' });
        if (kind === 'text') box.value = predicted;
        else box.value = predicted === null ? '' : JSON.stringify(predicted, null, 2);
    }
    box.setAttribute('aria-describedby', 'editor-flaw');
    return [label, box];
}

function typeChoice(change) {
    const select = element('select', { id: 'corrected-kind' },
        element('option', { value: 'text' }, 'text'), element('option', { value: 'number' }, 'number'),
        element('option', { value: 'boolean' }, 'yes or no'), element('option', { value: 'none' }, 'JSON'));
    select.addEventListener('change', () => change(select.value));
    return [element('label', { for: 'corrected-kind' }, 'Type of value'), select];
}

let close; // ends the editor that is open

// draft: what was typed before, or undefined. Resolves to {value} when it is taken, to undefined when the editor was left.
export function edit(predicted, draft) {
    close?.();
    let kind = kindOf(predicted);
    const typed = element('div', {});
    const fill = (chosen) => {
        kind = chosen;
        typed.replaceChildren(...input(kind, predicted ?? null));
    };
    const choices = kind === 'none' ? typeChoice(fill) : [];
    const [, choice] = choices;
    if (choice) {
        choice.value = kindOf(draft ?? '');
        choice.value ||= 'none'; // a list or an object: typed as JSON
    }
    fill(choice?.value ?? kind);
    field.replaceChildren(...choices, typed);
    flaw.textContent = '';
    form.hidden = false;
    const box = () => document.getElementById('corrected');
    if (draft !== undefined) box().value = write(draft);
    box().focus();
    box().select?.();
    return new Promise((resolve) => {
        close = (result) => {
            close = undefined;
            form.hidden = true;
            resolve(result);
        };
        form.onsubmit = (event) => {
            event.preventDefault();
            const got = read(kind, box().value);
            if (!got.flaw && same(got.value, predicted ?? null)) got.flaw = 'This is the predicted value: confirm it instead.';
            if (got.flaw) {
                flaw.textContent = got.flaw;
                box().setAttribute('aria-invalid', 'true');
                box().focus();
            } else {
                close(got);
            }
        };
    });
}

export const cancel = () => close?.();

document.getElementById('editor-cancel').addEventListener('click', cancel);
form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') cancel();
    const yesNo = event.target.matches('select#corrected'); // in a line of text the browser does it
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey || yesNo)) return;
    event.preventDefault(); // or what has the focus next takes it, too
    form.requestSubmit();
});
