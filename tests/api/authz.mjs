#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Who may do what: every operation of the served description, with every kind of key, against another organisation's
// ids in path and body, in the documented order of checks. No operation is named here but those that make what the
// others are about. authz.mjs STACK-FILE
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checks, stack } from '../demo/wire.mjs';

const stackFile = process.argv[2];
const build = process.env.COSTWRIGHT_BUILD ?? join(dirname(fileURLToPath(import.meta.url)), '../..');
const ctl = (...args) => execFileSync(join(build, 'costwrightctl'),
    ['--config', join(dirname(stackFile), 'stack/costwright.conf'), ...args],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
const makeKey = (name, scopes, ...more) => ctl('key', 'create', '--org', 'stack', '--user', 'stack@example.org',
    '--name', name, '--scopes', scopes, ...more);

const { check, end } = checks('authz');

async function call(method, path, { key, bearer, body, type } = {}) {
    const headers = {};
    if (key !== undefined) headers['X-API-Key'] = key;
    if (bearer !== undefined) headers.Authorization = bearer;
    if (body !== undefined) headers['Content-Type'] = type ?? 'application/json';
    const answer = await fetch(stack.url + path, { method, headers,
        body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body) });
    const text = await answer.text();
    let json;
    try {
        json = JSON.parse(text);
    } catch { /* not JSON: seen by whoever asks */ }
    return { status: answer.status, json, code: json?.error?.code, headers: answer.headers, text };
}

// --- what there is to be had, in two organisations
const A = '/api/v1/parts';
async function furnish(key, name) {
    const make = async (path, body) => {
        const { status, json, text } = await call('POST', A + path, { key, body });
        if (status >= 300) throw new Error(`POST ${path}: ${status} ${text}`);
        return json;
    };
    const day = '2026-01-01';
    const env = await make('/environments', { name: `authz ${name}`, valid_from: day });
    const member = await make(`/environments/${env.id}/machines`,
        { new_machine: { name: 'M', klass: 'milling.3axis_vmc', hourly_rate_eur: 50, valid_from: day } });
    const rate = await make(`/environments/${env.id}/rates`, { kind: 'material', valid_from: day,
        fields: { material_ref: 'S1', price_per_kg: 1.5 } });
    const plan = { material_ref: 'S1', gross_mass_kg: 1, operations: [{ sequence: 10, klass: 'milling.3axis_vmc',
        setup_time_s: 600, cycle_time_s: 60 }] };
    const part = (await make('/import', { parts: [{ part_number: `AUTHZ-${name}`, process_plan: plan }] })).data[0];
    const calculation = await make('/calculations/quote', { part_revision_id: part.part_revision_id,
        costing_environment_id: env.id });
    const run = await make(`/calibration/conformal-recalibrate`, { scope: 'environment', env_id: env.id,
        samples: Array.from({ length: 30 }, (unused, i) => ({ predicted: 10 + i, actual: 11 + i })) });
    const project = await make('/labeling/projects', { name: 'authz' });
    const campaign = await make('/labeling/campaigns', { name: 'authz', project_id: project.id });
    const tasks = (await make(`/labeling/campaigns/${campaign.id}/tasks`, { tasks: Array.from({ length: 20 },
        (unused, i) => ({ target_kind: 'field', field_path: `f${i}`, predicted_value: 'x' })) })).data;
    await make(`/labeling/tasks/${tasks[0].id}/adjudicate`, { verdict: 'confirm' });
    await make(`/labeling/campaigns/${campaign.id}/promote?force=true`);
    const [dataset] = (await call('GET', `${A}/ground-truth/datasets`, { key })).json.data;
    const invited = await make(`/labeling/campaigns/${campaign.id}/assignments`, { email: `${name}@example.org` });
    return { env_id: env.id, membership_id: member.membership_id ?? member.id, machine_id: member.machine.id,
        rate_id: rate.id, kind: 'material', part_id: part.part_id, part_revision_id: part.part_revision_id,
        calculation_id: calculation.id,
        run_id: run.run_id, project_id: project.id, campaign_id: campaign.id, task_id: tasks[1].id,
        assignment_id: invited.assignment.id, dataset_id: dataset.id, token: invited.magic_link_token };
}
const unique = `${process.pid}-${Date.now()}`;
const mine = await furnish(stack.key, `mine-${unique}`);
const theirs = await furnish(stack.key_other, `theirs-${unique}`);

