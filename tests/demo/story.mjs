// SPDX-License-Identifier: GPL-3.0-or-later
// One story through every operation: a shop, its parts and quotes, what it learns, labels, and what goes again. What is
// sent never changes, and no answer but ids and times does. play(operation, parameters of path and query, body, options)
// answers the JSON; options: {bearer} speaks as an annotator.
import { generator } from './random.mjs';

export async function story(play) {
    const random = generator(11);
    const cents = (value) => Number(value.toFixed(2));
    for (const name of ['service_healthz', 'service_readyz']) await play(name);

    const env = await play(
        'environment_create',
        {},
        {
            name: 'Plant A',
            region: 'DE-BY',
            currency: 'EUR',
            description: 'Milling and turning',
            valid_from: '2025-01-01',
        },
    );
    const at = { env_id: env.id };
    const member = await play('membership_create', at, {
        fleet_priority: 10,
        new_machine: {
            name: 'VMC 1',
            klass: 'milling.3axis_vmc',
            hourly_rate_eur: 58,
            burden_rate_eur: 6,
            valid_from: '2025-01-01',
            capabilities: { max_part_envelope_mm: [800, 500, 500], max_spindle_rpm: 12000 },
        },
    });
    const lathe = await play(
        'machine_create',
        {},
        {
            name: 'Lathe 1',
            klass: 'turning.2axis_cnc',
            hourly_rate_eur: 46,
            burden_rate_eur: 4,
            valid_from: '2025-01-01',
        },
    );
    await play('machine_update', { machine_id: lathe.id }, { hourly_rate_eur: 47.5 });
    await play(
        'machine_replace',
        { machine_id: lathe.id },
        {
            name: 'Lathe 1',
            klass: 'turning.2axis_cnc',
            vendor: 'Example Tools',
            hourly_rate_eur: 47.5,
            burden_rate_eur: 4,
            valid_from: '2025-01-01',
        },
    );
    await play('machine_show', { machine_id: lathe.id });
    await play('machine_list');
    const second = await play('membership_create', at, { machine_id: lathe.id, fleet_priority: 20 });
    await play(
        'membership_update',
        { ...at, membership_id: second.membership_id },
        { fleet_priority: 15, is_enabled: true },
    );
    await play('membership_show', { ...at, membership_id: member.membership_id });
    await play('membership_list', at);
    const rate = await play('rate_create', at, {
        kind: 'material',
        valid_from: '2025-01-01',
        fields: { material_ref: 'S355', price_per_kg: 1.35, scrap_price_per_kg: 0.18 },
    });
    for (const fields of [
        { category: 'operator', hourly_rate: 42 },
        { category: 'setter', hourly_rate: 55 },
    ])
        await play('rate_create', at, { kind: 'labour', fields, valid_from: '2025-01-01' });
    await play('rate_create', at, {
        kind: 'overhead',
        fields: { category: 'manufacturing', value: 0.12 },
        valid_from: '2025-01-01',
    });
    await play('rate_list', at);
    await play('rate_show', { ...at, kind: 'material', rate_id: rate.id });
    await play('environment_update', at, { enabled_extractors: ['arcnm'] });
    await play('environment_update_identity', at, { description: 'Milling and turning, two shifts' });
    await play('environment_show', at);
    await play('environment_list');

    const plan = (i) => ({
        material_ref: 'S355',
        gross_mass_kg: 1.2 + 0.3 * i,
        net_mass_kg: 0.8 + 0.2 * i,
        scrap_rate: 0.01,
        operations: [
            {
                sequence: 10,
                klass: 'milling.3axis_vmc',
                setup_time_s: 1800 + 300 * i,
                cycle_time_s: 240 + 45 * i,
                labour_category: 'operator',
                attendance: 0.5,
            },
        ],
    });
    const predictions = [
        {
            target_kind: 'material',
            field_path: 'material',
            field_name: 'material',
            predicted_value: 'S355',
            predicted_confidence: 0.62,
            prompt: 'Which material?',
        },
        {
            target_kind: 'pmi',
            field_path: 'pmi.roughness',
            field_name: 'roughness',
            predicted_value: 'Ra 3.2',
            predicted_confidence: 0.41,
            prompt: 'Which roughness?',
        },
    ];
    const part = await play('part_create', {}, { part_number: 'P-1000', name: 'Bearing block' });
    await play('part_update', { part_id: part.id }, { name: 'Bearing block, left' });
    const revision = await play(
        'revision_create',
        { part_id: part.id },
        { revision_code: 'A', process_plan: plan(0), predictions },
    );
    const revisionId = revision.id;
    await play('revision_show', { part_id: part.id, part_revision_id: revisionId });
    await play('revision_list', { part_id: part.id });
    const imported = await play(
        'part_import',
        {},
        { parts: Array.from({ length: 11 }, (_, i) => ({ part_number: `P-${1001 + i}`, process_plan: plan(i + 1) })) },
    );
    await play('part_show', { part_id: part.id });
    await play('part_list');
    const pieces = [
        { part_number: 'P-1000', id: revisionId },
        ...imported.data.map((one, i) => ({ part_number: `P-${1001 + i}`, id: one.part_revision_id })),
    ];

    const batch = await play(
        'calculation_batch',
        {},
        { costing_environment_id: env.id, items: pieces.map((one) => ({ part_revision_id: one.id, lot_size: 20 })) },
    );

    const truth = { 'PLANT-A': [1.05, 1.4], 'SUP-OST': [1.22, 1.9] };
    const orders = [];
    for (let i = 0; i < 60; i++) {
        const bin = Object.keys(truth)[i % 2];
        const quantity = [5, 10, 20, 50, 100][i % 5];
        const { costs } = batch.items[i % pieces.length];
        const setup = (costs.setup * 20) / quantity;
        const unit =
            ((costs.material + costs.machine + costs.labour) * truth[bin][0] + setup * truth[bin][1]) *
            1.12 *
            Math.exp(0.05 * random.normal());
        orders.push({
            part_number: pieces[i % pieces.length].part_number,
            work_order_id: `WO-${1001 + i}`,
            quantity,
            total_cost: cents(unit * quantity),
            bin,
            occurred_on: `2025-${String(1 + (i % 12)).padStart(2, '0')}-15`,
        });
    }
    const learned = await play('calibration_from_erp', at, { work_orders: orders });
    const quote = await play(
        'calculation_quote',
        {},
        {
            part_revision_id: revisionId,
            costing_environment_id: env.id,
            lot_size: 20,
            annual_volume: 400,
            bin: 'SUP-OST',
            priced_on: '2026-03-02',
        },
    );
    await play('calculation_show', { calculation_id: quote.id });
    await play('calculation_list', { limit: 2 });
    await play('run_show', { ...at, run_id: learned.run_id });
    await play('run_rows', { ...at, run_id: learned.run_id, limit: 2 });
    await play('evidence_list', { ...at, limit: 2 });
    await play('evidence_sources', at);
    // from here on the shop learns from invoices instead
    await play('evidence_remove', { ...at, source: 'erp' });
    await play('calibration_deactivate', at, { slot: 'unit_cost' });
    await play('calibration_auto', at, {
        actuals: orders.slice(0, 30).map((order, i) => ({
            part_revision_id: pieces[i % pieces.length].id,
            bin: order.bin,
            actual_unit_cost: cents(order.total_cost / order.quantity),
            lot_size: order.quantity,
            occurred_on: order.occurred_on,
            external_ref: `INV-${i + 1}`,
        })),
    });
    await play('calibration_teach', at, {
        rows: Array.from({ length: 24 }, (_, i) => ({
            part_revision_id: revisionId,
            predicted: 1800,
            actual: Math.round(2600 * Math.exp(0.06 * random.normal())),
            target_metric: 'setup_time_s',
            bin: 'milling.3axis_vmc',
            external_ref: `SETUP-${i + 1}`,
        })),
    });
    await play(
        'calibration_outcomes',
        {},
        {
            scope: 'environment',
            env_id: env.id,
            oracle: 'mes',
            observations: Array.from({ length: 24 }, (_, i) => ({
                target_metric: 'cycle_time_s',
                observation_type: 'machine-log',
                predicted: 240,
                actual: Math.round(262 * Math.exp(0.04 * random.normal())),
                part_revision_id: revisionId,
                bin: 'milling.3axis_vmc',
                operation_sequence: 10,
                external_ref: `LOG-${i + 1}`,
            })),
        },
    );
    await play('calibration_finalize', at, {
        target_metric: 'cycle_time_s',
        notes: 'machine logs of the first quarter',
    });
    await play(
        'calibration_recalibrate',
        {},
        {
            scope: 'environment',
            env_id: env.id,
            target_metric: 'setup_time_s',
            samples: Array.from({ length: 20 }, (_, i) => ({
                predicted: 1800,
                actual: Math.round(1850 * Math.exp(0.1 * random.normal())),
                external_ref: `S-${i + 1}`,
            })),
        },
    );
    await play('calibration_learning_curve', at, {
        part_revision_id: pieces[3].id,
        model: 'crawford_unit',
        lots: [
            { lot_index: 1, lot_size: 10, lot_total_cost: 2950 },
            { lot_index: 2, lot_size: 20, lot_total_cost: 4720 },
            { lot_index: 3, lot_size: 40, lot_total_cost: 8010 },
            { lot_index: 4, lot_size: 40, lot_total_cost: 7290 },
        ],
    });
    await play('calibration_policy', at, {
        region: 'DE-BY',
        history: Array.from({ length: 30 }, (_, i) => ({
            klass: 'milling.3axis_vmc',
            external_ref: `CHOICE-${i + 1}`,
            candidates: [
                { machine_id: 'VMC 1', op_cost: cents(10 + 3 * random.uniform()), fleet_priority: 1 },
                { machine_id: 'VMC 2', op_cost: cents(9 + 3 * random.uniform()), fleet_priority: 2 },
            ],
            chosen_machine_id: i % 4 ? 'VMC 1' : 'VMC 2',
        })),
    });
    await play('calibration_status', at);
    await play('run_list', at);
    await play('calibration_revert', at, { slot: 'unit_cost' });
    await play('run_activate', { ...at, run_id: learned.run_id });

    // --- labels

    const project = await play(
        'label_project_create',
        {},
        {
            name: 'Drawing notes',
            description: 'Material and roughness read from drawings',
            target_kinds: ['material', 'pmi'],
            selection_policy: { strategy: 'uncertainty', max_confidence: 0.9 },
        },
    );
    await play('label_project_show', { project_id: project.id });
    await play('label_project_list');
    const generated = await play(
        'label_project_generate',
        { project_id: project.id },
        { calculation_ids: [quote.id], campaign: { name: 'Notes of March', gold_fraction: 0, target_redundancy: 2 } },
    );
    const campaign = { campaign_id: generated.campaign.id };
    const tasks = await play('label_task_create', campaign, {
        tasks: ['S355', '1.4301', 'S355', 'EN-AW-6082'].map((predicted_value, i) => ({
            target_kind: 'material',
            field_path: `sheets.${i + 1}.material`,
            field_name: 'material',
            part_revision_id: revisionId,
            prompt: 'Which material does the title block name?',
            predicted_value,
            predicted_confidence: 0.55 + 0.1 * i,
        })),
    });
    await play('label_task_list', { ...campaign, limit: 2 });
    // the queue picks at random: here there is one task to pick
    const surfaces = await play(
        'label_campaign_create',
        {},
        {
            name: 'Surface classes',
            project_id: project.id,
            consensus_method: 'dawid_skene',
            acceptance_alpha: 0.8,
            gold_fraction: 0,
            target_redundancy: 2,
        },
    );
    const only = { campaign_id: surfaces.id };
    await play('label_task_create', only, {
        tasks: [
            {
                target_kind: 'pmi',
                field_path: 'pmi.roughness',
                field_name: 'roughness',
                part_revision_id: revisionId,
                prompt: 'Which roughness does the symbol ask for?',
                predicted_value: 'Ra 3.2',
                predicted_confidence: 0.41,
            },
        ],
    });
    const invited = await play('label_assignment_create', only, { email: 'ann@example.org', display_name: 'Ann' });
    const { annotator_token: bearer } = await play('annotator_session_create', {}, { token: invited.magic_link_token });
    const taken = await play('label_next_task', only, undefined, { bearer });
    await play(
        'label_task_submit',
        { task_id: taken.id },
        { verdict: 'correct', corrected_value: 'Ra 1.6', confidence: 0.9, duration_ms: 8400 },
        { bearer },
    );
    const answers = (email, verdicts) =>
        tasks.data.map((task, i) => ({
            task_id: task.id,
            annotator_email: email,
            verdict: verdicts[i],
            submitted_at: '2026-03-03T10:00:00Z',
        }));
    await play('label_submission_import', campaign, {
        submissions: [
            ...answers('ben@example.org', ['confirm', 'reject', 'confirm', 'confirm']),
            ...answers('cleo@example.org', ['confirm', 'reject', 'confirm', 'reject']),
        ],
    });
    await play('label_submission_list', only);
    await play(
        'label_task_adjudicate',
        { task_id: tasks.data[3].id },
        { verdict: 'correct', corrected_value: 'EN-AW-7075' },
    );
    await play('label_campaign_quality', campaign);
    await play('label_campaign_show', campaign);
    await play('label_campaign_list');
    await play('label_campaign_close', campaign);
    await play('label_campaign_promote', { ...campaign, force: true });
    const datasets = await play('truth_dataset_list');
    await play('truth_dataset_show', { dataset_id: datasets.data[0].id });
    await play('truth_item_list', { dataset_id: datasets.data[0].id, limit: 2 });
    await play('label_assignment_list', only);
    await play('label_assignment_revoke', { ...only, assignment_id: invited.assignment.id });

    // --- what goes again

    await play('rate_remove', { ...at, kind: 'material', rate_id: rate.id });
    await play('membership_remove', { ...at, membership_id: second.membership_id });
    await play('machine_remove', { machine_id: lathe.id });
    const spare = await play('part_create', {}, { part_number: 'P-9999' });
    await play('part_remove', { part_id: spare.id });
    const old = await play('environment_create', {}, { name: 'Plant B', valid_from: '2025-01-01' });
    await play('environment_remove', { env_id: old.id });
}
