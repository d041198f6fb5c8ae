// SPDX-License-Identifier: GPL-3.0-or-later
// Parts by clicks: a file of plans, its columns, what becomes of it, and each flaw in the row where it stands.
import { get, postList } from './api.js';
import { partTargets } from './columns.js';
import { csvFile, rejects } from './csv_file.js';
import { field, h, newId, replace, table } from './dom.js';
import { count, number, plural } from './format.js';
import { planSettings, readJson, readPlans } from './plans.js';
import { saveCsv } from './save.js';
import { action, alarm, eventual, note, progress, say } from './view.js';

const most = 2000; // parts of one call: the service takes 5,000, but a plan may be long and a body has 16 MiB
const shown = 8;

const example = [
    [
        'part_number',
        'name',
        'material',
        'gross weight (kg)',
        'net weight (kg)',
        'operation',
        'work centre',
        'setup (min)',
        'cycle time (s)',
        'labour category',
    ],
    ['P-1', 'Flange', 'S355', 2.4, 1.7, 10, 'cutting.saw', 10, 45, 'operator'],
    ['P-1', '', '', '', '', 20, 'milling.3axis_vmc', 30, 240, 'operator'],
    ['P-2', 'Shaft', '1.4301', 0.9, 0.6, 10, 'turning.2axis_cnc', 25, 95, 'operator'],
];

const absent = (columns) =>
    partTargets.filter((target) => target.needed && columns[target.name] === undefined).map((target) => target.text);

const operationText = (one) =>
    `${one.sequence} ${one.klass} ${number(one.setup_time_s / 60)} min + ${number(one.cycle_time_s)} s`;

const preview = ({ parts, lines }) =>
    table(
        `${parts.length > shown ? `First ${shown} parts` : 'Parts'} as they will be sent`,
        [
            { name: 'Line', number: true, of: (i) => lines[i].line },
            { name: 'Part', of: (i) => parts[i].part_number },
            { name: 'Name', of: (i) => parts[i].name ?? '–' },
            { name: 'Material', of: (i) => parts[i].process_plan.material_ref ?? '–' },
            { name: 'Bought, kg', number: true, of: (i) => number(parts[i].process_plan.gross_mass_kg) },
            { name: 'Part, kg', number: true, of: (i) => number(parts[i].process_plan.net_mass_kg) },
            {
                name: 'Operations (setup + cycle)',
                of: (i) => (parts[i].process_plan.operations ?? []).map((one) => h('div', {}, operationText(one))),
            },
        ],
        Array.from({ length: Math.min(shown, parts.length) }, (_, i) => i),
    );

// what the service says of one member of the call, with the line of the file it came from
function flawRow(flaw, parts, lines) {
    const [, list, index, ...rest] = flaw.loc ?? [];
    if (list !== 'parts' || lines[index] === undefined)
        return { line: '–', reason: flaw.message ?? flaw.msg, text: '–' };
    const at = rest.indexOf('operations');
    const line = (at >= 0 && lines[index].operations[rest[at + 1]]) || lines[index].line;
    const where = rest.filter((word) => word !== 'process_plan').join('.');
    return { line, reason: `${where}: ${flaw.message ?? flaw.msg}`, text: parts[index].part_number };
}

// a class for every work centre that is none itself
function centresForm(centres, classes, known, again) {
    const names = [...centres.keys(), ...classes.keys()].sort();
    if (!names.length) return null;
    const list = newId('classes');
    const inputs = names.map((name) =>
        h('input', { list, value: classes.get(name) ?? '', autocomplete: 'off', spellcheck: 'false' }),
    );
    return h(
        'form',
        {
            id: 'centres',
            class: 'form',
            onsubmit: (event) => {
                event.preventDefault();
                names.forEach((name, i) => classes.set(name, inputs[i].value.trim()));
                for (const [name, klass] of classes) if (!klass) classes.delete(name);
                again();
            },
        },
        h('h3', {}, 'Work centres'),
        note(
            'Plans name classes of machines, so that any machine of the class may do the work. Say what class each work centre is.',
        ),
        h(
            'datalist',
            { id: list },
            known.map((value) => h('option', { value })),
        ),
        h(
            'div',
            { class: 'fields' },
            names.map((name, i) =>
                field(name, inputs[i], centres.has(name) ? plural(centres.get(name), 'row') : undefined),
            ),
        ),
        h('p', { class: 'row' }, h('button', { type: 'submit' }, 'Use these classes')),
    );
}