// --- the operations, and bodies that pass their checks
const served = (await call('GET', '/openapi.json')).json;
const resolve = (thing) => (thing?.$ref
    ? resolve(thing.$ref.slice(2).split('/').reduce((at, step) => at[step], served)) : thing);
const bodySchema = (operation) => resolve(resolve(operation.requestBody)?.content?.['application/json']?.schema);
const operations = Object.entries(served.paths).flatMap(([path, item]) => Object.entries(item)
    .filter(([, operation]) => operation.operationId)
    .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation, name: operation.operationId,
        scopes: operation['x-costwright-scopes'] ?? [], schema: bodySchema(operation) })));
check('the description has operations', operations.length >= 40, operations.length);

// what a schema does not say: values that rules beyond it ask for, by the member's name
const fitting = { enabled_extractors: ['arcnm'], klass: 'milling.3axis_vmc', hourly_rate_eur: 50, kind: 'material',
    material_ref: 'S1', currency: 'EUR', fields: { material_ref: 'S2', price_per_kg: 2 }, oracle: 'authz',
    observation_type: 'seen', target_metric: 'unit_cost', slot: 'unit_cost',
    chosen_machine_id: mine.machine_id, candidates: [{ machine_id: mine.machine_id, op_cost: 1 }], scope: 'environment',
    email: 'new@example.org', annotator_email: 'new@example.org', verdict: 'confirm', gold_answer: undefined,
    corrected_value: undefined, is_gold: false, vdi_3258: undefined };
const always_given = ['env_id', 'fields', 'hourly_rate_eur', 'machine_id']; // optional by the schema, needed by a rule
// which resource an id in a body names
const named = { costing_environment_id: 'env_id', calculation_ids: 'calculation_id', machine_ref: 'machine_id' };
const idFor = (name, ids) => ids[named[name] ?? name];

// A value of the schema: required members, and those on the way to `wanted` (a path of names); there, `id`.
function valueOf(schema, name, wanted, id) {
    schema = resolve(schema);
    if (wanted.length === 0 && id !== undefined) return id;
    if (wanted.length === 0 && name in fitting) return fitting[name];
    const one = schema.anyOf ?? schema.oneOf;
    if (one) return valueOf(one.map(resolve).find((each) => each.type !== 'null') ?? one[0], name, wanted, id);
    const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
    if (type === 'array') {
        const item = valueOf(schema.items, name, wanted, id);
        return Array.from({ length: Math.max(schema.minItems ?? 1, 1) }, () => item);
    }
    if (type === 'object' || schema.properties) {
        const members = {};
        for (const [key, member] of Object.entries(schema.properties ?? {})) {
            const always = always_given.includes(key) && !(key === 'machine_id' && wanted[0] === 'new_machine');
            if (wanted[0] !== key && !schema.required?.includes(key) && !always) continue;
            const value = wanted[0] === key ? valueOf(member, key, wanted.slice(1), id) : valueOf(member, key, []);
            if (value !== undefined) members[key] = value;
        }
        return members;
    }
    if (schema.enum) return schema.enum[0];
    if (schema.format === 'uuid') return idFor(name, mine) ?? randomUUID();
    if (schema.format === 'date') return '2026-02-01';
    if (schema.format === 'date-time') return '2026-02-01T00:00:00Z';
    if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, 1);
    if (type === 'boolean') return true;
    return `authz ${unique}`;
}
// every place of a body that holds an id
function idsOf(schema, at = [], seen = []) {
    schema = resolve(schema);
    if (!schema || seen.includes(schema)) return [];
    const inside = [...seen, schema];
    if (schema.format === 'uuid') return [at];
    return [...(schema.anyOf ?? schema.oneOf ?? []).flatMap((each) => idsOf(each, at, inside)),
        ...(schema.items ? idsOf(schema.items, at, inside) : []),
        ...Object.entries(schema.properties ?? {}).flatMap(([key, member]) => idsOf(member, [...at, key], inside))];
}
const fill = (path, ids) => path.replace(/\{(\w+)\}/g, (all, name) => ids[name] ?? all);
// with the parameters of the query that must be there
const pathOf = ({ path, operation }, ids) => {
    const query = (operation.parameters ?? []).map(resolve).filter((each) => each.in === 'query' && each.required)
        .map((each) => `${each.name}=${valueOf(each.schema, each.name, [])}`);
    return fill(path, ids) + (query.length ? `?${query.join('&')}` : '');
};
const bodyOf = (schema) => (schema ? valueOf(schema, '', []) : undefined);

