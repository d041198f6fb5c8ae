#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The served API description: sound in itself, true to the route table, and, where the documented surface is at hand
// (../shared/contract/openapi.json or $COSTWRIGHT_CONTRACT), holding all of it. openapi.mjs STACK-FILE
import { existsSync, readFileSync } from 'node:fs';
import { checks, stack } from '../demo/wire.mjs';

const { check, end } = checks('openapi');
const methods = ['get', 'put', 'post', 'patch', 'delete'];
const zero = '00000000-0000-0000-0000-000000000000';

const first = await fetch(`${stack.url}/openapi.json`);
const text = await first.text();
const served = JSON.parse(text);
check('it is served without a key', first.status === 200 && first.headers.get('content-type') === 'application/json');
const again = await fetch(`${stack.url}/openapi.json`, { headers: { 'If-None-Match': first.headers.get('etag') } });
check('it has an ETag', again.status === 304, again.status);
check('it is OpenAPI 3.1', served.openapi === '3.1.0', served.openapi);
check('its version is the answers\'', served.info.version === first.headers.get('x-api-version'), served.info.version);

const resolver = (document) => function resolve(thing) {
    while (thing && thing.$ref) thing = thing.$ref.slice(2).split('/').reduce((at, step) => at?.[step], document);
    return thing;
};
const mine = resolver(served);

// --- sound in itself
const used = new Set();
(function walk(thing, at) {
    if (!thing || typeof thing !== 'object') return;
    if (typeof thing.$ref === 'string') {
        used.add(thing.$ref);
        check(`${at}: ${thing.$ref} is there`, mine(thing) !== undefined);
    }
    for (const [key, value] of Object.entries(thing)) walk(value, `${at}/${key}`);
}(served, '#'));
for (const room of ['schemas', 'responses', 'parameters', 'headers'])
    for (const name of Object.keys(served.components[room])) {
        const unreached = room === 'responses' && /^Error(405|414|431)$/.test(name); // before any operation
        check(`${room}/${name} is used`, unreached || used.has(`#/components/${room}/${name}`));
    }
const operations = Object.entries(served.paths).flatMap(([path, item]) => Object.entries(item)
    .map(([method, operation]) => ({ path, method, operation })));
const tags = new Set(served.tags.map((tag) => tag.name));
const ids = new Set();
for (const { path, method, operation } of operations) {
    const name = `${method} ${path}`;
    check(`${name}: a method`, methods.includes(method));
    check(`${name}: one operationId`, /^[a-z_]+$/.test(operation.operationId) && !ids.has(operation.operationId));
    ids.add(operation.operationId);
    check(`${name}: says what it does`, operation.summary?.length > 5 && operation.description?.length > 10 && operation.tags.every((tag) => tags.has(tag)));
    const parameters = operation.parameters.map(mine);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    check(`${name}: its path parameters`, JSON.stringify(inPath)
        === JSON.stringify(parameters.filter((p) => p.in === 'path').map((p) => p.name)), parameters);
    for (const parameter of parameters)
        check(`${name}: ${parameter.name} is described`, parameter.description && parameter.schema.type, parameter);
    const body = mine(mine(operation.requestBody)?.content['application/json'].schema);
    const names = [...parameters.filter((p) => p.in !== 'header').map((p) => p.name), ...Object.keys(body?.properties ?? {})];
    check(`${name}: no name twice`, new Set(names).size === names.length, names);
    const statuses = Object.keys(operation.responses);
    check(`${name}: succeeds`, statuses.some((status) => /^2/.test(status)));
    check(`${name}: every answer is described`, statuses.every((s) => mine(operation.responses[s]).description));
    const guarded = method === 'put' || method === 'patch';
    check(`${name}: If-Match guards a change of what is there`, !guarded || (statuses.includes('412')
        && parameters.some((p) => p.name === 'If-Match')), statuses);
    check(`${name}: a change may be sent a body that is none`, method === 'get' || ['400', '413', '415'].every((s) => statuses.includes(s)), statuses);
    check(`${name}: a token that is none is 401`, operation.responses[201]?.content['application/json'].schema.$ref !== '#/components/schemas/AnnotatorSession'
        || statuses.includes('401'), statuses);
}
for (const [name, schema] of Object.entries(served.components.schemas)) {
    check(`schema ${name} is one shape`, text.split(`"${name}":{"type":"object"`).length === 2);
    check(`schema ${name} has members`, Object.keys(schema.properties ?? {}).length > 0 || name.endsWith('Query'));
    check(`schema ${name}: what is required is there`, (schema.required ?? []).every((key) => key in schema.properties));
}
// lists that come and go in other forms too
const forms = (content) => Object.keys(content ?? {}).join(' ');
for (const path of ['calibration/environments/{env_id}/runs/{run_id}/rows', 'calibration/environments/{env_id}/evidence',
    'labeling/campaigns/{campaign_id}/submissions', 'ground-truth/datasets/{dataset_id}/items'])
    check(`${path}: three forms`, forms(served.paths[`/api/v1/parts/${path}`].get.responses[200].content)
        === 'application/json application/x-ndjson text/csv');
