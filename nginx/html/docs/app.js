// SPDX-License-Identifier: GPL-3.0-or-later
// The API page: reads /openapi.json, lists the operations by group, shows one after the other.
import { h } from '/console/dom.js';
import { operationView } from '/docs/operation.js';
import { resolver } from '/docs/schema.js';

const main = document.getElementById('main');
const list = document.getElementById('list');
const filter = document.getElementById('filter');
const state = document.getElementById('state');

const operationsOf = (description) => Object.entries(description.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })));

function drawList(groups) {
    const wanted = filter.value.trim().toLowerCase().split(/\s+/);
    const fits = ({ path, method, operation }) => {
        const text = `${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase();
        return wanted.every((word) => text.includes(word));
    };
    const shown = groups.map(([tag, all]) => [tag, all.filter(fits)]).filter(([, some]) => some.length);
    list.replaceChildren(...shown.flatMap(([tag, some]) => [
        h('h2', {}, tag.name),
        h('ul', {}, some.map(({ method, operation }) => h('li', {}, h('a', { href: `#${operation.operationId}` },
            h('span', { class: `method ${method}` }, method), ` ${operation.summary}`)))),
    ]));
    if (!shown.length) list.append(h('p', {}, 'No operation has these words.'));
}

// the browser looked for the place before it was drawn
function goTo() {
    const place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place) {
        place.scrollIntoView();
        place.focus({ preventScroll: true });
    }
}

async function start() {
    const answer = await fetch('/openapi.json');
    if (!answer.ok) throw new Error(`the service answered ${answer.status}`);
    const description = await answer.json();
    const resolve = resolver(description);
    const operations = operationsOf(description);
    const groups = description.tags.map((tag) => [tag, operations.filter(({ operation }) => operation.tags[0] === tag.name)])
        .filter(([, some]) => some.length);
    main.replaceChildren(h('h1', {}, `${description.info.title} API`),
        h('p', { class: 'mark' }, `Version ${description.info.version} · ${operations.length} operations · OpenAPI ${description.openapi}`),
        ...description.info.description.split('\n\n').map((text) => h('p', {}, text)),
        ...groups.flatMap(([tag, some]) => [h('h2', {}, tag.name), h('p', {}, tag.description),
            ...some.map((one) => operationView(one, resolve))]));
    filter.addEventListener('input', () => drawList(groups));
    drawList(groups);
    goTo();
}

start().catch((error) => {
    state.textContent = `The description cannot be shown: ${error.message}. It is at /openapi.json.`;
});
