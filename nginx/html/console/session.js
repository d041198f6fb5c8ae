// SPDX-License-Identifier: GPL-3.0-or-later
// The API key: in the memory of this page alone. Leaving or reloading the page forgets it.

let key;

export const present = () => key !== undefined;
export const read = () => key;
export function begin(given) {
    key = given;
}
export function end() {
    key = undefined;
}
