// SPDX-License-Identifier: GPL-3.0-or-later
// The main job through a client whose types are generated from the served description. main_job.js URL KEY
import createClient from 'openapi-fetch';
import type { paths } from './api.js';

declare const process: { argv: string[] };
const [url, key] = process.argv.slice(2) as [string, string];
const api = createClient<paths>({ baseUrl: url, headers: { 'X-API-Key': key } });

function good<T>(answer: { data?: T; error?: unknown }): T {
    if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
    return answer.data;
}

const env = good(await api.POST('/api/v1/parts/environments', {
    body: { name: `typed ${Date.now()}`, valid_from: '2024-01-01', currency: 'EUR' },
}));
const path = { env_id: env.id };
good(await api.POST('/api/v1/parts/environments/{env_id}/machines', {
    params: { path },
    body: { new_machine: { name: 'VMC', klass: 'milling.3axis_vmc', valid_from: '2024-01-01', hourly_rate_eur: 61.5 } },
}));
good(await api.POST('/api/v1/parts/environments/{env_id}/rates', {
    params: { path }, body: { kind: 'labour', valid_from: '2024-01-01', fields: { category: 'machinist', hourly_rate: 47.25 } },
}));
const environments = good(await api.GET('/api/v1/parts/environments/', { params: { query: { limit: 500 } } }));
if (!environments.some((one) => one.id === env.id)) throw new Error('the environment is not listed');
const result = good(await api.POST('/api/v1/parts/calibration/environments/{env_id}/auto-calibrate-from-erp', {
    params: { path, query: { dry_run: true } },
    body: { work_orders: [{ part_number: 'P-1', work_order_id: 'W-1', quantity: 10, total_cost: 125.5 }] },
}));
if (result.unknown_part_numbers?.[0] !== 'P-1') throw new Error(JSON.stringify(result));
const status = good(await api.GET('/api/v1/parts/calibration/environments/{env_id}/status', { params: { path } }));
if (status.active_posterior_count !== 0) throw new Error(JSON.stringify(status));
const refused = await api.GET('/api/v1/parts/environments/{env_id}', { params: { path: { env_id: 'x' } } });
if (refused.error?.error.code !== 'validation_error') throw new Error(JSON.stringify(refused.error));