for (const path of ['environments/{env_id}/auto-calibrate', 'environments/{env_id}/auto-calibrate-from-erp', 'environments/{env_id}/teach', 'outcomes'])
    check(`${path}: takes CSV`, forms(served.paths[`/api/v1/parts/calibration/${path}`].post.requestBody.content) === 'application/json text/csv');
// every member says what it is, a number in which unit: by the ending of its name
const units = [
    [/_s$/, /[Ss]econd|unit of/], [/_ms$/, /[Mm]illisecond/], [/_mm$/, /mm/], [/_kg$/, /kg/], [/_kw$/, /kW/], [/_m2$/, /m2/], [/_per_min$/, /\/min/],
    [/_rpm$/, /per minute/], [/_eur(_|$)/, /EUR/], [/(_cost|^price|_price)$/, /currency/], [/_pct$|_rate$|_fraction$|^(operator_)?share$|coverage$|accuracy$|mape$/,
        /[Ss]hare|fraction|EUR/], [/confidence$/, /0 to 1|Never shown/], [/^(lot_size|annual_volume|annual_forecast|quantity|units_produced)$/, /[Pp]ieces/],
];
const described = (schema, at) => {
    for (const [key, value] of Object.entries(schema?.properties ?? {})) {
        check(`${at}.${key} is described`, (value.description ?? mine(value).description)?.length > 4, value);
        if ([value.type].flat().some((type) => type === 'number' || type === 'integer'))
            for (const [ending, unit] of units)
                if (ending.test(key)) check(`${at}.${key} names its unit`, unit.test(value.description), value.description);
        described(value, `${at}.${key}`);
        described(value.items, `${at}.${key}[]`);
        for (const one of value.anyOf ?? []) described(one, `${at}.${key}`);
    }
};
for (const [name, schema] of Object.entries(served.components.schemas)) described(schema, name);
check('no error code is forgotten', [...readFileSync(new URL('../../include/err.h', import.meta.url), 'utf8')
    .matchAll(/X\([A-Z_]+, \d+, "([a-z_]+)"/g)].every(([, code]) => text.includes(`\`${code}\``)));

// what the sources put into details is described
const details = served.components.schemas.ErrorEnvelope.properties.error.properties.details.properties;
for (const file of ['http/http_request', 'http/http_auth', 'http/http_run', 'http/http_limit', 'api/request']) {
    const set = [...readFileSync(new URL(`../../src/${file}.c`, import.meta.url), 'utf8').matchAll(/fail_details =[^;]*;/g)];
    const names = set.flatMap(([words]) => [...words.matchAll(/\\"([a-z_]+)\\":/g)].map(([, name]) => name));
    check(`the details of ${file} are described`, names.length > 0 && names.every((name) => details[name]?.description), names);
}
const held = (response) => Object.keys(mine(response).headers);
check('limits are told where there are any', operations.every(({ operation }) => operation.security?.length === 0
    || Object.entries(operation.responses).every(([status, response]) => !/^20[01]$|^429$/.test(status) || held(response).includes('RateLimit'))));

// --- true to the route table: without a key every operation that needs one says so, and nothing says 404 or 405
for (const { path, method, operation } of operations) {
    const answer = await fetch(stack.url + path.replace(/\{\w+_id\}/g, zero).replace('{kind}', 'labour')
        .replace(/\{\w+\}/g, 'x'), { method: method.toUpperCase() });
    await answer.arrayBuffer();
    const open = operation.security?.length === 0;
    check(`${method} ${path} is routed`, open ? answer.status !== 405 && answer.status !== 404 : answer.status === 401,
        answer.status);
}

// --- what the guide says about each code is what the description says
const guide = (await (await fetch(`${stack.url}/docs/errors`)).text()).replaceAll('&amp;', '&');
for (const response of Object.values(served.components.responses))
    for (const paragraph of response.description.split('\n\n')) {
        const [, code, rest] = /^`(\w+)`: (.*)$/.exec(paragraph);
        check(`the guide explains ${code} in the same words`, guide.includes(`id="${code}"`) && guide.includes(rest), rest);
    }

// --- the documented surface
const file = process.env.COSTWRIGHT_CONTRACT ?? new URL('../../../shared/contract/openapi.json', import.meta.url).pathname;
if (!existsSync(file)) console.log('skipped: the documented surface is not here');
else {
    const contract = JSON.parse(readFileSync(file, 'utf8'));
    const theirs = resolver(contract);
    const types = (schema) => {
        if (!schema) return new Set();
        if (schema.anyOf) return new Set(schema.anyOf.flatMap((one) => [...types(one)]));
        return new Set([schema.type].flat().filter(Boolean));
    };
    const object = (schema, find) => find((schema.anyOf ?? [schema]).find((one) => find(one)?.type !== 'null'));

    // wanted: the documented schema; got: ours. A request may take more (null for absent), an answer may not say more.
    const compare = (wanted, got, at, answer) => {
        wanted = theirs(wanted);
        got = mine(got);
        if (!got) return check(`${at} is there`, false);
        if (Object.keys(wanted).length === 0) return check(`${at} takes any value`, !got.type, got);
        const nullable = (s, find) => types(s).has('null') || (s.anyOf ?? []).some((one) => find(one)?.type === 'null');
        const sameNull = nullable(wanted, theirs) === nullable(got, mine);
        check(`${at}: null`, answer ? sameNull : sameNull || nullable(got, mine), [wanted, got]);
        wanted = object(wanted, theirs);
        got = object(got, mine);
        const [want, have] = [types(wanted), types(got)];
        want.delete('null');
        have.delete('null');
        check(`${at}: type`, JSON.stringify([...want]) === JSON.stringify([...have]), [wanted, got]);
        for (const key of ['default', 'format', 'minimum', 'maximum', 'minItems', 'maxItems'])
            if (key in wanted) check(`${at}: ${key}`, JSON.stringify(wanted[key]) === JSON.stringify(got[key]), [wanted, got]);
        if (wanted.enum) check(`${at}: enum`, JSON.stringify([...wanted.enum].sort())
            === JSON.stringify((got.enum ?? []).filter((one) => one !== null).sort()), got.enum);
        if (wanted.items && Object.keys(wanted.items).length) compare(wanted.items, got.items, `${at}[]`, answer);
        for (const [key, value] of Object.entries(wanted.properties ?? {}))
            compare(value, got.properties?.[key], `${at}.${key}`, answer);
        if (!wanted.properties) return undefined;
        const required = (got.required ?? []).filter((key) => answer ? key in wanted.properties : true).sort();
        check(`${at}: required`, JSON.stringify((wanted.required ?? []).sort()) === JSON.stringify(required), required);
        for (const [key, value] of Object.entries(got.properties ?? {}))
            if (!(key in wanted.properties))
                check(`${at}.${key} is marked as added`, value['x-costwright-added'] === true, value);
        return undefined;
    };
    for (const [path, item] of Object.entries(contract.paths))
        for (const [method, wanted] of Object.entries(item)) {
            const name = `${method} ${path.replace('/api/v1/parts', '')}`;
            const got = served.paths[path]?.[method];
            check(`${name} is documented`, got && !got['x-costwright-added']);
            if (!got) continue;
            check(`${name}: tag`, wanted.tags.every((tag) => got.tags.includes(tag)), got.tags);
            const parameters = got.parameters.map(mine);
            for (const want of wanted.parameters ?? []) {
                const have = parameters.find((p) => p.name === want.name && p.in === want.in);
                check(`${name}: ${want.name}`, have?.required === want.required && !have['x-costwright-added'], have);
                if (have) compare(want.schema, have.schema, `${name}: ${want.name}`, false);
            }
            for (const have of parameters)
                if (!(wanted.parameters ?? []).some((p) => p.name === have.name))
                    check(`${name}: ${have.name} is marked as added`, have['x-costwright-added'] === true);
            check(`${name}: body`, !!wanted.requestBody === !!got.requestBody || !wanted.requestBody);
            if (wanted.requestBody) {
                check(`${name}: body required`, wanted.requestBody.required === got.requestBody?.required);
                compare(wanted.requestBody.content['application/json'].schema,
                    got.requestBody?.content['application/json'].schema, `${name}: body`, false);
            }
            for (const [status, want] of Object.entries(wanted.responses)) {
                const have = mine(got.responses[status]);
                check(`${name}: ${status}`, have);
                for (const code of want['x-codes'] ?? []) check(`${name}: ${code}`, have?.['x-codes']?.includes(code));
                const schema = want.content?.['application/json'].schema;
                if (schema) compare(schema, have?.content?.['application/json'].schema, `${name}: ${status}`, true);
            }
        }
    for (const { path, method, operation } of operations)
        check(`${method} ${path} is marked as added`, contract.paths[path]?.[method] || operation['x-costwright-added'] === true);
}
end();