// --- keys
const keys = { 'parts:read': makeKey('r', 'parts:read'), 'parts:write': makeKey('w', 'parts:write'),
    'parts:label': makeKey('l', 'parts:label'), 'platform:admin': stack.admin_key };
const implied = { 'parts:write': ['parts:write', 'parts:read', 'parts:label'] };
const expired = makeKey('expired', 'parts:write', '--expires', new Date(Date.now() + 1500).toISOString());
const revoked = makeKey('revoked', 'parts:write');
check('a key works until it is revoked', (await call('GET', `${A}/environments`, { key: revoked })).status === 200);
ctl('key', 'revoke', '--org', 'stack', revoked.split('_')[2]);
check('and not after that', (await call('GET', `${A}/environments`, { key: revoked })).status === 401);
await sleep(1600);
const good = keys['parts:write'];
const swap = (key, at) => key.slice(0, at) + (key[at] === 'A' ? 'B' : 'A') + key.slice(at + 1);
const wrong = { 'no key': {}, 'an empty key': { key: '' }, 'a word': { key: 'secret' },
    'a short key': { key: good.slice(0, -1) }, 'a longer key': { key: `${good}A` },
    'an unknown prefix': { key: swap(good, 9) }, 'another first character': { key: swap(good, 17) },
    'another last character': { key: swap(good, good.length - 2) },
    'another kind': { key: good.replace('ak_test', 'ak_live') },
    'an expired key': { key: expired }, 'a revoked key': { key: revoked }, 'Basic': { bearer: 'Basic YWs6YQ==' },
    'a bearer without a token': { bearer: 'Bearer ' }, 'a bearer of nobody': { bearer: `Bearer ${'x'.repeat(43)}` },
    'an invitation for a session': { bearer: `Bearer ${mine.token}` } };

const redeem = () => call('POST', `${A}/labeling/annotator-sessions`, { body: { token: mine.token } });
const session = (await redeem()).json.annotator_token;
const asAnnotator = { bearer: `Bearer ${session}` };
const open = operations.filter(({ operation }) => operation.security?.length === 0);
const guarded = operations.filter((each) => !open.includes(each));
for (const { name, scopes } of guarded) check(`${name} says which scope it takes`, scopes.length > 0);

for (const each of guarded) {
    const { method, path, name, scopes, schema, operation } = each;
    const own = pathOf(each, mine);
    const noise = schema ? { body: '{"broken', type: 'text/plain' } : {}; // every later check would fail
    // key
    await Promise.all(Object.entries(wrong).map(async ([what, who]) => {
        const got = await call(method, own, { ...who, ...noise });
        check(`${name} with ${what}: 401`, got.status === 401 && got.code === 'invalid_api_key' &&
            got.headers.has('www-authenticate'), [got.status, got.text]);
    }));
    // scope: before media type, and before existence
    for (const [scope, key] of Object.entries(keys)) {
        const allowed = scopes.some((needed) => (implied[scope] ?? [scope]).includes(needed));
        const nowhere = pathOf(each, { kind: 'material' }).replace(/\{\w+\}/g, () => randomUUID());
        const got = await call(method, nowhere, { key, ...noise });
        if (!allowed)
            check(`${name} with ${scope}: 403`, got.status === 403 && got.code === 'insufficient_scope' &&
                got.json.error.details.required === scopes[0], [got.status, got.text]);
        else if (schema && name !== 'mcp_message')
            check(`${name} with ${scope}: allowed, then the media type`, got.status === 415, [got.status, got.text]);
        else if (path.includes('_id}'))
            check(`${name} with ${scope}: allowed, then nothing there`, got.status === 404, [got.status, got.text]);
        else
            check(`${name} with ${scope}: allowed`, got.status !== 401 && got.status !== 403, [got.status, got.text]);
    }
    // an annotator's session
    const may = operation.security?.some((kind) => 'AnnotatorToken' in kind) ?? false;
    const seen = may ? await call(method, pathOf(each, theirs), { ...asAnnotator, body: bodyOf(schema) })
        : await call(method, own, { ...asAnnotator, ...noise });
    check(`${name} in a session: ${may ? 'of this campaign only' : '403'}`, seen.status === (may ? 404 : 403),
        [seen.status, seen.text]);
    // JSON, then fields, then existence
    if (schema && name !== 'mcp_message') {
        const strange = { key: keys[scopes[0]], body: '{"no_such_member": 1}' };
        check(`${name}: JSON first`, (await call(method, own, { ...strange, body: '{"a": 1,}' })).status === 400);
        check(`${name}: fields next`, (await call(method, pathOf(each, theirs), strange)).status === 422);
    }
    check(`${name}: unknown parameters are no typo to pass`, name === 'mcp_message' || (await call(method,
        `${fill(path, theirs)}?no_such_parameter=1`, { key: keys[scopes[0]], body: bodyOf(schema) })).status === 422);
}

