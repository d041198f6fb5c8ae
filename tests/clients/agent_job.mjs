// SPDX-License-Identifier: GPL-3.0-or-later
// What an agent does that has nothing but the list of tools: find the environment, see its state, send actuals, read what
// was learned. client: any that has listTools, callTool, listResources, readResource.
import assert from 'node:assert/strict';

export async function agentJob(client) {
    const { tools } = await client.listTools();
    const find = (pattern) => {
        const found = tools.find((tool) => pattern.test(tool.description));
        assert(found, `no tool says ${pattern}`);
        return found.name;
    };
    const call = async (name, args, wrong = false) => {
        const result = await client.callTool({ name, arguments: args });
        assert.equal(Boolean(result.isError), wrong, `${name}: ${result.content?.[0]?.text}`);
        return result;
    };
    const environments = (await call(find(/^List environments/), {})).structuredContent.data;
    const env = environments.find((one) => one.is_baseline);
    assert(env, 'a baseline environment');
    await call('calibration_status', { env_id: env.id });
    const actuals = { env_id: env.id, work_orders: [{ part_number: 'P-1', work_order_id: 'W-1', quantity: 10, total_cost: 125.5 }] };
    const faulty = await call(find(/^Calibrate from finished work orders/), { ...actuals, work_orders: [{ ...actuals.work_orders[0], quantity: 0 }] }, true);
    assert.match(faulty.content[0].text, /work_orders\[0\]\.quantity/);
    const learned = (await call('calibration_from_erp', { ...actuals, dry_run: true })).structuredContent;
    assert.deepEqual(learned.unknown_part_numbers, ['P-1']);
    const { resources } = await client.listResources();
    const status = resources.find((one) => one.uri === `costwright://environments/${env.id}/status`);
    const { contents } = await client.readResource({ uri: status.uri });
    assert.equal(JSON.parse(contents[0].text).env_id, env.id);
    const guide = await client.readResource({ uri: 'costwright://guides/calibrate' });
    assert.match(guide.contents[0].text, /dry_run/);
    await assert.rejects(client.callTool({ name: 'no_such_tool', arguments: {} }));
}
