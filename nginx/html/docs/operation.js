// SPDX-License-Identifier: GPL-3.0-or-later
// One operation: what it does, takes, answers, and the call by hand.
import { h } from '/console/dom.js';
import { row, show, tableOf } from '/docs/schema.js';

const json = (thing) => thing?.content?.['application/json']?.schema;

function curl(path, method, operation) {
    const parts = [`curl "$URL${path.replace(/\{(\w+)\}/g, (all, name) => `$${name.toUpperCase()}`)}"`];
    if (method !== 'get') parts.push(`-X ${method.toUpperCase()}`);
    if (operation.security?.length !== 0) parts.push('-H "X-API-Key: $KEY"');
    if (operation.requestBody) parts.push('-H "Content-Type: application/json" -d @body.json');
    return parts.join(' \\\n     ');
}

function answers(operation, resolve) {
    return Object.entries(operation.responses).filter(([status]) => status < 400).flatMap(([status, answer]) => [
        h('h4', {}, `Answer ${status}`),
        h('p', {}, answer.description, Object.keys(answer.headers ?? {}).length > 2
            && ` Headers: ${Object.keys(answer.headers).filter((name) => !/^X-(Request-ID|API-Version)$/.test(name)).join(', ')}.`),
        json(answer) && show('answer', json(answer), resolve),
    ]);
}

function errors(operation, resolve) {
    const codes = Object.entries(operation.responses).filter(([status]) => status >= 400)
        .flatMap(([status, answer]) => resolve(answer)['x-codes'].map((code) => [status, code]));
    return [h('h4', {}, 'Errors'), h('p', {}, codes.flatMap(([status, code], i) =>
        [i > 0 && ', ', h('a', { href: `/docs/errors#${code}` }, `${status} ${code}`)]))];
}

export function operationView({ path, method, operation }, resolve) {
    const parameters = operation.parameters.map(resolve);
    return h('section', { 'aria-labelledby': operation.operationId },
        h('h3', { id: operation.operationId, tabindex: -1 }, operation.summary),
        h('code', { class: 'path' }, h('span', { class: `method ${method}` }, method), ` ${path}`),
        h('p', { class: 'mark' }, [operation.operationId, operation['x-costwright-scopes']?.join(' or '),
            operation['x-costwright-added'] && 'beyond the documented surface'].filter(Boolean).join(' · ')),
        operation.description && h('p', {}, operation.description),
        parameters.length > 0 && [h('h4', {}, 'Parameters'), tableOf(`Parameters of ${operation.operationId}`,
            parameters.map((one) => row(`${one.name}${one.in === 'header' ? ' (header)' : ''}`, one.schema, one.required,
                one['x-costwright-added'], one.description, resolve)))],
        operation.requestBody && [h('h4', {}, 'Body'), show('body', json(operation.requestBody), resolve)],
        answers(operation, resolve), errors(operation, resolve),
        h('details', {}, h('summary', {}, 'By hand'), h('pre', { tabindex: 0 }, curl(path, method, operation))));
}