// --- another organisation's ids: in the path nothing is there, in the body nothing is known
for (const each of guarded) {
    const { method, path, name, scopes, schema } = each;
    const key = keys[scopes[0]];
    const body = bodyOf(schema);
    const parameters = [...path.matchAll(/\{(\w+_id)\}/g)].map((match) => match[1]);
    for (const parameter of parameters) {
        const got = await call(method, pathOf(each, { ...mine, [parameter]: theirs[parameter] }), { key, body });
        check(`${name}: their ${parameter} is not there`, got.status === 404 && got.code === 'not_found',
            [got.status, got.text]);
        const malformed = await call(method, pathOf(each, { ...mine, [parameter]: 'x' }), { key, body });
        // right below the root a word names a resource
        const [wanted, at] = `${path}/`.startsWith(`${A}/{${parameter}}/`) ? [404] : [422, parameter];
        check(`${name}: a malformed ${parameter}`, malformed.status === wanted &&
            (!at || malformed.json.error.details.errors.some(({ loc }) => loc[0] === 'path' && loc[1] === at)),
        [malformed.status, malformed.text]);
    }
    for (const place of idsOf(schema)) {
        const member = place.at(-1);
        const foreign = idFor(member, theirs);
        if (!foreign) continue; // an id that this service does not make
        const ask = async (id) => call(method, pathOf(each, mine), { key, body: valueOf(schema, '', place, id) });
        const unknown = await ask(randomUUID());
        const got = await ask(foreign);
        // calibration names what it cannot match; a plan is a document, and the quote names what it lacks
        const taken = got.json?.unmatched_part_ids !== undefined || place.includes('process_plan');
        check(`${name}: their ${place.join('.')} is unknown`, got.status === unknown.status && (taken ||
            (got.status === 422 && got.json.error.details.errors.some(({ loc }) => loc.includes(member) ||
                loc.includes(place.at(-2))))), [unknown.status, got.status, got.text]);
    }
}

// --- routes come before everything
const lost = await call('GET', '/api/v1/parts/environment', { body: undefined });
check('an unknown route needs no key to be unknown', lost.status === 404 && lost.code === 'not_found', lost.text);
const paths = Object.keys(served.paths);
for (const path of paths) {
    const got = await call('PROPFIND', fill(path, mine));
    const allow = (got.headers.get('allow') ?? '').split(', ');
    const methods = Object.keys(served.paths[path]).filter((method) => served.paths[path][method].operationId);
    check(`${path}: 405 before the key`, got.status === 405 &&
        methods.every((each) => allow.includes(each.toUpperCase())), [got.status, allow]);
}

// --- an annotator: its own campaign, until revoked
const own = `${A}/labeling/campaigns/${mine.campaign_id}`;
const task = await call('POST', `${own}/next-task`, asAnnotator);
check('an annotator gets a task', task.status === 200 && task.json?.id, task.text);
check('and answers it', (await call('POST', `${A}/labeling/tasks/${task.json?.id}/submit`,
    { ...asAnnotator, body: { verdict: 'confirm' } })).status === 201);
check('the token is no API key', (await call('POST', `${own}/next-task`, { key: session })).status === 401);
check('its invitation is used up', (await redeem()).status === 401);
await call('DELETE', `${own}/assignments/${mine.assignment_id}`, { key: stack.key });
const after = await call('POST', `${own}/next-task`, asAnnotator);
check('revoked: out at once', after.status === 401, after.text);

end();
