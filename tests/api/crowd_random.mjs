#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Made-up crowds through the API, compared with a plain reading of the formulas: alpha, trust, veto, Dawid-Skene,
// votes, decisions. Some crowds are at the edge: one annotator, one task, honeypots only, nothing but unsure, twenty
// values, hundreds of labels a task.
// crowd_random.mjs STACK-FILE
import { readFileSync } from 'node:fs';

const stack = Object.fromEntries(readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
const sum = (list) => list.reduce((a, b) => a + b, 0);
let passed = 0, failed = 0, crowd = '';

async function call(method, path, body) {
    const answer = await fetch(`${stack.url}/api/v1/parts/labeling${path}`, { method, body: body && JSON.stringify(body),
        headers: { 'X-API-Key': stack.key, ...(body && { 'Content-Type': 'application/json' }) } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text);
}

function check(name, got, want, tolerance = 1e-6) {
    const number = typeof got === 'number' && typeof want === 'number';
    const good = number ? Math.abs(got - want) <= tolerance * (1 + Math.abs(want)) : got === want;
    good ? passed++ : failed++;
    if (!good) console.log(`crowd ${crowd}: ${name} is ${got}, not ${want}`);
}

/* --- the formulas */

function tally(labels, k) {
    const votes = Array(k).fill(0);
    for (const [, l] of labels) votes[l]++;
    return votes;
}

function alphaOnce(units, k) {
    const n = sum(units.map((u) => u.length)), count = Array(k).fill(0);
    let within = 0;
    for (const u of units) {
        const votes = tally(u, k);
        votes.forEach((v, l) => { count[l] += v; });
        within += (u.length ** 2 - sum(votes.map((v) => v * v))) / (u.length - 1);
    }
    const between = n * n - sum(count.map((c) => c * c));
    return between ? 1 - (n - 1) * within / between : null;
}

function alpha(all, k) {
    const units = all.filter((u) => u.length > 1), value = alphaOnce(units, k);
    const left = value === null ? [null] : units.map((_, i) => alphaOnce(units.filter((__, j) => j !== i), k));
    const mean = sum(left) / left.length;
    return { value, n: sum(units.map((u) => u.length)),
        error: left.includes(null) ? undefined : Math.sqrt((left.length - 1) / left.length * sum(left.map((a) => (a - mean) ** 2))) };
}

function logGamma(x) {
    let shift = 0;
    for (; x < 10; x++) shift -= Math.log(x);
    return shift + (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
}

// Probability of a beta variable below x, by Simpson's rule: both exponents are at least 0.3 here, so the end that may
// have a pole is bent away by x = t^4.
function betaBelow(x, a, b) {
    const density = (t) => (t <= 0 ? 0 : 4 * Math.exp((4 * a - 1) * Math.log(t) + (b - 1) * Math.log(1 - t ** 4)));
    const steps = 4000, end = x ** 0.25, h = end / steps;
    let area = density(0) + density(end);
    for (let i = 1; i < steps; i++) area += density(i * h) * (i % 2 ? 4 : 2);
    return area * h / 3 * Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b));
}

// Per task the labels [annotator, class]; known: class of honeypots. Off-diagonal pseudo-count 1/4.
function dawidSkene(labels, k, annotators, known) {
    const tasks = labels.map((u, i) => i).filter((i) => labels[i].length);
    const oneHot = (l) => Array.from({ length: k }, (_, c) => Number(c === l));
    const posterior = labels.map((u, i) => (known.has(i) ? oneHot(known.get(i)) : tally(u, k).map((v) => v / u.length)));
    let prior, theta;
    for (let iteration = 0; iteration < 1000; iteration++) {
        theta = Array.from({ length: annotators }, () => Array.from({ length: k }, (_, c) => Array.from({ length: k }, (__, l) => (c === l ? 1 : 0.25))));
        prior = Array(k).fill(0.5);
        for (const i of tasks) {
            for (const [j, l] of labels[i]) for (let c = 0; c < k; c++) theta[j][c][l] += posterior[i][c];
            if (!known.has(i)) posterior[i].forEach((p, c) => { prior[c] += p; });
        }
        const all = sum(prior);
        prior = prior.map((p) => p / all);
        theta = theta.map((m) => m.map((row) => row.map((n) => n / sum(row))));
        let moved = 0;
        for (const i of tasks) {
            if (known.has(i)) continue;
            const logs = prior.map((p, c) => Math.log(p) + sum(labels[i].map(([j, l]) => Math.log(theta[j][c][l]))));
            const top = Math.max(...logs), shares = logs.map((x) => Math.exp(x - top)), total = sum(shares);
            shares.forEach((s, c) => {
                moved = Math.max(moved, Math.abs(s / total - posterior[i][c]));
                posterior[i][c] = s / total;
            });
        }
        if (moved <= 1e-8) break;
    }
    return { posterior, theta, prior };
}

/* --- crowds */

function randomNumbers(seed) { // mulberry32
    return () => {
        seed = seed + 0x6d2b79f5 | 0;
        let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
        t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
        return ((t ^ t >>> 14) >>> 0) / 4294967296;
    };
}

function makeCrowd(spec, seed) {
    const random = randomNumbers(seed), values = Array.from({ length: spec.values }, (_, v) => `v${String(v).padStart(2, '0')}`);
    const any = () => values[Math.floor(random() * values.length)];
    const tasks = [], answers = [];
    for (let i = 0; i < spec.tasks + spec.gold; i++) {
        const truth = any(), predicted = random() < 0.6 ? truth : any();
        tasks.push({ truth, predicted: random() < (spec.bare ?? 0) ? undefined : predicted, gold: i >= spec.tasks });
    }
    tasks.forEach((task, i) => {
        for (let j = 0; j < spec.annotators; j++) {
            if (random() >= spec.density) continue;
            const said = random() < (j < (spec.spam ?? 0) ? 0 : spec.accuracy) ? task.truth : any();
            const label = random() < spec.unsure ? null
                : random() < (spec.reject ?? 0) && said !== task.predicted && !task.gold ? 'reject' : said;
            answers.push({ i, j, label });
        }
    });
    return { tasks, answers };
}

async function send({ tasks, answers }, spec, seed) {
    const { id } = await call('POST', '/campaigns', { name: `crowd ${seed}`, consensus_method: spec.method,
        acceptance_alpha: 0.5, gold_fraction: 0.1, target_redundancy: 1000 });
    const made = await call('POST', `/campaigns/${id}/tasks`, { tasks: tasks.map((t) => ({ predicted_value: t.predicted,
        ...(t.gold && { is_gold: true, gold_answer: t.truth }) })) });
    const email = (j) => `random-${seed}-${j}@example.org`;
    await call('POST', `/campaigns/${id}/submissions/import`, { submissions: answers.map(({ i, j, label }) => ({
        task_id: made.data[i].id, annotator_email: email(j),
        ...(label === null ? { verdict: 'unsure' } : label === 'reject' ? { verdict: 'reject' }
            : label === tasks[i].predicted ? { verdict: 'confirm' } : { verdict: 'correct', corrected_value: label }) })) });
    return { id, ids: made.data.map((t) => t.id), email };
}

function checkAnnotators(quality, at, { tasks, answers }, email, k) {
    const found = new Map(quality.annotators.map((a) => [a.annotator_email, a]));
    for (let j = 0; j < at.gold.length; j++) {
        const own = found.get(email(j)), n = answers.filter((a) => a.j === j).length;
        check(`${j} takes part`, Boolean(own), n > 0);
        if (!own) continue;
        check(`submissions of ${j}`, own.n_submissions, n);
        check(`gold accuracy of ${j}`, own.gold_accuracy, at.gold[j].n ? at.gold[j].right / at.gold[j].n : null);
        check(`${j} is blocked`, own.blocked, at.blocked.has(j));
        if (!at.spoke.has(j) || at.blocked.has(j)) continue;
        let a = 4 * at.mean + at.gold[j].right, b = 4 * (1 - at.mean) + at.gold[j].n - at.gold[j].right, credit = 0, compared = 0;
        at.labels.forEach((labels, i) => {
            if (tasks[i].gold) return;
            for (const [, l] of labels.filter(([who]) => who === j)) {
                a += at.fit.posterior[i][l];
                b += 1 - at.fit.posterior[i][l];
                const votes = tally(labels.filter(([who]) => who !== j), k), top = Math.max(...votes);
                if (!top) continue;
                compared++;
                if (votes[l] === top) credit += 1 / votes.filter((v) => v === top).length;
            }
        });
        check(`trust of ${j}`, own.trust, a / (a + b));
        at.trust[j] = own.trust;
        check(`agreement of ${j}`, own.consensus_agreement, compared ? credit / compared : null);
        check(`reliability of ${j}`, own.reliability, sum(at.fit.prior.map((p, c) => p * at.fit.theta[j][c][c])));
    }
}

function weigh(method, labels, k, posterior, trust) {
    if (method === 'dawid_skene') return posterior;
    if (method === 'majority') return tally(labels, k).map((v) => v / labels.length);
    const logs = Array(k).fill(0);
    for (const [j, l] of labels) {
        const p = Math.min(Math.max(trust[j], 1 / k + 0.01), 0.99);
        logs[l] += k > 1 ? Math.log((k - 1) * p / (1 - p)) : 1;
    }
    const top = Math.max(...logs), shares = logs.map((x) => Math.exp(x - top));
    return shares.map((s) => s / sum(shares));
}

function checkDecision(task, labels, at, classes, spec, i) {
    if (!labels.length) {
        check(`status of ${i}`, task.status, at.silent.has(i) ? 'needs_adjudication' : 'open');
        return;
    }
    const votes = tally(labels, classes.length), shares = weigh(spec.method, labels, classes.length, at.fit.posterior[i], at.trust);
    const top = Math.max(...shares);
    let best = classes.map((_, c) => c).filter((c) => shares[c] >= top - 1e-9);
    const tied = best.length > 1;
    best = best.filter((c) => votes[c] === Math.max(...best.map((b) => votes[b])));
    const chosen = classes[best.find((c) => classes[c] === at.predicted[i]) ?? best[0]];
    check(`value of ${i}`, task.consensus_value, chosen === 'reject' ? null : chosen);
    check(`verdict of ${i}`, task.consensus_verdict, chosen === 'reject' ? 'reject' : chosen === at.predicted[i] ? 'confirm' : 'correct');
    check(`agreement of ${i}`, task.agreement, votes[classes.indexOf(chosen)] / labels.length);
    if (Math.abs(top - 0.6) > 1e-6) check(`status of ${i}`, task.status, top > 0.6 && !tied ? 'resolved' : 'needs_adjudication');
}

async function tryCrowd(spec, seed) {
    crowd = `${seed} (${spec.method})`;
    const made = makeCrowd(spec, seed), { tasks, answers } = made, { id, ids, email } = await send(made, spec, seed);
    const said = answers.filter((a) => a.label !== null), spoke = new Set(said.map((a) => a.j));
    const gold = Array.from({ length: spec.annotators }, (_, j) => {
        const own = said.filter((a) => a.j === j && tasks[a.i].gold);
        return { n: own.length, right: own.filter((a) => a.label === tasks[a.i].truth).length };
    });
    const guess = (sum(gold.map((g) => g.right)) + 3.2) / (sum(gold.map((g) => g.n)) + 4);
    const mean = spoke.size ? sum([...spoke].map((j) => (gold[j].right + 4 * guess) / (gold[j].n + 4))) / spoke.size : guess;
    const blocked = new Set([...spoke].filter((j) => gold[j].n
        && betaBelow(0.6, 4 * mean + gold[j].right, 4 * (1 - mean) + gold[j].n - gold[j].right) > 0.95));
    const answered = new Set(said.map((a) => a.i));
    const classes = [...new Set([...said.map((a) => a.label), ...tasks.filter((t, i) => t.gold && answered.has(i)).map((t) => t.truth)])].sort();
    const labels = tasks.map(() => []);
    for (const a of said) if (!blocked.has(a.j)) labels[a.i].push([a.j, classes.indexOf(a.label)]);
    const known = new Map(tasks.flatMap((t, i) => (t.gold && answered.has(i) ? [[i, classes.indexOf(t.truth)]] : [])));
    const at = { gold, mean, blocked, spoke, labels, trust: [], predicted: tasks.map((t) => t.predicted),
        silent: new Set([...answered].filter((i) => !labels[i].length)),
        fit: dawidSkene(labels, classes.length, spec.annotators, known) };
    const quality = await call('GET', `/campaigns/${id}/quality`);
    const normal = alpha(labels.filter((_, i) => !tasks[i].gold), classes.length);
    check('alpha', quality.alpha, normal.value, 1e-9);
    if (normal.error !== undefined) check('its error', quality.alpha_jackknife_error, normal.error);
    if (normal.value !== null) check('labels compared', quality.n_labels, normal.n);
    check('alpha with honeypots', quality.alpha_with_gold, alpha(labels, classes.length).value, 1e-9);
    check('submissions', quality.n_submissions, answers.length);
    checkAnnotators(quality, at, made, email, classes.length);
    await call('POST', `/campaigns/${id}/close`);
    const listed = await call('GET', `/campaigns/${id}/tasks?limit=500`), byId = new Map(listed.data.map((t) => [t.id, t]));
    for (let i = 0; i < spec.tasks; i++) checkDecision(byId.get(ids[i]), labels[i], at, classes, spec, i);
    const campaign = await call('GET', `/campaigns/${id}`);
    check('tasks counted', campaign.task_count, spec.tasks);
    check('resolved ones', campaign.resolved_count, listed.data.filter((t) => t.status === 'resolved').length);
}

const crowds = [
    { tasks: 40, gold: 6, annotators: 5, values: 3, accuracy: 0.8, density: 0.7, unsure: 0.1 },
    { tasks: 60, gold: 20, annotators: 8, values: 4, accuracy: 0.7, density: 0.5, unsure: 0, spam: 2, reject: 0.3 },
    { tasks: 1, gold: 0, annotators: 1, values: 2, accuracy: 1, density: 1, unsure: 0 },
    { tasks: 5, gold: 0, annotators: 1, values: 2, accuracy: 0.7, density: 1, unsure: 0 },
    { tasks: 0, gold: 8, annotators: 4, values: 3, accuracy: 0.7, density: 1, unsure: 0 },
    { tasks: 8, gold: 0, annotators: 4, values: 3, accuracy: 0.7, density: 1, unsure: 1 },
    { tasks: 80, gold: 10, annotators: 6, values: 20, accuracy: 0.7, density: 0.6, unsure: 0.05, reject: 0.1 },
    { tasks: 50, gold: 8, annotators: 7, values: 2, accuracy: 0.55, density: 0.8, unsure: 0.2, bare: 0.3 },
    { tasks: 3, gold: 1, annotators: 300, values: 3, accuracy: 0.6, density: 1, unsure: 0 },
];
let seed = 1;
for (const method of ['dawid_skene', 'majority', 'weighted_majority'])
    for (const spec of crowds)
        try {
            await tryCrowd({ ...spec, method }, seed++);
        } catch (fault) {
            failed++;
            console.log(`crowd ${crowd}: ${fault.message}`);
        }
console.log(`random crowds: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
