// SPDX-License-Identifier: GPL-3.0-or-later
// Long work in slices of time, so that the page stays usable.

const slice = 12; // milliseconds of work between pauses

// lets the page do what waits
export const pause = () =>
    new Promise((resolve) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
            channel.port1.close();
            resolve();
        };
        channel.port2.postMessage(null);
    });

// runs act(i) for 0 … n-1 and lets the page breathe in between
export async function inSlices(n, act, onProgress = () => {}) {
    let until = performance.now() + slice;
    for (let i = 0; i < n; i++) {
        act(i);
        if ((i & 63) === 63 && performance.now() > until) {
            onProgress(i / n);
            await pause();
            until = performance.now() + slice;
        }
    }
}
