// SPDX-License-Identifier: GPL-3.0-or-later
// One task on the page: the question, what it is about, the predicted value.
import { draw } from './drawing.js';
import { blank, kindOf, kindWords, write } from './value.js';

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

function fact(term, text) {
    const row = document.createElement('div');
    const dt = document.createElement('dt');
    const dd = document.createElement('dd');
    const code = document.createElement('code');
    dt.textContent = term;
    code.textContent = text;
    dd.append(code);
    row.append(dt, dd);
    return row;
}

export function show(task) {
    const target = targets[task.target_kind] ?? task.target_kind;
    const subject = task.field_name ?? target.toLowerCase();
    const names = [target, task.detail_kind, task.field_name].filter(Boolean);
    const fresh = (name, i) => !names.slice(0, i).some((earlier) => earlier.toLowerCase() === name.toLowerCase());
    part('kind').textContent = names.filter(fresh).join(' · ');
    part('prompt').textContent = task.prompt || `Is this ${subject} right?`;
    const facts = [];
    if (task.field_path) facts.push(fact('Path', task.field_path));
    for (const [name, term] of Object.entries(ids)) {
        if (task[name]) facts.push(fact(term, task[name]));
    }
    part('facts').replaceChildren(...facts);
    const kind = kindOf(task.predicted_value);
    const value = document.createElement(kind === 'list' || kind === 'object' ? 'pre' : 'p');
    value.className = `value ${blank(task.predicted_value) ? 'none' : kind}`;
    value.textContent = write(task.predicted_value);
    part('predicted').replaceChildren(value);
    part('predicted-title').textContent = kind === 'none' ? 'Predicted value' : `Predicted value (${kindWords[kind]})`;
    draw(part('drawing'), task);
}
