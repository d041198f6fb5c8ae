// SPDX-License-Identifier: GPL-3.0-or-later
// Seeded random numbers, so that a demo is the same on every machine.

// xorshift32 in the sense of Marsaglia 2003: short, and good enough to scatter prices
export function generator(seed) {
    let state = seed >>> 0 || 1;
    const uniform = () => {
        state ^= state << 13;
        state >>>= 0;
        state ^= state >>> 17;
        state ^= state << 5;
        state >>>= 0;
        return state / 4294967296;
    };
    return {
        uniform,
        between: (low, high) => low + (high - low) * uniform(),
        pick: (items) => items[Math.floor(uniform() * items.length)],
        normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    };
}
