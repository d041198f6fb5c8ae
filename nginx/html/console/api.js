// SPDX-License-Identifier: GPL-3.0-or-later
// Calls of the service. Every change carries an Idempotency-Key, so that what may pass by itself (no network, a busy
// service, a rate limit) can be tried again without happening twice. The last calls are kept for the page to show.
import { ApiError, randomKey } from '../annotate/api.js';
import * as session from './session.js';
import { inSlices } from './slices.js';

export { ApiError };

const base = '/api/v1/parts';
const tries = 5;
const pauseMost = 20; // seconds
const patience = 75000; // milliseconds; nginx answers for a silent service after 65 s
const keptCalls = 20;
const longest = 400; // characters of a body that stands in its command

const calls = [];
let onCalls = () => {};
let onEnd = () => {};
let onWait = () => {};

// waits(seconds until a call is tried again, status of its error; 0 when it waits no more)
export function watch({ called, ended, waits }) {
    onCalls = called;
    onEnd = ended;
    onWait = waits;
}

export function forgetCalls() {
    calls.length = 0;
    onCalls(calls);
}

function curl(method, path, body) {
    const words = [`curl -H "X-API-Key: $KEY"`];
    if (method !== 'GET') words.push(`-X ${method}`);
    if (body !== undefined) {
        words.push('-H "Content-Type: application/json"');
        if (body.length <= longest) words.push(`-d '${body.replaceAll("'", "'\\''")}'`);
        else words.push('-d @body.json');
    }
    const long = body?.length > longest ? `\n    # body.json, ${body.length} bytes: ${body.slice(0, longest)}…` : '';
    return `${words.join(' ')} "$URL${base}${path}"${long}`;
}

function record(method, path, body, status, began) {
    calls.push(`${curl(method, path, body)}\n    # ${status}, ${Math.round(performance.now() - began)} ms`);
    if (calls.length > keptCalls) calls.shift();
    onCalls(calls);
}

const passing = (error) =>
    error.status === 408 || error.status === 429 || error.status >= 500 || error.code === 'idempotency_in_flight';
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

// {json, headers}; as: another key than the session's; text: the body as JSON already
export async function ask(
    method,
    path,
    { body, as, text = body === undefined ? undefined : JSON.stringify(body) } = {},
) {
    const headers = { 'X-API-Key': as ?? session.read() ?? '' };
    if (method !== 'GET') headers['Idempotency-Key'] = randomKey();
    if (text !== undefined) headers['Content-Type'] = 'application/json';
    for (let tried = 1; ; tried++) {
        const began = performance.now();
        let error;
        let seconds = Math.min(pauseMost, 2 ** tried) * (0.25 + Math.random() / 4);
        try {
            const answer = await fetch(base + path, {
                method,
                headers,
                body: text,
                signal: AbortSignal.timeout(patience),
            });
            if (as || session.present()) record(method, path, text, answer.status, began);
            const json = await answer.json();
            if (answer.ok) return { json, headers: answer.headers };
            error = new ApiError(answer.status, json);
            seconds = Math.max(seconds, Number(answer.headers.get('Retry-After')) || 0);
        } catch (fault) {
            error = fault;
            error.status ??= 0;
        } finally {
            if (tried > 1) onWait(0);
        }
        if (error.status === 401 && !as) onEnd();
        if ((error.status && !passing(error)) || tried >= tries || seconds > pauseMost) throw error;
        onWait(Math.ceil(seconds), error.status);
        await pause(seconds);
    }
}

export const get = async (path) => (await ask('GET', path)).json;
export const post = async (path, body) => (await ask('POST', path, { body })).json;

// {name: list} for a list that is too long to be written as JSON at a stretch
export async function postList(path, name, list) {
    const words = [];
    await inSlices(list.length, (i) => words.push(JSON.stringify(list[i])));
    return (await ask('POST', path, { text: `{"${name}":[${words.join()}]}` })).json;
}

export const patch = async (path, body) => (await ask('PATCH', path, { body })).json;
export const remove = async (path) => (await ask('DELETE', path)).json;

// undefined where the service does not offer it
export async function offered(path) {
    try {
        return await get(path);
    } catch (error) {
        if (error.status === 404 || error.status === 405) return undefined;
        throw error;
    }
}

// every page of a list, {count, data|items} or bare, up to most items; onPage(items so far, count)
export async function all(path, most = 20000, onPage = () => {}) {
    const items = [];
    for (;;) {
        const query = `${path.includes('?') ? '&' : '?'}limit=500&offset=${items.length}`;
        const { json: page, headers } = await ask('GET', path + query);
        const more = page.data ?? page.items ?? page;
        const count = page.count ?? Number(headers.get('X-Total-Count'));
        items.push(...more);
        onPage(items.length, count);
        if (!more.length || items.length >= Math.min(most, count)) return items;
    }
}

// {rows, count}: up to most items of a {count, data} list; of a longer one, pages spread over all of it
export async function spread(path, most) {
    const size = 500;
    const page = (offset) => get(`${path}?limit=${size}&offset=${offset}`);
    const { data, count } = await page(0);
    const rows = [...data];
    const pages = Math.ceil(Math.min(most, count) / size);
    const step = count <= most ? size : (count - size) / (pages - 1);
    for (let i = 1; i < pages; i++) rows.push(...(await page(Math.round(i * step))).data);
    return { rows, count };
}

// what a person can do about an error, flaws of a 422 included
export function explain(error) {
    const flaws = error.details?.errors
        ?.slice(0, 5)
        .map((flaw) => `${(flaw.loc ?? []).filter((at) => at !== 'body').join('.')}: ${flaw.message ?? flaw.msg}`);
    const id = error.requestId ? ` (request ${error.requestId})` : '';
    if (error.status === undefined) return `This page has a fault: ${error.message}`;
    if (error.status === 0) return 'The service cannot be reached. Is the network up?';
    const scope = error.details?.required ? ` It takes a key with ${error.details.required}.` : '';
    return `${error.message}${flaws?.length ? ` ${flaws.join('; ')}` : ''}${scope}${id}`;
}
