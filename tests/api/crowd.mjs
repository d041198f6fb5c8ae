#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Published crowd labels through the API: tasks are made, labels imported, quality, consensus, export and ground truth
// read and compared with the known answers, and with a plain reading of the formulas where blocked annotators change
// them. Skips where the data are absent.
// crowd.mjs STACK-FILE
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

const stack = Object.fromEntries(readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
const folder = `${process.env.COSTWRIGHT_DATA ?? '../shared/data'}/numerics`;
if (!existsSync(`${folder}/expected.json`)) {
    console.log('skipped: the published crowd labels are not here');
    console.log('crowd: 0 passed, 0 failed');
    process.exit(0);
}
const expected = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8'));
const lines = (name) => readFileSync(`${folder}/${name}`, 'utf8').trim().split('\n').slice(1).map((line) => line.trim().split(','));
const base = new URL(stack.url);
const agent = new Agent({ keepAlive: true });
const labeling = '/api/v1/parts/labeling';

function call(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        const sent = request({ host: base.hostname, port: base.port, method, path, agent,
            headers: { 'X-API-Key': stack.key, ...(text && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }), ...headers } },
        (answer) => {
            const chunks = [];
            answer.on('data', (chunk) => chunks.push(chunk));
            answer.on('end', () => {
                const got = Buffer.concat(chunks).toString();
                if (answer.statusCode >= 300) reject(new Error(`${method} ${path}: ${answer.statusCode} ${got.slice(0, 400)}`));
                else resolve(/^application.json/.test(answer.headers['content-type']) ? JSON.parse(got) : got);
            });
        });
        sent.on('error', reject);
        sent.end(text);
    });
}

let passed = 0;
let failed = 0;
function check(what, good, detail = '') {
    if (good) passed++;
    else {
        failed++;
        console.log(`FAIL ${what} ${detail}`);
    }
}
const close = (what, got, want, relative) => check(what,
    want === null ? got === null : got !== null && Math.abs(got - want) <= relative * Math.max(1e-3, Math.abs(want)), `got ${got}, want ${want}`);
const same = (what, got, want) => check(what, JSON.stringify(got) === JSON.stringify(want),
    `got ${JSON.stringify(got)?.slice(0, 300)}, want ${JSON.stringify(want)?.slice(0, 300)}`);

