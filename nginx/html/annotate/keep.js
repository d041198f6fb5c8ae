// SPDX-License-Identifier: GPL-3.0-or-later
// What the tab remembers. sessionStorage and nothing more lasting: the link works once, so without it a reload (which
// a phone does by itself to tabs in the background) would shut the annotator out; other tabs and later users of the
// browser do not see it, and it ends with the tab. Where storage is forbidden, memory alone.

const prefix = 'costwright.annotate.';
const memory = new Map();

export function kept(name) {
    if (memory.has(name)) return memory.get(name);
    try {
        return JSON.parse(sessionStorage.getItem(prefix + name)) ?? undefined;
    } catch {
        return undefined;
    }
}

export function keep(name, value) {
    memory.set(name, value);
    try {
        sessionStorage.setItem(prefix + name, JSON.stringify(value));
    } catch {
        // forbidden or full: memory has it
    }
}

export function forget(name) {
    memory.delete(name);
    try {
        sessionStorage.removeItem(prefix + name);
    } catch {
        // forbidden: nothing was stored
    }
}
