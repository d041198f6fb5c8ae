// SPDX-License-Identifier: GPL-3.0-or-later
// The whole story (tests/demo/story.mjs) by an agent's tools: what each answers fits its output schema, which the official
// client checks as well. mcp_story.mjs URL KEY STORY
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import assert from 'node:assert/strict';

const [url, key, file] = process.argv.slice(2);
const { story } = await import(file);
const ajv = formats.default(new Ajv.default({ strict: false, allErrors: true }));
const client = new Client({ name: 'costwright-test', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp-server/mcp`),
    { requestInit: { headers: { Authorization: `Bearer ${key}` } } }));
const tools = new Map((await client.listTools()).tools.map((tool) => [tool.name, { ...tool, fits: ajv.compile(tool.outputSchema) }]));
for (const tool of tools.values()) assert(!tool.fits({}), `${tool.name} would take any answer`);

const called = new Set();
await story(async (name, parameters = {}, body = {}) => {
    const tool = tools.get(name);
    if (!tool) return {}; // nothing an agent would call
    called.add(name);
    const result = await client.callTool({ name, arguments: { ...parameters, ...body } });
    assert(!result.isError, `${name}: ${result.content[0].text}`);
    assert(tool.fits(result.structuredContent), `${name}: ${ajv.errorsText(tool.fits.errors)}`);
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
    const { properties } = tool.outputSchema; // a bare list or null stands in an object
    return 'total' in properties || 'queue_state' in properties ? result.structuredContent.data : result.structuredContent;
});
const left = [...tools.keys()].filter((name) => !called.has(name));
assert.deepEqual(left, [], 'tools that the story does not call');
await client.close();
console.log(`${called.size} tools called, every answer fits`);
