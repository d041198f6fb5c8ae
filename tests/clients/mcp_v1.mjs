// SPDX-License-Identifier: GPL-3.0-or-later
// The agent protocol's official client of the first generation: begins with initialize. mcp_v1.mjs URL KEY
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';
import { agentJob } from './agent_job.mjs';

const [url, key] = process.argv.slice(2);
const client = new Client({ name: 'costwright-test', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp-server/mcp`),
    { requestInit: { headers: { Authorization: `Bearer ${key}` } } }));
assert.equal(client.getServerVersion().name, 'costwright');
await client.ping();
await agentJob(client);
await client.close();
