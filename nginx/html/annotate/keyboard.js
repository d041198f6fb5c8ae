// SPDX-License-Identifier: GPL-3.0-or-later
// Single keys. They can be switched off (people who dictate type by accident) and rest while something is typed.
import { keep, kept } from './keep.js';

const box = document.getElementById('keys-on');
box.checked = kept('keys') ?? true;
box.addEventListener('change', () => keep('keys', box.checked));

const controls = 'button, a, summary, input, select, textarea';
const typing = 'input:not([type=checkbox]), select, textarea';

// of a keyboard that writes another script (Greek comes first of them) the Latin letter on the same key
const letter = ({ key, code }) => (key < '\u0370' ? key : code.replace('Key', '')).toLowerCase();

// act(key): called with a lower-case letter or enter; true when the key meant something
export function listen(act) {
    document.addEventListener('keydown', (event) => {
        const target = event.target instanceof Element ? event.target : document.body;
        const enter = event.key === 'Enter';
        // a key that is held down must not run through answer, sending and the next task
        if (event.repeat && target.closest('button') && (enter || event.key === ' ')) event.preventDefault();
        if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !box.checked) return;
        if (target.closest(typing) || (enter && target.closest(controls))) return;
        if (act(letter(event))) event.preventDefault();
    });
}
