// SPDX-License-Identifier: GPL-3.0-or-later
// The agent protocol's official client of the second generation: modern era where the server has it, or legacy by
// choice. mcp_v2.mjs URL KEY auto|legacy
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { agentJob } from './agent_job.mjs';

const [url, key, mode] = process.argv.slice(2);
const client = new Client({ name: 'costwright-test', version: '1' }, { versionNegotiation: { mode } });
const versions = new Set();
const watched = (input, init) => {
    versions.add(new Headers(init?.headers).get('mcp-protocol-version'));
    return fetch(input, init);
};
await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp-server/mcp`),
    { requestInit: { headers: { Authorization: `Bearer ${key}` } }, fetch: watched }));
await agentJob(client);
assert(versions.has(mode === 'auto' ? '2026-07-28' : '2025-11-25'), [...versions].join(' '));
await client.close();
