// SPDX-License-Identifier: GPL-3.0-or-later
// Where on the drawing, where on the part: a schematic sheet with the region, a sketch of the axes with the position.
// The service keeps no pictures, so the numbers are drawn as they are: a region is two opposite corners with y
// downwards from the top of the sheet; a position is two numbers on the sheet or three on the part.

const width = 600;
const sheets = [[1, 1 / Math.SQRT2], [297, 210], [420, 297], [594, 420], [841, 594], [1189, 841]]; // fractions, A4 to A0

function shape(name, attributes, text) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
}

function picture(height, label, shapes) {
    const svg = shape('svg', { viewBox: `-8 -8 ${width + 16} ${height + 16}`, role: 'img', 'aria-label': label });
    svg.append(...shapes);
    return svg;
}

const number = (value) => String(Number(value.toFixed(3)));

// the smallest sheet that holds the largest coordinates: in fractions of the sheet, else millimetres on a landscape
// sheet, else (pixels, points) a sheet just large enough
function sheetFor(x, y) {
    if (x <= 1 && y <= 1) return { w: 1, h: 1, ratio: sheets[0][1] };
    const [w, h] = sheets.slice(1).find(([w, h]) => x <= w && y <= h) ?? [];
    if (w) return { w, h, ratio: h / w };
    const reach = Math.max(x, y * Math.SQRT2) * 1.05;
    return { w: reach, h: reach / Math.SQRT2, ratio: Math.SQRT1_2 };
}

function drawSheet(corners, point) {
    const xs = [corners?.[0], corners?.[2], point?.[0]].filter((x) => x !== undefined);
    const ys = [corners?.[1], corners?.[3], point?.[1]].filter((y) => y !== undefined);
    const sheet = sheetFor(Math.max(...xs), Math.max(...ys));
    const height = width * sheet.ratio;
    const x = (value) => (value / sheet.w) * width;
    const y = (value) => (value / sheet.h) * height;
    const shapes = [
        shape('rect', { class: 'sheet', x: 0, y: 0, width, height }),
        shape('rect', { class: 'frame', x: 12, y: 12, width: width - 24, height: height - 24 }),
        shape('path', { class: 'frame', d: `M${width - 172} ${height - 12}v-56h160` }), // title block
    ];
    const said = [];
    if (corners) {
        const left = x(Math.min(corners[0], corners[2]));
        const top = y(Math.min(corners[1], corners[3]));
        const w = x(Math.abs(corners[2] - corners[0]));
        const h = y(Math.abs(corners[3] - corners[1]));
        const [cx, cy] = [left + w / 2, top + h / 2];
        // a region too small to be seen is found by the lines that lead to it
        shapes.push(
            shape('path', { class: 'guide', d: `M0 ${cy}H${left}M${left + w} ${cy}H${width}M${cx} 0V${top}M${cx} ${top + h}V${height}` }),
            shape('rect', { class: 'region', x: left, y: top, width: w, height: h }),
        );
        if (Math.max(w, h) < 24) shapes.push(shape('circle', { class: 'ring', cx, cy, r: 24 }));
        said.push(`Region x ${number(corners[0])} to ${number(corners[2])}, y ${number(corners[1])} to ${number(corners[3])}`);
    }
    if (point) {
        shapes.push(shape('circle', { class: 'point', cx: x(point[0]), cy: y(point[1]), r: 7 }));
        said.push(`${corners ? 'position' : 'Position'} x ${number(point[0])}, y ${number(point[1])}`);
    }
    if (Math.min(...xs, ...ys) < 0) said.push('it reaches beyond the edge of the sheet');
    const caption = said.join('; ');
    return { svg: picture(height, `${caption}, on the outline of a sheet`, shapes), caption: `${caption}. Outline of the sheet only.` };
}

// Isometric: x to the lower right, y to the upper right, z up; dashed the way along the axes.
function drawAxes([px, py, pz]) {
    const reach = Math.max(Math.abs(px), Math.abs(py), Math.abs(pz)) || 1;
    const cos = Math.sqrt(3) / 2;
    const flat = (x, y, z) => [(x + y) * cos, (x - y) / 2 - z];
    const ends = [[1.25, 0, 0], [0, 1.25, 0], [0, 0, 1.25]].map((e) => e.map((v) => v * reach));
    const way = [[0, 0, 0], [px, 0, 0], [px, py, 0], [px, py, pz]].map((p) => flat(...p));
    const all = [...way, ...ends.map((e) => flat(...e))];
    const [minX, minY] = [0, 1].map((i) => Math.min(...all.map((p) => p[i])));
    const [maxX, maxY] = [0, 1].map((i) => Math.max(...all.map((p) => p[i])));
    const height = width / 2;
    const scale = Math.min((width - 60) / (maxX - minX), (height - 60) / (maxY - minY));
    const left = (width - (maxX - minX) * scale) / 2;
    const place = ([u, v]) => [(u - minX) * scale + left, (v - minY) * scale + 30];
    const line = (points) => `M${points.map((p) => place(p).map(number).join(' ')).join('L')}`;
    const [cx, cy] = place(way[3]);
    const shapes = ends.map((end) => shape('path', { class: 'axis', d: line([way[0], flat(...end)]) }));
    ends.forEach((end, i) => {
        const [u, v] = place(flat(...end));
        shapes.push(shape('text', { x: u + 6, y: v - 4 }, 'xyz'[i]));
    });
    shapes.push(shape('path', { class: 'guide', d: line(way) }), shape('circle', { class: 'point', cx, cy, r: 7 }));
    const caption = `Position x ${number(px)}, y ${number(py)}, z ${number(pz)} on the part`;
    return { svg: picture(height, caption, shapes), caption: `${caption}.` };
}

// Fills the figure; hides it when the task has neither.
export function draw(figure, { drawing_bbox: region, position }) {
    const drawn = [];
    const corners = region?.length === 4 ? region : undefined;
    const flat = position?.length === 2 ? position : undefined;
    if (corners || flat) drawn.push(drawSheet(corners, flat));
    if (position?.length === 3) drawn.push(drawAxes(position));
    if (region && !corners) drawn.push({ caption: `Region ${region.map(number).join(', ')}.` });
    if (position && !flat && position.length !== 3) drawn.push({ caption: `Position ${position.map(number).join(', ')}.` });
    figure.replaceChildren();
    for (const { svg, caption } of drawn) {
        if (svg) figure.append(svg);
        const line = document.createElement('p');
        line.textContent = caption;
        figure.append(line);
    }
    figure.hidden = drawn.length === 0;
}
