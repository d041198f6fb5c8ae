// SPDX-License-Identifier: GPL-3.0-or-later
// Figures for people: three or so digits, a point for decimals, narrow spaces between thousands.

const none = '–';
const missing = (value) => value === null || value === undefined || Number.isNaN(value);

export function number(value, digits = 3) {
    if (missing(value)) return none;
    const size = Math.abs(value);
    const decimals =
        size >= 10 ** (digits - 1) || size === 0 ? 0 : Math.min(6, digits - 1 - Math.floor(Math.log10(size)));
    return fixed(value, decimals)
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '');
}

export function fixed(value, decimals) {
    if (missing(value)) return none;
    const [whole, rest] = value.toFixed(decimals).split('.');
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '\u202f');
    return rest ? `${grouped}.${rest}` : grouped;
}

export const count = (value) => (missing(value) ? none : fixed(value, 0));
export const money = (value, currency) =>
    missing(value) ? none : `${fixed(value, value && Math.abs(value) < 1 ? 4 : 2)}${currency ? `\u00a0${currency}` : ''}`;
export const percent = (fraction, decimals = 1) =>
    missing(fraction) ? none : `${fixed(100 * fraction, decimals)}\u00a0%`;
export const times = (factor) => (missing(factor) ? none : `× ${fixed(factor, 2)}`);
export const range = (pair, write = number) => (pair ? `${write(pair[0])} to ${write(pair[1])}` : none);
// of the service, which writes UTC, by the clock of who reads it
export function moment(text) {
    if (!text) return none;
    const at = new Date(text);
    const [month, day, hours, minutes] = [at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes()].map((n) =>
        String(n).padStart(2, '0'),
    );
    return `${at.getFullYear()}-${month}-${day}\u00a0${hours}:${minutes}`;
}
export const day = (text, open = none) => text ?? open;
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
export const today = () => new Date().toISOString().slice(0, 10);
