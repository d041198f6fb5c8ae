// SPDX-License-Identifier: GPL-3.0-or-later
// A file of rows on its way to the service: choose or drop it, see how its columns are understood, change that, look
// at what is read. What the rows are is the caller's matter.
import { recognise } from './columns.js';
import { parse, readText } from './csv.js';
import { field, h, replace, select, table } from './dom.js';
import { plural } from './format.js';
import { saveCsv } from './save.js';
import { alarm, note, progress } from './view.js';

const showRejected = 20;

// rejected: [{line, reason, text}]; open: shown without a click
export function rejects(rejected, name, text = `${plural(rejected.length, 'row')} cannot be read`, open = false) {
    if (!rejected.length) return null;
    return h(
        'details',
        { id: open ? 'flaws' : 'rejected', open },
        h('summary', {}, text),
        table(
            `Rejected rows${rejected.length > showRejected ? ` (first ${showRejected})` : ''}`,
            [
                { name: 'Line', number: true, of: (row) => row.line },
                { name: 'Why', of: (row) => row.reason },
                { name: 'What stands there', of: (row) => row.text },
            ],
            rejected.slice(0, showRejected),
        ),
        h(
            'p',
            {},
            h(
                'button',
                {
                    type: 'button',
                    onclick: () =>
                        saveCsv(
                            `${name}-rejected`,
                            ['line', 'reason', 'row'],
                            rejected.map((row) => [row.line, row.reason, row.text]),
                        ),
                },
                'All rejected rows as CSV',
            ),
        ),
    );
}

// settings: [{name, label, choices, guess(parsed, columns)}], how the file writes things
// absent(columns): names of what no column was chosen for; read(parsed, columns, habit, tell): anything
// ready(read, name, again): nodes that show it; again(): reads once more
// json(text): reads a file that is no table; onChange(): what was shown of an earlier file is no longer true
export function csvFile({ id, label, hint, accept, targets, settings, absent, read, ready, json, onChange }) {
    const input = h('input', { type: 'file', id, accept: `.csv,.txt,.tsv,text/csv${accept ?? ''}` });
    const mapping = h('div', { id: 'mapping' });
    const reading = h('div', { id: 'reading' });
    let turn = 0; // of the file or mapping that is being read; older ones give up

    async function choose(file) {
        const mine = ++turn;
        replace(mapping);
        onChange();
        const tell = progress(reading);
        const name = file.name.replace(/\.[^.]*$/, '');
        try {
            const text = await readText(file);
            if (json && /^\s*[[{]/.test(text.slice(0, 1000))) {
                const made = json(text);
                if (mine === turn) replace(reading, ready(made, name));
                return;
            }
            const parsed = await parse(text, (share) => tell(`Reading ${file.name}`, share));
            if (mine !== turn) return;
            replace(reading);
            if (parsed.records.length) map(parsed, name);
            else
                replace(
                    mapping,
                    alarm('The file holds no rows below its first line. The first line names the columns.'),
                );
        } catch (error) {
            if (mine === turn) replace(reading, alarm(`The file cannot be read: ${error.message}`));
        }
    }

    function map(parsed, name) {
        const columns = recognise(parsed.header, targets);
        const habit = {};
        const choices = [['', '(none)'], ...parsed.header.map((text, i) => [String(i), text || `column ${i + 1}`])];
        const controls = settings.map((setting) => {
            const control = select(setting.choices, undefined, () => {
                habit[setting.name] = control.value;
                go();
            });
            control.name = setting.name;
            return control;
        });
        const guess = () =>
            settings.forEach((setting, i) => {
                controls[i].value = habit[setting.name] = setting.guess(parsed, columns);
            });
        const columnOf = (target) => {
            const chosen = select(choices, String(columns[target.name] ?? ''), () => {
                if (chosen.value === '') delete columns[target.name];
                else columns[target.name] = Number(chosen.value);
                guess();
                go();
            });
            chosen.name = target.name;
            return field(`${target.text}${target.needed ? ' *' : ''}`, chosen);
        };
        async function go() {
            const mine = ++turn;
            onChange();
            const without = absent(columns);
            if (without.length) {
                replace(reading, note(`Choose a column for: ${without.join(', ')}.`));
                return;
            }
            const tell = progress(reading);
            const made = await read(parsed, columns, habit, (share) => tell('Checking rows', share));
            if (mine === turn) replace(reading, ready(made, name, go));
        }
        replace(
            mapping,
            parsed.unclosed &&
                alarm(`The quote in line ${parsed.unclosed} is never closed: what follows it is read as one field.`),
            h('h3', {}, 'Columns'),
            h(
                'p',
                { class: 'soft' },
                `${plural(parsed.records.length, 'row')}; columns are recognised by their names. Check them.`,
            ),
            h(
                'div',
                { class: 'fields' },
                targets.map(columnOf),
                settings.map((setting, i) => field(setting.label, controls[i])),
            ),
        );
        guess();
        go();
    }

    input.addEventListener('change', () => input.files[0] && choose(input.files[0]));
    return [
        h(
            'div',
            {
                class: 'drop',
                ondragover: (event) => event.preventDefault(),
                ondrop: (event) => {
                    event.preventDefault();
                    if (event.dataTransfer.files[0]) choose(event.dataTransfer.files[0]);
                },
            },
            field(label, input, hint),
        ),
        mapping,
        reading,
    ];
}
