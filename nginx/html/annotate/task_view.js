// SPDX-License-Identifier: GPL-3.0-or-later
// One task on the page: the question, what it is about, the predicted value.
import { draw } from './drawing.js';
import { kindOf, kindWords, write } from './value.js';

const part = (id) => document.getElementById(id);

const targets = {
    feature: 'Feature',
    face: 'Face',
    dfm_issue: 'Manufacturability issue',
    pmi: 'Product manufacturing information',
    drawing_region: 'Region of the drawing',
    material: 'Material',
    operation: 'Operation',
    machine_choice: 'Choice of machine',
    field: 'Field',
};

const ids = {
    feature_id: 'Feature',
    face_uuid: 'Face',
    pmi_id: 'PMI',
    dfm_issue_id: 'Issue',
    part_revision_id: 'Part revision',
    calculation_id: 'Calculation',
};

function fact(term, text, code) {
    const row = document.createElement('div');
    const dt = document.createElement('dt');
    const dd = document.createElement('dd');
    dt.textContent = term;
    if (code) {
        const inner = document.createElement('code');
        inner.textContent = text;
        dd.append(inner);
    } else {
        dd.textContent = text;
    }
    row.append(dt, dd);
    return row;
}

export function show(task) {
    const target = targets[task.target_kind] ?? task.target_kind;
    const subject = task.field_name ?? target.toLowerCase();
    part('kind').textContent = task.detail_kind ? `${target} · ${task.detail_kind}` : target;
    part('prompt').textContent = task.prompt || `Is this ${subject} right?`;
    const facts = [];
    if (task.field_name) facts.push(fact('Field', task.field_name));
    if (task.field_path) facts.push(fact('Path', task.field_path, true));
    for (const [name, term] of Object.entries(ids)) {
        if (task[name]) facts.push(fact(term, task[name], true));
    }
    part('facts').replaceChildren(...facts);
    const kind = kindOf(task.predicted_value);
    const value = document.createElement(kind === 'list' || kind === 'object' ? 'pre' : 'p');
    value.className = `value ${kind}`;
    value.textContent = write(task.predicted_value);
    part('predicted').replaceChildren(value);
    part('predicted-title').textContent = kind === 'none' ? 'Predicted value' : `Predicted value (${kindWords[kind]})`;
    draw(part('drawing'), task);
}
