#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Before the first fit tasks are decided in the mode of the whole campaign: labels are values, or verdicts. The oracle is
// close, which reads the campaign whole: with a plain majority a decision depends on the mode alone. And nothing depends on
// which tasks come in one call.
// labeling_mode.mjs STACK-FILE
import { readFileSync } from 'node:fs';

const stack = Object.fromEntries(readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

async function call(method, path, body) {
    const answer = await fetch(`${stack.url}/api/v1/parts${path}`, { method, body: body && JSON.stringify(body),
        headers: { 'X-API-Key': stack.key, ...(body && { 'Content-Type': 'application/json' }) } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 400)}`);
    return JSON.parse(text);
}

let passed = 0, failed = 0;
function same(what, got, want) {
    if (JSON.stringify(got) === JSON.stringify(want)) passed++;
    else {
        failed++;
        console.log(`FAIL ${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
    }
}

// add(TASK...) makes tasks, a string, number, boolean, list or object being a predicted value; gold(ANSWER, PREDICTED)
// is a honeypot.
const gold = (gold_answer, predicted_value) => ({ task: { is_gold: true, gold_answer, predicted_value } });
async function campaign(name, tasks, redundancy = 3, more = {}) {
    const { id } = await call('POST', '/labeling/campaigns', { name, consensus_method: 'majority', gold_fraction: 0,
        target_redundancy: redundancy, ...more });
    const one = { name, id, tasks: [] };
    await add(one, tasks);
    return one;
}
async function add(of, tasks) {
    const { data } = await call('POST', `/labeling/campaigns/${of.id}/tasks`, {
        tasks: tasks.map((value) => value?.task ?? { predicted_value: value }) });
    of.tasks.push(...data.map((task) => task.id));
}
const answer = (what) => (typeof what === 'object' && 'verdict' in what ? what
    : what === 'reject' || what === 'confirm' ? { verdict: what } : { verdict: 'correct', corrected_value: what });
const say = (of, task, said) => call('POST', `/labeling/campaigns/${of.id}/submissions/import`, {
    submissions: said.map((what, i) => ({ task_id: of.tasks[task], annotator_email: `${'xyzuvw'[i]}@mode.example`, ...answer(what) })) });
async function submit(of, what) {
    const task = await call('POST', `/labeling/campaigns/${of.id}/next-task`);
    await call('POST', `/labeling/tasks/${task.id}/submit`, answer(what));
    return task.id;
}
async function decisions(of) {
    const found = new Map();
    for (let offset = 0; ; offset += 500) {
        const { data } = await call('GET', `/labeling/campaigns/${of.id}/tasks?limit=500&offset=${offset}`);
        for (const t of data)
            found.set(t.id, [t.status, t.consensus_verdict, t.consensus_value, t.agreement && Math.round(t.agreement * 1000)]);
        if (data.length < 500) return found;
    }
}
// The decisions of these tasks, before and after close.
async function check(of, wanted, numbers = [0]) {
    const before = await decisions(of);
    numbers.forEach((n) => same(`${of.name}: task ${n} before any fit`, before.get(of.tasks[n]), wanted));
    await call('POST', `/labeling/campaigns/${of.id}/close`);
    const after = await decisions(of);
    numbers.forEach((n) => same(`${of.name}: task ${n} after close`, after.get(of.tasks[n]), wanted));
}

// Three answers: by value two say brass of three, by verdict all three correct it.
const split = ['brass', 'iron', 'brass'];
const byValue = ['resolved', 'correct', 'brass', 667], byVerdict = ['resolved', 'correct', 'brass', 1000];
const steel = (n) => Array(n).fill('steel'), kinds = (n, from = 0) => Array.from({ length: n }, (_, i) => `kind ${from + i}`);
async function decided(of, wanted) {
    await say(of, 0, split);
    await check(of, wanted);
}

// --- values predicted: steel, brass and iron are three
await decided(await campaign('strings', steel(600)), byValue);
await decided(await campaign('twenty values', [...steel(600), ...kinds(17)]), byValue);
await decided(await campaign('twenty-one values', [...steel(600), ...kinds(18)]), byVerdict);
await decided(await campaign('booleans', ['steel', true, false]), byValue);
for (const [what, value] of [['a number', 7], ['a list', ['brass']], ['an object', { a: 1 }], ['a number in a string', '7']])
    await decided(await campaign(`predicted: ${what}`, [...steel(600), value]), typeof value === 'string' ? byValue : byVerdict);
const escaped = await campaign('one value, written in three ways', [...steel(2), ...kinds(16)]);
for (const text of ['"St\\u00e4hl/"', '"Stähl\\/"', '"\\u0053tähl/"']) {
    const told = await fetch(`${stack.url}/api/v1/parts/labeling/campaigns/${escaped.id}/tasks`, { method: 'POST',
        headers: { 'X-API-Key': stack.key, 'Content-Type': 'application/json' }, body: `{"tasks":[{"predicted_value":${text}}]}` });
    same('a task is made', told.status, 201);
}
await decided(escaped, byValue);
for (const thread of ['G 1/2" \\ LH', 'two\nlines\tand "quotes"']) {
    const quoted = await campaign('a value with quotes', ['steel', thread]);
    await say(quoted, 0, [thread, 'iron', thread]);
    await say(quoted, 1, ['confirm', 'iron', 'confirm']);
    await check(quoted, ['resolved', 'correct', thread, 667]);
    same('confirmed with quotes', (await decisions(quoted)).get(quoted.tasks[1]), ['resolved', 'confirm', thread, 667]);
}
const later = await campaign('a number later', steel(2));
await add(later, [3.5]);
await decided(later, byVerdict);
const twice = await campaign('twenty-one by and by', [...steel(2), ...kinds(9)]);
await add(twice, kinds(9, 9));
await decided(twice, byVerdict);

// --- honeypots: what they predict, and the right value
await decided(await campaign('honeypot: a list', [...steel(600), gold('["a","b"]', ['a', 'b'])]), byVerdict);
await decided(await campaign('honeypot: a verdict', [...steel(2), gold('correct', 'steel')]), byValue);
await decided(await campaign('honeypots: the twenty-first value', [...steel(600), ...kinds(9).map((k) => gold(k, 'steel')),
    ...kinds(9, 9).map((k) => gold(JSON.stringify(k), 'steel'))]), byVerdict);
await decided(await campaign('honeypots: twenty values', [...steel(600), ...kinds(17).map((k) => gold(JSON.stringify(k), k))]), byValue);
await decided(await campaign('honeypots: text that is no label is a string', ['steel', gold('12.5', 'steel')]), byValue);
await decided(await campaign('honeypots: twenty values, of them two booleans', ['steel', true, false, gold('true', false), gold('false'),
    ...kinds(15)]), byValue);

// --- values said
const number = await campaign('a number adjudicated', steel(600));
await call('POST', `/labeling/tasks/${number.tasks[5]}/adjudicate`, { verdict: 'correct', corrected_value: 12.5 });
await decided(number, byVerdict);
const confirmed = await campaign('a string adjudicated', steel(3));
await call('POST', `/labeling/tasks/${confirmed.tasks[1]}/adjudicate`, { verdict: 'correct', corrected_value: 'tin' });
await call('POST', `/labeling/tasks/${confirmed.tasks[2]}/adjudicate`, { verdict: 'confirm' });
await decided(confirmed, byValue);
const object = await campaign('an object imported', steel(600));
await say(object, 9, [{ verdict: 'correct', corrected_value: { alloy: 'CuZn37' } }]);
await decided(object, byVerdict);
const beside = await campaign('an object in the same import', steel(2));
await call('POST', `/labeling/campaigns/${beside.id}/submissions/import`, { submissions: [
    ...split.map((what, i) => ({ task_id: beside.tasks[0], annotator_email: `${i}@mode.example`, ...answer(what) })),
    { task_id: beside.tasks[1], annotator_email: 'x@mode.example', ...answer([1]) }] });
await check(beside, byVerdict);
for (const [what, value, wanted] of [['a list', ['brass'], byVerdict], ['true', true, byValue], ['a string', 'tin', byValue]]) {
    const said = await campaign(`submitted: ${what}`, steel(600));
    const at = said.tasks.indexOf(await submit(said, value));
    [said.tasks[0], said.tasks[at]] = [said.tasks[at], said.tasks[0]]; // answered once: the three decide another
    await say(said, 1, split);
    await check(said, wanted, [1]);
}
const lone = await campaign('a list submitted that decides', steel(2), 1);
await submit(lone, ['brass']);
await submit(lone, 'iron');
same('both are decided', [...(await decisions(lone)).values()].map((d) => d[0]), ['resolved', 'resolved']);
const trap = await campaign('a number said of a honeypot', ['steel', gold('steel', 'steel')]);
await say(trap, 1, [4]);
await decided(trap, byVerdict);
const adaptive = await campaign('a number, adaptive', steel(600), 3, { adaptive_redundancy: true });
await say(adaptive, 4, [4]);
await decided(adaptive, byVerdict);
// two unknown annotators of one mind are sure to 0.94, three to 0.98; shares of votes are what they are
for (const [consensus_method, wanted] of [['dawid_skene', 'open'], ['weighted_majority', 'open'], ['majority', 'resolved']]) {
    const few = await campaign(`of one mind, ${consensus_method}`, steel(1), 3, { adaptive_redundancy: true, consensus_method });
    for (const [n, status] of [[1, 'open'], [2, wanted], [3, 'resolved']]) {
        await say(few, 0, Array(n).fill('confirm'));
        same(`${few.name}: ${n}`, (await decisions(few)).get(few.tasks[0])[0], status);
    }
}
// who is unsure says nothing: one label never ends a task early
const doubt = await campaign('one label, and one unsure', steel(1), 3, { adaptive_redundancy: true });
await say(doubt, 0, ['confirm', { verdict: 'unsure' }]);
same('one label is one label', (await decisions(doubt)).get(doubt.tasks[0])[0], 'open');
// and nothing ends a task that goes on while nobody is sure
for (const [adaptive_redundancy, wanted] of [[true, 'open'], [false, 'needs_adjudication']]) {
    const mute = await campaign(`nothing but an unsure answer, adaptive: ${adaptive_redundancy}`, steel(1), 1, { adaptive_redundancy });
    await say(mute, 0, [{ verdict: 'unsure' }]);
    same(mute.name, (await decisions(mute)).get(mute.tasks[0])[0], wanted);
}

// --- ties: the provisional label is of the mode, too
for (const [what, tasks, wanted] of [['values', steel(2), ['needs_adjudication', 'reject', null, 500]],
    ['verdicts', ['steel', 'steel', 7], ['needs_adjudication', 'correct', 'zinc', 500]]]) {
    const tie = await campaign(`tie of ${what}`, tasks, 2);
    await say(tie, 0, ['zinc', 'reject']);
    await check(tie, wanted);
}

// --- after a fit, too: what came since counts
const fitted = await campaign('a number after a fit', steel(3));
await say(fitted, 1, split);
await call('GET', `/labeling/campaigns/${fitted.id}/quality`);
await add(fitted, [7]);
await decided(fitted, byVerdict);

// --- values that come at once: nobody misses another's. A call that lost too many races is made again, as 503 says.
async function together(calls) {
    for (let at = 0; at < calls.length; at += 10)
        await Promise.all(calls.slice(at, at + 10).map(async (make) => {
            for (let left = 5; ; left--) {
                try {
                    return await make();
                } catch (error) {
                    if (!left || !error.message.includes(': 503 ')) throw error;
                }
            }
        }));
}
const one = (of, task, email, value) => () => call('POST', `/labeling/campaigns/${of.id}/submissions/import`, { submissions: [
    { task_id: of.tasks[task], annotator_email: `${email}@mode.example`, ...answer(value) }] });
const many = await campaign('thirty said at once', steel(31));
await together(kinds(30).map((value, i) => one(many, 1 + i, `many-${i}`, value)));
await decided(many, byVerdict);
const few = await campaign('seventeen said at once, each three times', steel(20));
await together(kinds(57).map((_, i) => one(few, 1 + i % 19, `few-${i}`, `kind ${i % 17}`)));
await decided(few, byValue);

// --- which tasks come in one call does not matter: before a fit a task is decided by its own classes
const letters = kinds(12), lists = letters.map((_, i) => [letters[i], letters[i], letters[(i + i % 2) % 12]]);
for (const consensus_method of ['dawid_skene', 'weighted_majority', 'majority']) {
    const found = [];
    for (const size of [1, 12]) {
        const of = await campaign(`${consensus_method}, ${size} a call`, Array(12).fill('p'), 3, { consensus_method });
        for (let at = 0; at < 12; at += size)
            await call('POST', `/labeling/campaigns/${of.id}/submissions/import`, { submissions: lists.slice(at, at + size)
                .flatMap((list, i) => list.map((value, j) => ({ task_id: of.tasks[at + i], annotator_email: `${j}@batch.example`,
                    ...answer(value) }))) });
        const made = await decisions(of);
        found.push(of.tasks.map((id) => made.get(id)));
    }
    same(`${consensus_method}: one by one as all at once`, found[1], found[0]);
    same(`${consensus_method}: two of three decide`, found[0], letters.map((value, i) => ['resolved', 'correct', value, i % 2 ? 667 : 1000]));
}

// --- a class the fit does not have: its task alone is decided anew. b and c are known to be wrong together.
const learnt = await campaign('learnt', Array(32).fill('p'), 3, { consensus_method: 'dawid_skene' });
const told = (task, by, value) => ({ task_id: learnt.tasks[task], annotator_email: `${by}@learnt.example`, ...answer(value) });
await call('POST', `/labeling/campaigns/${learnt.id}/submissions/import`, { submissions: Array.from({ length: 30 }, (_, i) => i)
    .flatMap((i) => ['a', 'd', 'e', 'b', 'c'].map((by) => told(i, by, (i % 2 === 0) === (by < 'b' || by > 'c') ? 'x' : 'y'))) });
await call('GET', `/labeling/campaigns/${learnt.id}/quality`);
await call('POST', `/labeling/campaigns/${learnt.id}/submissions/import`, { submissions: [
    told(30, 'a', 'x'), told(30, 'b', 'y'), told(30, 'c', 'y'), told(31, 'a', 'x'), told(31, 'b', 'new'), told(31, 'c', 'new')] });
const anew = await decisions(learnt);
same('by what is known of them', anew.get(learnt.tasks[30]).slice(0, 3), ['resolved', 'correct', 'x']);
same('as if nothing was known', anew.get(learnt.tasks[31]).slice(0, 3), ['resolved', 'correct', 'new']);

console.log(`labeling_mode: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
