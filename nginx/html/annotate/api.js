// SPDX-License-Identifier: GPL-3.0-or-later
// Calls of the service. What may pass by itself (no network, a busy service, a rate limit) is tried again under the
// same Idempotency-Key, so that nothing happens twice; everything else is an ApiError.

const base = '/api/v1/parts/labeling';
const pausesMost = 5; // answers of a service in trouble; a missing network is waited for without end
const pauseMost = 30;
const patience = 75000; // milliseconds; nginx answers for a silent service after 65 s
const keepaliveMost = 60000; // bytes a browser takes along when the page is left: 64 KiB in all

export class ApiError extends Error {
    constructor(status, json) {
        super(json?.error?.message ?? `The service answered ${status}.`);
        this.status = status;
        this.code = json?.error?.code ?? '';
        this.details = json?.error?.details ?? {};
        this.requestId = json?.request_id ?? '';
    }
}

// 128 random bits; crypto.randomUUID exists only under TLS
export function randomKey() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// seconds, or less when the network comes back
function pause(seconds) {
    return new Promise((resolve) => {
        const go = () => {
            clearTimeout(timer);
            removeEventListener('online', go);
            resolve();
        };
        const timer = setTimeout(go, seconds * 1000);
        addEventListener('online', go);
    });
}

const passing = (error) =>
    error.status === 408 || error.status === 429 || error.status >= 500 || error.code === 'idempotency_in_flight';

// POST path under /labeling; token: the session's; onWait(seconds, error or undefined): before each pause.
// Returns {json, headers}.
export async function call(path, { token, body, key, onWait }) {
    const headers = {};
    let text;
    if (token) headers.Authorization = `Bearer ${token}`;
    if (key) headers['Idempotency-Key'] = key;
    if (body !== undefined) {
        headers['Content-Type'] = 'application/json';
        text = JSON.stringify(body);
    }
    const keepalive = text !== undefined && text.length < keepaliveMost / 3;
    let pauses = 0;
    for (let tries = 0; ; tries++) {
        let error;
        let seconds = Math.min(pauseMost, 2 ** tries) * (0.5 + Math.random() / 2);
        try {
            const signal = AbortSignal.timeout(patience);
            const answer = await fetch(base + path, { method: 'POST', headers, body: text, keepalive, signal });
            const json = await answer.json();
            if (answer.ok) return { json, headers: answer.headers };
            error = new ApiError(answer.status, json);
            if (!passing(error) || pauses++ >= pausesMost) throw error;
            seconds = Math.max(seconds, Number(answer.headers.get('Retry-After')) || 0);
        } catch (fault) {
            if (fault instanceof ApiError) throw fault;
        }
        onWait?.(Math.ceil(seconds), error);
        await pause(seconds);
    }
}

// {task} or, when there is none, {state}: drained, all_claimed, blocked or closed
export async function nextTask(session, onWait) {
    const { json, headers } = await call(`/campaigns/${session.campaign_id}/next-task`, {
        token: session.annotator_token,
        onWait,
    });
    return json ? { task: json } : { state: headers.get('X-Queue-State') ?? 'drained' };
}

export function submit(session, entry, onWait) {
    return call(`/tasks/${entry.task}/submit`, {
        token: session.annotator_token,
        body: entry.body,
        key: entry.key,
        onWait,
    });
}