// A permutation that is the same in every run.
function shuffled(list, seed) {
    const out = [...list];
    let state = BigInt(seed);
    for (let i = out.length - 1; i > 0; i--) {
        state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
        const j = Number((state >> 33n) % BigInt(i + 1));
        [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
}

// labels: [{task, worker, label}]; every task predicts `predicted`, so that label is confirmed and others are corrections.
// answers: task -> gold answer, for those that are honeypots.
async function campaign(labels, { name, predicted = '1', answers = {}, seed = 0, method = 'dawid_skene', domain = name }) {
    const made = await call('POST', `${labeling}/campaigns`, { name, consensus_method: method, target_redundancy: 1000 });
    const names = [...new Set(labels.map((l) => l.task))].sort();
    const order = seed ? shuffled(names, seed) : names;
    const tasks = {};
    for (let at = 0; at < order.length; at += 5000) {
        const part = order.slice(at, at + 5000);
        const { data } = await call('POST', `${labeling}/campaigns/${made.id}/tasks`, { tasks: part.map((task) => ({
            field_name: task, predicted_value: predicted, ...(task in answers && { is_gold: true, gold_answer: answers[task] }) })) });
        data.forEach((task, i) => { tasks[part[i]] = task.id; });
    }
    const rows = labels.map((l) => ({ task_id: tasks[l.task], annotator_email: `${l.worker}@${domain}.example`,
        ...(l.label === predicted ? { verdict: 'confirm' } : { verdict: 'correct', corrected_value: l.label }) }));
    const sent = seed ? shuffled(rows, seed + 1) : rows;
    let imported = 0;
    for (let at = 0; at < sent.length; at += 20000)
        imported += (await call('POST', `${labeling}/campaigns/${made.id}/submissions/import`, { submissions: sent.slice(at, at + 20000) })).imported;
    check(`${name}: all imported`, imported === labels.length, `${imported}`);
    return { id: made.id, tasks, rows };
}
const quality = (id) => call('GET', `${labeling}/campaigns/${id}/quality`);
async function decided(made, predicted = '1') {
    const of = {};
    const names = Object.fromEntries(Object.entries(made.tasks).map(([name, id]) => [id, name]));
    for (let offset = 0, count = 1; offset < count; offset += 500) {
        const page = await call('GET', `${labeling}/campaigns/${made.id}/tasks?limit=500&offset=${offset}`);
        count = page.count;
        for (const task of page.data)
            of[names[task.id]] = task;
        for (const task of page.data)
            if (task.consensus_verdict === 'confirm') check('confirmed is predicted', task.consensus_value === predicted, task.id);
    }
    return of;
}

// --- the formulas, read plainly: Dawid-Skene with pseudo-counts, trust, veto

// P(Beta(a, b) < x) for a, b > 1/2 by Simpson's rule in the angle, where the integrand is smooth
function beta(x, a, b) {
    const f = (t) => Math.sin(t) ** (2 * a - 1) * Math.cos(t) ** (2 * b - 1);
    const area = (from, to) => {
        const n = 20000;
        let sum = f(from) + f(to);
        for (let i = 1; i < n; i++) sum += f(from + (to - from) * i / n) * (i % 2 ? 4 : 2);
        return sum * (to - from) / n / 3;
    };
    return area(0, Math.asin(Math.sqrt(x))) / area(0, Math.PI / 2);
}

function fit(labels, answers, iterations = 3000) {
    const gold = Object.keys(answers);
    const workers = [...new Set(labels.map((l) => l.worker))].sort();
    const classes = [...new Set([...labels.map((l) => l.label), ...Object.values(answers)])].sort();
    const K = classes.length;
    const tally = Object.fromEntries(workers.map((w) => [w, { n: 0, g: 0, c: 0, agree: 0, disagree: 0, credit: 0, compared: 0 }]));
    for (const l of labels) {
        tally[l.worker].n++;
        if (!(l.task in answers)) continue;
        tally[l.worker].g++;
        tally[l.worker].c += l.label === answers[l.task] ? 1 : 0;
    }
    const all = Object.values(tally);
    const g0 = (all.reduce((s, t) => s + t.c, 0) + 3.2) / (all.reduce((s, t) => s + t.g, 0) + 4);
    const m0 = all.reduce((s, t) => s + (t.c + 4 * g0) / (t.g + 4), 0) / all.length;
    const blocked = new Set(workers.filter((w) => tally[w].g > 0 &&
        beta(0.6, 4 * m0 + tally[w].c, 4 * (1 - m0) + tally[w].g - tally[w].c) > 0.95));
    const byTask = {};
    for (const l of labels) (byTask[l.task] ??= []).push({ w: l.worker, l: classes.indexOf(l.label) });
    const tasks = Object.keys(byTask);
    const T = {};
    for (const t of tasks) {
        const own = byTask[t].filter((r) => !blocked.has(r.w));
        T[t] = classes.map((_, k) => (t in answers ? +(classes[k] === answers[t]) : own.filter((r) => r.l === k).length / own.length));
    }
    let pi;
    let theta;
    const step = (includeBlocked) => {
        theta = Object.fromEntries(workers.map((w) => [w, classes.map((_, k) => classes.map((__, l) => (k === l ? 1 : 0.25)))]));
        pi = classes.map(() => 0.5);
        for (const t of tasks) {
            if (!(t in answers)) T[t].forEach((p, k) => { pi[k] += p; });
            for (const r of byTask[t]) if (includeBlocked || !blocked.has(r.w)) T[t].forEach((p, k) => { theta[r.w][k][r.l] += p; });
        }
        const total = pi.reduce((a, b) => a + b);
        pi = pi.map((p) => p / total);
        for (const w of workers) theta[w] = theta[w].map((row) => { const s = row.reduce((a, b) => a + b); return row.map((x) => x / s); });
    };
    for (let i = 0; i < iterations; i++) {
        step(false);
        let change = 0;
        for (const t of tasks) {
            if (t in answers) continue;
            const logs = pi.map((p, k) => byTask[t].reduce((s, r) => (blocked.has(r.w) ? s : s + Math.log(theta[r.w][k][r.l])), Math.log(p)));
            const top = Math.max(...logs);
            const e = logs.map((x) => Math.exp(x - top));
            const s = e.reduce((a, b) => a + b);
            e.forEach((x, k) => { change = Math.max(change, Math.abs(x / s - T[t][k])); T[t][k] = x / s; });
        }
        if (change <= 1e-12) break;
    }
    step(true);
    for (const t of tasks) {
        if (t in answers) continue;
        for (const r of byTask[t]) {
            tally[r.w].agree += T[t][r.l];
            tally[r.w].disagree += 1 - T[t][r.l];
            const votes = Array(K).fill(0);
            for (const o of byTask[t]) if (o !== r && !blocked.has(o.w)) votes[o.l]++;
            const top = Math.max(...votes);
            if (!top) continue;
            tally[r.w].compared++;
            tally[r.w].credit += votes[r.l] === top ? 1 / votes.filter((v) => v === top).length : 0;
        }
    }
    const annotators = Object.fromEntries(workers.map((w) => {
        const t = tally[w];
        const a = 4 * m0 + t.c + t.agree;
        return [w, { n: t.n, gold_accuracy: t.g ? t.c / t.g : null, consensus_agreement: t.compared ? t.credit / t.compared : null,
            reliability: pi.reduce((s, p, k) => s + p * theta[w][k][k], 0), trust: a / (a + 4 * (1 - m0) + t.g - t.c + t.disagree), blocked: blocked.has(w) }];
    }));
    const label = Object.fromEntries(tasks.map((t) => [t, classes[T[t].indexOf(Math.max(...T[t]))]]));
    const sure = Object.fromEntries(tasks.map((t) => [t, Math.max(...T[t])]));
    return { annotators, label, sure, classes, gold };
}

function compareAnnotators(name, got, want) {
    for (const [worker, w] of Object.entries(want)) {
        const g = got.annotators.find((a) => a.annotator_email.startsWith(`${worker}@`));
        if (!g) {
            check(`${name} ${worker}`, false, 'is missing');
            continue;
        }
        check(`${name} ${worker} n`, g.n_submissions === w.n, `${g.n_submissions} ${w.n}`);
        close(`${name} ${worker} gold_accuracy`, g.gold_accuracy, w.gold_accuracy ?? null, 1e-10);
        close(`${name} ${worker} consensus_agreement`, g.consensus_agreement, w.consensus_agreement, 1e-10);
        close(`${name} ${worker} reliability`, g.reliability, w.reliability, 1e-6);
        close(`${name} ${worker} trust`, g.trust, w.trust, 1e-6);
        if ('blocked' in w) check(`${name} ${worker} blocked`, g.blocked === w.blocked && (g.blocked_reason !== null) === w.blocked, JSON.stringify(g));
    }
}
const labelOf = (task) => (task.consensus_verdict === 'reject' ? 'reject' : task.consensus_value);
// what does not name anybody
const plain = (q) => ({ ...q, annotators: q.annotators.map(({ annotator_user_id: _, annotator_email: email, ...rest }) => ({ ...rest, worker: email.split('@')[0] })) });

async function snow(name, file, key) {
    const rows = lines(file).map(([task, worker, label, gold]) => ({ task, worker, label, gold }));
    const want = expected[key];
    const truth = Object.fromEntries(rows.map((r) => [r.task, r.gold]));

    const made = await campaign(rows, { name });
    let q = await quality(made.id);
    close(`${name} alpha`, q.alpha, want.krippendorff_nominal.alpha, 1e-10);
    close(`${name} jackknife`, q.alpha_jackknife_error, want.krippendorff_nominal.jackknife_se, 1e-10);
    check(`${name} counts`, q.n_tasks === want.tasks && q.n_submissions === want.labels && q.n_labels === want.krippendorff_nominal.n
        && q.annotators.length === want.workers, JSON.stringify({ ...q, annotators: q.annotators.length }));
    check(`${name} accepted`, q.accepted === (want.krippendorff_nominal.alpha >= 0.8));
    same(`${name}: an unchanged read`, await quality(made.id), q);
    const own = fit(rows, {});
    compareAnnotators(`${name} without honeypots`, q, own.annotators);
    await call('POST', `${labeling}/campaigns/${made.id}/close`);
    const of = await decided(made);
    const counts = want.classes.map((c) => Object.values(of).filter((t) => labelOf(t) === c).length);
    same(`${name} class counts`, counts, want.ds_default_smoothing.class_counts);
    const right = Object.entries(of).filter(([t, task]) => labelOf(task) === truth[t]).length;
    close(`${name} accuracy`, right / want.tasks, want.ds_default_smoothing.accuracy, 1e-12);
    for (const [t, task] of Object.entries(of)) {
        const status = own.sure[t] < 0.6 ? 'needs_adjudication' : 'resolved';
        if (Math.abs(own.sure[t] - 0.6) > 1e-6) check(`${name} ${t} status`, task.status === status, `${task.status} ${own.sure[t]}`);
    }
    const shown = await call('GET', `${labeling}/campaigns/${made.id}`);
    check(`${name} progress`, shown.status === 'closed' && shown.task_count === want.tasks
        && shown.resolved_count === Object.values(of).filter((t) => t.status === 'resolved').length, JSON.stringify(shown));

    // the same labels in another order, by other accounts, on other tasks
    const again = await campaign(rows, { name: `${name}-permuted`, seed: 7 });
    same(`${name}: order and ids do not matter`, plain(await quality(again.id)), plain(q));

    // every tenth task is a honeypot
    const answers = Object.fromEntries(want.trust_gold_every_10th_task.gold_tasks.map((t) => [t, truth[t]]));
    const gold = await campaign(rows, { name: `${name}-gold`, answers });
    q = await quality(gold.id);
    const mine = fit(rows, answers);
    const someBlocked = Object.values(mine.annotators).some((a) => a.blocked);
    compareAnnotators(`${name} with honeypots`, q, mine.annotators);
    if (!someBlocked) compareAnnotators(`${name} with honeypots, published`, q, want.trust_gold_every_10th_task.annotators);
    check(`${name} honeypots are no tasks`, q.n_tasks === want.tasks - mine.gold.length && q.n_submissions === want.labels, `${q.n_tasks}`);
    return someBlocked;
}

async function anaesthesia() {
    // one of the five rated everybody three times: here three annotators
    const want = expected.t6_anesthesia.ref;
    const rows = lines('t6_anesthesia_dawid_skene_1979.csv').map(([task, worker, label, rep]) => ({ task, worker: `${worker}${'abc'[rep - 1]}`, label }));
    const made = await campaign(rows, { name: 'anaesthesia' });
    const q = await quality(made.id);
    close('anaesthesia alpha', q.alpha, want.krippendorff_nominal.alpha, 1e-10);
    close('anaesthesia jackknife', q.alpha_jackknife_error, want.krippendorff_nominal.jackknife_se, 1e-10);
    const own = fit(rows, {});
    compareAnnotators('anaesthesia', q, own.annotators);
    await call('POST', `${labeling}/campaigns/${made.id}/close`);
    same('anaesthesia labels', Object.fromEntries(Object.entries(await decided(made)).map(([t, task]) => [t, labelOf(task)])), own.label);
    // the plain reading itself, on the five annotators of the paper
    const five = fit(rows.map((r) => ({ ...r, worker: r.worker[0] })), {});
    for (const [t, label] of Object.entries(want.ds_default_smoothing.labels)) check(`formulas ${t}`, five.label[t] === label);

    const majority = await campaign(rows, { name: 'anaesthesia-majority', method: 'majority' });
    await call('POST', `${labeling}/campaigns/${majority.id}/close`);
    for (const [t, task] of Object.entries(await decided(majority))) {
        check(`majority ${t}`, labelOf(task) === want.majority.labels[t], `${labelOf(task)} ${want.majority.labels[t]}`);
        close(`majority ${t} agreement`, task.agreement, want.majority.max_posterior[t], 1e-7);
        check(`majority ${t} status`, task.status === (want.majority.max_posterior[t] < 0.6 ? 'needs_adjudication' : 'resolved'), task.status);
    }
    return made;
}

async function alphas() {
    const coders = (file) => lines(file).flatMap(([coder, ...values]) => values.map((label, u) => ({ task: `u${String(u).padStart(2, '0')}`, worker: coder, label })));
    const video = lines('t7_video_irr.csv').flatMap((values, u) => values.map((label, j) => ({ task: `u${String(u).padStart(2, '0')}`, worker: `r${j}`, label })));
    for (const [key, rows] of [['t7_krippendorff2011_4obs', coders('t7_krippendorff2011_4obs.csv')],
        ['t7_wikipedia_3coders', coders('t7_wikipedia_3coders.csv')], ['t7_video_irr', video]]) {
        const made = await campaign(rows.filter((r) => r.label !== ''), { name: key.replaceAll('_', '-') });
        const q = await quality(made.id);
        const want = expected[key].ref.nominal;
        close(`${key} alpha`, q.alpha, want.alpha, 1e-10);
        close(`${key} jackknife`, q.alpha_jackknife_error, want.jackknife_se, 1e-10);
        check(`${key} values`, q.n_labels === want.n, `${q.n_labels}`);
    }
}

async function outAndIn(made) {
    const path = `${labeling}/campaigns/${made.id}/submissions`;
    const text = await call('GET', path, undefined, { Accept: 'application/x-ndjson' });
    const out = text.trim().split('\n').map((line) => JSON.parse(line));
    const key = (r) => `${r.task_id} ${r.annotator_email} ${r.verdict} ${JSON.stringify(r.corrected_value ?? null)}`;
    same('export holds what was imported', out.map(key).sort(), made.rows.map(key).sort());
    const csv = await call('GET', path, undefined, { Accept: 'text/csv' });
    check('CSV has a line for each, and names', csv.trim().split('\r\n').length === out.length + 1 && csv.startsWith('task_id,annotator_email,verdict,'));
    const page = await call('GET', `${path}?limit=7&offset=3`);
    check('a page', page.count === out.length && page.data.length === 7 && JSON.stringify(page.data[0]) === JSON.stringify(out[3]));

    // out of one, into another campaign and into itself
    const copy = await call('POST', `${labeling}/campaigns`, { name: 'copy', target_redundancy: 1000 });
    const names = Object.entries(made.tasks);
    const { data } = await call('POST', `${labeling}/campaigns/${copy.id}/tasks`, { tasks: names.map(([name]) => ({ field_name: name, predicted_value: '1' })) });
    const to = Object.fromEntries(names.map(([, id], i) => [id, data[i].id]));
    const moved = out.map((r) => ({ ...r, task_id: to[r.task_id] }));
    same('what was exported can be imported', await call('POST', `${labeling}/campaigns/${copy.id}/submissions/import`, { submissions: moved }), { imported: out.length, duplicates: 0 });
    same('and again: duplicates', await call('POST', `${labeling}/campaigns/${copy.id}/submissions/import`, { submissions: moved }), { imported: 0, duplicates: out.length });
    const back = (await call('GET', `${labeling}/campaigns/${copy.id}/submissions`, undefined, { Accept: 'application/x-ndjson' })).trim().split('\n').map((line) => JSON.parse(line));
    const whole = (r) => JSON.stringify({ ...r, task_id: 0 });
    same('nothing was lost', back.map(whole).sort(), out.map(whole).sort());
    same('quality of the copy', plain(await quality(copy.id)), plain(await quality(made.id)));

    // ground truth
    const not = await call('POST', `${labeling}/campaigns/${made.id}/promote`);
    check('not accepted', not.accepted === false && not.promoted === 0 && not.forced === false, JSON.stringify(not));
    const resolved = (await call('GET', `${labeling}/campaigns/${made.id}`)).resolved_count;
    const forced = await call('POST', `${labeling}/campaigns/${made.id}/promote?force=true`);
    check('forced', forced.promoted === resolved && forced.forced === true, JSON.stringify(forced));
    check('once each', (await call('POST', `${labeling}/campaigns/${made.id}/promote?force=true`)).promoted === 0);
    const items = (await call('GET', `/api/v1/parts/ground-truth/datasets/${forced.dataset_id}/items`, undefined, { Accept: 'application/x-ndjson' }))
        .trim().split('\n').map((line) => JSON.parse(line));
    check('ground truth holds them', items.length === resolved && items.every((i) => i.campaign_id === made.id));
}

try {
    const d = await anaesthesia();
    await alphas();
    check('somebody is blocked in temp', await snow('temp', 't6_temp_snow2008.csv', 't6_temp_snow2008') === true);
    check('nobody is blocked in wsd', await snow('wsd', 't6_wsd_snow2008.csv', 't6_wsd_snow2008') === false);
    await outAndIn(d);
} catch (error) {
    check('all calls answer', false, error.stack);
}
agent.destroy();
console.log(`crowd: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
