#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The agent endpoint by its wire: both eras of the protocol, tools by scope, the main job, errors that can be mended,
// idempotency, resources, and who is kept out. mcp.mjs STACK-FILE
import { request } from 'node:http';
import { checks, stack } from '../demo/wire.mjs';

const answers = (await (await fetch(`${stack.url}/openapi.json`)).json()).paths['/mcp-server/mcp'].post.responses;
const url = new URL(`${stack.url}/mcp-server/mcp`);
const { check, end } = checks('mcp');

function send(body, headers = {}, method = 'POST', key = stack.key) {
    const bytes = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const all = { Accept: 'application/json, text/event-stream', ...headers };
    if (key) all.Authorization ??= `Bearer ${key}`;
    if (bytes !== undefined) Object.assign(all, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(bytes), ...headers });
    return new Promise((resolve, reject) => {
        const sent = request(url, { method, headers: all }, (answer) => {
            const chunks = [];
            answer.on('data', (chunk) => chunks.push(chunk));
            answer.on('end', () => {
                const text = Buffer.concat(chunks).toString();
                if (method === 'POST')
                    check(`${answer.statusCode} is described`, answer.statusCode in answers, text);
                resolve({ status: answer.statusCode, reason: answer.statusMessage, headers: answer.headers, text, json: text ? JSON.parse(text) : undefined });
            });
        });
        sent.on('error', reject);
        sent.end(bytes);
    });
}