function imported(sums, first) {
    return [
        h(
            'h3',
            { id: 'outcome', tabindex: -1, class: 'outcome activated' },
            `${plural(sums.created + sums.revised + sums.unchanged, 'part')} imported.`,
        ),
        h(
            'dl',
            { class: 'facts' },
            [
                ['New', sums.created],
                ['Known, with a new revision', sums.revised],
                ['Known, unchanged', sums.unchanged],
            ].map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, count(value)))),
        ),
        h(
            'p',
            { class: 'row' },
            first && h('a', { href: `#/parts/${first.part_id}` }, `Quote ${first.part_number}`),
            h('a', { href: '#/parts' }, 'All parts'),
        ),
    ];
}

function importer(known) {
    const result = h('div', { id: 'result' });
    const classes = new Map();

    async function send({ parts, lines }, name) {
        const tell = progress(result);
        const sums = { created: 0, revised: 0, unchanged: 0 };
        let first;
        for (let at = 0; at < parts.length; at += most) {
            tell('Importing', parts.length > most ? at / parts.length : undefined);
            try {
                const done = await postList('/import', 'parts', parts.slice(at, at + most));
                first ??= done.data[0];
                for (const key of Object.keys(sums)) sums[key] += done[key];
            } catch (error) {
                replace(result);
                if (error.status !== 422) throw error;
                const rest = { parts: parts.slice(at), lines: lines.slice(at) };
                replace(result, refused(error.details.errors ?? [], rest, at, name));
                return;
            }
        }
        replace(result, imported(sums, first));
        say(`${plural(parts.length, 'part')} imported.`);
        document.getElementById('outcome').focus();
    }

    // the service took none of a call; done: how many parts went before it
    function refused(flaws, { parts, lines }, done, name) {
        const rows = flaws.map((flaw) => flawRow(flaw, parts, lines));
        const bad = new Set(flaws.map((flaw) => flaw.loc?.[2]));
        const good = parts.map((_, i) => i).filter((i) => !bad.has(i));
        const others = { parts: good.map((i) => parts[i]), lines: good.map((i) => lines[i]) };
        const tried = Math.min(most, parts.length);
        return [
            alarm(
                done
                    ? `The first ${count(done)} parts are imported; of the next ${count(tried)} none, for these reasons.`
                    : 'Nothing was imported, for these reasons.',
            ),
            rejects(rows, name, plural(rows.length, 'flaw'), true),
            good.length > 0 &&
                action(`Import the other ${plural(good.length, 'part')}`, () => send(others, name), {
                    id: 'import-others',
                }),
        ];
    }

    function ready(read, name, again) {
        const { parts, rejected, centres, leftOut } = read;
        say(`${plural(parts.length, 'part')} read, ${count(leftOut)} left out.`);
        return [
            centresForm(centres, classes, known, again),
            h('h3', {}, 'What was read'),
            h(
                'p',
                { id: 'read-count' },
                h('strong', {}, plural(parts.length, 'part')),
                leftOut ? `; ${count(leftOut)} left out because of a flaw` : '; none left out',
                '.',
            ),
            rejects(rejected, name, `${plural(rejected.length, 'row')} with a flaw`),
            parts.length > 0 && preview(read),
            parts.length > 0 &&
                h(
                    'p',
                    { class: 'soft' },
                    'A part that is known gets a new revision where its plan differs; earlier quotes keep theirs.',
                ),
            parts.length > 0 &&
                h(
                    'p',
                    { class: 'row' },
                    action('Import', () => send(read, name), { id: 'import', class: 'primary' }),
                ),
        ];
    }

    return [
        h('h2', {}, 'From a file'),
        csvFile({
            id: 'parts-file',
            label: 'Parts with their process plans, as CSV or JSON',
            hint: 'CSV: one row an operation, part number in each; JSON: as POST /api/v1/parts/import takes it. Drop a file here or choose one.',
            accept: ',.json,application/json',
            targets: partTargets,
            settings: planSettings,
            absent,
            read: (parsed, columns, habit, tell) => readPlans(parsed, columns, habit, tell, classes),
            json: readJson,
            ready,
            onChange: () => replace(result),
        }),
        result,
    ];
}

export function importPage() {
    return {
        title: 'Import parts',
        body: [
            h('h1', {}, 'Import parts'),
            h(
                'p',
                {},
                'A quote needs a plan: the material, its weight, and for each operation the machine class with its planned times. ',
                h('a', { href: '/docs/guide#parts' }, 'More in the guide'),
                '.',
            ),
            h(
                'p',
                {},
                h(
                    'button',
                    { type: 'button', onclick: () => saveCsv('parts-example', example[0], example.slice(1)) },
                    'An example as CSV',
                ),
            ),
            eventual(async () => {
                const machines = await get('/machines');
                return importer([...new Set(machines.map((machine) => machine.klass))].sort());
            }),
        ],
    };
}
