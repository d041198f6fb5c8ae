// SPDX-License-Identifier: GPL-3.0-or-later
// The API key: in the memory of this page alone. Closing or reloading the page forgets it; Back may find it again.

let key;

export const present = () => key !== undefined;
export const read = () => key;
export function begin(given) {
    key = given;
}
export function end() {
    key = undefined;
}