const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' } };
let id = 0;
// a modern request, its headers as they must be unless given
function modern(method, params = {}, headers = {}, key = stack.key) {
    const named = method === 'tools/call' ? { 'Mcp-Name': params.name } : method === 'resources/read' ? { 'Mcp-Name': params.uri } : {};
    return send({ jsonrpc: '2.0', id: ++id, method, params: { _meta: meta, ...params } },
        { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': method, ...named, ...headers }, 'POST', key);
}
function legacy(method, params, headers = {}, key = stack.key) {
    return send({ jsonrpc: '2.0', id: ++id, method, params }, { 'MCP-Protocol-Version': '2025-11-25', ...headers }, 'POST', key);
}
async function tool(name, args, key = stack.key) {
    const answer = await modern('tools/call', { name, arguments: args }, {}, key);
    const result = answer.json?.result;
    check(`${name} answers`, answer.status === 200 && result?.resultType === 'complete' && result.content[0].type === 'text', answer.text);
    return result ?? {};
}

// --- who is kept out: in the service's own envelope
const noKey = await send({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, {}, 'POST', null);
check('no key', noKey.status === 401 && noKey.json.error.code === 'invalid_api_key' && noKey.headers['www-authenticate'], noKey);
const form = await send('a=b', { 'Content-Type': 'text/plain' });
check('not JSON by its type', form.status === 415 && form.json.error.code === 'unsupported_media_type', form);
for (const method of ['GET', 'DELETE', 'PUT']) {
    const answer = await send(undefined, {}, method);
    check(`${method} is not taken`, answer.status === 405 && answer.headers.allow === 'POST', [answer.status, answer.headers.allow]);
}
check('a page of another site', (await legacy('ping', undefined, { Origin: 'https://evil.example' })).status === 403);
check('no page', (await legacy('ping', undefined, { Origin: 'null' })).status === 403);
check('a name of theirs for this address', (await legacy('ping', undefined, { Origin: 'http://evil.example', Host: 'evil.example' })).status === 403);
for (const near of ['http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'localhost'])
    check(`${near} is not this machine`, (await legacy('ping', undefined, { Origin: near })).status === 403);
for (const here of [stack.url, 'http://localhost:6274', 'http://[::1]:80', 'https://LOCALHOST'])
    check(`a page of ${here}`, (await legacy('ping', undefined, { Origin: here })).status === 200);
for (const known of ['https://agents.example.org', 'https://a.example:8443'])
    check('a page that the settings name', (await legacy('ping', undefined, { Origin: known })).status === 200);
check('part of such a name', (await legacy('ping', undefined, { Origin: 'https://agents.example' })).status === 403);

// --- JSON-RPC
const faults = [
    ['cut off', '{"jsonrpc":"2.0","id":1,', 400, -32700],
    ['empty', '', 400, -32700],
    ['two members of one name', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', 400, -32700],
    ['not a message', '[]', 400, -32600],
    ['no version', '{"id":1,"method":"ping"}', 400, -32600],
    ['no method', '{"jsonrpc":"2.0","id":1}', 400, -32600],
    ['a list as params', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', 400, -32600],
    ['null as id', '{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, -32600],
];
check('which are no errors of the service', !JSON.stringify([answers[400], answers[404]]).includes('$ref'), answers);
for (const [name, text, status, code] of faults) {
    const answer = await send(text);
    check(name, answer.status === status && answer.json.error.code === code && answer.json.error.message, [answer.status, answer.text]);
}
for (const no of ['null', '{}', '[1]', 'true']) {
    const answer = await send(`{"jsonrpc":"2.0","id":${no},"method":"ping"}`);
    check(`${no} is no id to answer with`, answer.json.id === null && answer.reason === 'Refused', [answer.reason, answer.text]);
}
const strange = await send('{"jsonrpc":"2.0","id":"\\u00e4 \\"1\\"","method":"ping","params":{"x":{"y":[1]}},"more":1}');
check('id comes back, unknown members do not matter', strange.json?.id === 'ä "1"' && strange.json.result, strange.text);

// --- the modern era
const discovered = await modern('server/discover');
check('discover', discovered.json.result.supportedVersions?.[0] === '2026-07-28' && discovered.json.result.capabilities.tools
    && discovered.json.result.ttlMs > 0 && discovered.json.result._meta['io.modelcontextprotocol/serverInfo'].name === 'costwright', discovered.text);
const mismatches = [
    ['another version in the header', { 'MCP-Protocol-Version': '2025-11-25' }],
    ['no Mcp-Method', { 'Mcp-Method': '' }],
    ['another Mcp-Method', { 'Mcp-Method': 'tools/call' }],
];
for (const [name, headers] of mismatches) {
    const answer = await modern('tools/list', {}, headers);
    check(name, answer.status === 400 && answer.json.error.code === -32020, answer.text);
}
const misnamed = await modern('tools/call', { name: 'environment_list' }, { 'Mcp-Name': 'rate_list' });
check('another Mcp-Name', misnamed.status === 400 && misnamed.json.error.code === -32020, misnamed.text);
const encoded = await modern('tools/call', { name: 'environment_list' },
    { 'Mcp-Name': `=?base64?${Buffer.from('environment_list').toString('base64')}?=` });
check('Mcp-Name in base64', encoded.json.result?.isError === false, encoded.text);
const future = { ...meta, 'io.modelcontextprotocol/protocolVersion': '2031-01-01' };
const unknown = await modern('tools/list', { _meta: future }, { 'MCP-Protocol-Version': '2031-01-01' });
check('a version from the future', unknown.status === 400 && unknown.json.error.code === -32022
    && unknown.json.error.data.supported.includes('2026-07-28') && unknown.json.error.data.requested === '2031-01-01', unknown.text);
const bare = await modern('tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } });
check('no capabilities', bare.status === 400 && bare.json.error.code === -32602, bare.text);
for (const method of ['initialize', 'ping', 'prompts/list', 'subscriptions/listen']) {
    const answer = await modern(method);
    check(`modern ${method} is unknown`, answer.status === 404 && answer.json.error.code === -32601, answer.text);
}

// --- the legacy era
for (const [asked, given] of [['2025-11-25', '2025-11-25'], ['2025-06-18', '2025-06-18'], ['2025-03-26', '2025-03-26'], ['2020-01-01', '2025-11-25']]) {
    const answer = await send({ jsonrpc: '2.0', id: 0, method: 'initialize',
        params: { protocolVersion: asked, capabilities: {}, clientInfo: { name: 'test', version: '1' } } });
    check(`initialize ${asked}`, answer.status === 200 && answer.json.id === 0 && answer.json.result.protocolVersion === given
        && answer.json.result.serverInfo.name === 'costwright' && answer.json.result.resultType === undefined, answer.text);
    check('no session', answer.headers['mcp-session-id'] === undefined);
}
const initialized = await send({ jsonrpc: '2.0', method: 'notifications/initialized' });
check('a notification', initialized.status === 202 && initialized.text === '', initialized);
check('ping', JSON.stringify((await legacy('ping')).json.result) === '{}');
check('a legacy version that is none', (await legacy('ping', undefined, { 'MCP-Protocol-Version': '2025-01-01' })).status === 400);
const nothing = await legacy('server/discover');
check('legacy server/discover is unknown', nothing.status === 200 && nothing.json.error.code === -32601, nothing.text);

// --- tools
const list = async (key) => (await modern('tools/list', {}, {}, key)).json.result.tools;
const tools = await list(stack.key);
const named = (name) => tools.find((one) => one.name === name);
check('legacy and modern list the same', JSON.stringify((await legacy('tools/list')).json.result.tools) === JSON.stringify(tools));
const description = await (await fetch(`${stack.url}/openapi.json`)).json();
const operations = Object.values(description.paths).flatMap((item) => Object.entries(item))
    .map(([method, operation]) => ({ method, ...operation }));
for (const one of tools) {
    const operation = operations.find((other) => other.operationId === one.name);
    const schema = one.inputSchema;
    check(`${one.name} is an operation`, operation && operation.security?.length !== 0);
    check(`${one.name} is described`, one.description.length > 10 && one.title === operation.summary);
    check(`${one.name} takes an object`, schema.type === 'object' && schema.additionalProperties === false
        && schema.required.every((key) => key in schema.properties), schema.required);
    check(`${one.name}: every argument is described`, Object.values(schema.properties).every((value) => value.description), schema);
    check(`${one.name} says what it answers`, one.outputSchema?.type === 'object' && one.outputSchema.required.length > 0
        && one.outputSchema.required.every((key) => key in one.outputSchema.properties), one.outputSchema);
    check(`${one.name} needs no other document`, !JSON.stringify(one).includes('$ref'));
    const changes = operation.method !== 'get';
    check(`${one.name}: hints`, one.annotations.readOnlyHint === !changes && one.annotations.openWorldHint === false
        && (!one.annotations.destructiveHint || changes));
    check(`${one.name}: idempotency_key where it changes something`, ('idempotency_key' in schema.properties) === changes);
}
check('deletes are destructive', named('environment_remove').annotations.destructiveHint && named('rate_remove').annotations.destructiveHint);
check('no service calls', !tools.some((one) => /^(service|openapi|mcp)_/.test(one.name)));
const reading = await list(stack.key_read);
check('a reading key sees readers only', reading.length > 10 && reading.every((one) => one.annotations.readOnlyHint), reading.map((one) => one.name));
const operator = (await list(stack.admin_key)).map((one) => one.name);
check('the operator has the platform\'s calls only', operator.includes('calibration_outcomes') && !operator.includes('environment_list'), operator);

// --- the main job
const name = `mcp ${process.pid}-${Date.now()}`;
const once = { name, valid_from: '2024-01-01', idempotency_key: `${name} 1` };
const created = (await tool('environment_create', once)).structuredContent;
check('an environment', created.name === name && created.id, created);
check('the same call again is the same environment', (await tool('environment_create', once)).structuredContent.id === created.id);
const reused = await tool('environment_create', { ...once, name: `${name} other` });
check('a key used for something else', reused.isError && /idempotency_conflict/.test(reused.content[0].text), reused);
const taken = await tool('environment_create', { name, valid_from: '2024-01-01' });
check('a name twice', taken.isError && /details: .*"name_taken"/.test(taken.content[0].text), taken);
const found = await tool('environment_list', { limit: 500 });
check('lists stand in an object, with their total', found.structuredContent.data.some((one) => one.id === created.id)
    && found.structuredContent.total >= found.structuredContent.data.length, found);
check('the text is the same', found.content[0].text === JSON.stringify(found.structuredContent));
const rate = (await tool('rate_create', { env_id: created.id, kind: 'labour', valid_from: '2024-01-01', fields: { category: 'assembly', hourly_rate: 42.75 } })).structuredContent;
check('a rate', rate.env_id === created.id && rate.kind === 'labour', rate);
const flawed = await tool('calibration_from_erp', { env_id: created.id, dry_run: true, work_orders: [
    { part_number: 'A', work_order_id: '1', quantity: 3, total_cost: 12.5 }, { part_number: 'B', work_order_id: '2', quantity: -3 }], typo: 1 });
check('errors say where and what', flawed.isError && ['work_orders[1].quantity: ', 'work_orders[1].total_cost: ', 'typo: ']
    .every((words) => flawed.content[0].text.includes(words)) && /^validation_error: /.test(flawed.content[0].text) && flawed.structuredContent === undefined, flawed.content);
const missing = await tool('environment_show', {});
check('a missing id', missing.isError && missing.content[0].text.includes('env_id: is required'), missing.content);
const odd = await tool('environment_show', { env_id: '../../healthz' });
check('an id that is a path', odd.isError && odd.content[0].text.includes('env_id: '), odd.content);
const ended = await tool('environment_show', { env_id: `${created.id}\0x` });
check('an id that goes on behind a U+0000', ended.isError && ended.content[0].text.includes('env_id: '), ended.content);
const cut = await tool('part_list', { part_number: 'A\0B' });
check('a text that does', cut.isError && cut.content[0].text.includes('part_number: '), cut.content);
for (const key of ['', 'a\0b']) {
    const answer = await tool('environment_create', { name: `${name} never`, valid_from: '2024-01-01', idempotency_key: key });
    check(`${JSON.stringify(key)} is no key`, answer.isError && answer.content[0].text.includes('Idempotency-Key: '), answer.content);
}
for (const [limit, taken] of [['1.0', true], ['1e0', true], ['1.5', false]]) {
    const answer = await send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"environment_list","arguments":{"limit": ${limit}}}}`);
    check(`limit ${limit}`, answer.json.result.isError !== taken, answer.text.slice(0, 300));
}
const sent = await tool('calibration_from_erp', { env_id: created.id, dry_run: true,
    work_orders: [{ part_number: 'no such part', work_order_id: '1', quantity: 3, total_cost: 12.5 }] });
check('actuals', sent.isError === false && sent.structuredContent.unknown_part_numbers[0] === 'no such part', sent);
const status = await tool('calibration_status', { env_id: created.id });
check('what was learned', status.isError === false && status.structuredContent.env_id === created.id, status);
const stranger = await tool('environment_show', { env_id: created.id }, stack.key_other);
check('another organisation sees nothing', stranger.isError && /^not_found/.test(stranger.content[0].text), stranger);
const forbidden = await tool('environment_remove', { env_id: created.id }, stack.key_read);
check('a reading key changes nothing', forbidden.isError && /^insufficient_scope: [^]*parts:write/.test(forbidden.content[0].text), forbidden);
for (const wrong of ['no_such_tool', 'service_healthz', 'mcp_message', '']) {
    const answer = await modern('tools/call', { name: wrong, arguments: {} });
    check(`tool '${wrong}'`, answer.json.error?.code === -32602, answer.text);
}
const notObject = await modern('tools/call', { name: 'environment_list', arguments: [1] });
check('arguments that are no object', notObject.json.error?.code === -32602, notObject.text);

// --- resources
const resources = (await modern('resources/list')).json.result.resources;
const read = (uri, key) => modern('resources/read', { uri }, {}, key);
check('guides and environments', resources.some((one) => one.uri === 'costwright://guides/calibrate')
    && resources.some((one) => one.uri === `costwright://environments/${created.id}/status`), resources.length);
for (const one of resources.filter((other) => other.uri.includes('guides') || other.uri.includes(created.id))) {
    const answer = (await read(one.uri)).json.result?.contents?.[0];
    check(`${one.uri} is read`, answer?.uri === one.uri && answer.mimeType === one.mimeType && answer.text.length > 1, answer);
    if (answer?.mimeType === 'application/json') JSON.parse(answer.text);
}
const guides = resources.filter((one) => one.uri.includes('guides'));
for (const one of guides)
    for (const [, word] of (await read(one.uri)).json.result.contents[0].text.matchAll(/`([a-z]+_[a-z_]+)`/g))
        check(`${one.name} names what is there: ${word}`, JSON.stringify([tools, description]).includes(`"${word}"`));
const templates = (await modern('resources/templates/list')).json.result.resourceTemplates;
check('templates', templates.some((one) => one.uriTemplate === 'costwright://environments/{env_id}/runs/{run_id}'), templates);
for (const uri of ['costwright://guides/none', `costwright://environments/${created.id}/none`, 'costwright://environments/x/status',
    'costwright://environments/00000000-0000-7000-8000-000000000000/status', 'file:///etc/passwd', ''])
    check(`no resource '${uri}'`, (await read(uri)).json.error?.code === -32602);
check('another organisation reads nothing', (await read(`costwright://environments/${created.id}/status`, stack.key_other)).json.error?.code === -32602);

check('removed', (await tool('environment_remove', { env_id: created.id })).isError === false);
end();
