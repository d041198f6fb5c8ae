// SPDX-License-Identifier: GPL-3.0-or-later
// What a person takes along: tables as CSV, drawings as PNG.

const scale = 2; // pixels of the picture for one of the page
const carried = [
    'fill',
    'fill-opacity',
    'stroke',
    'stroke-width',
    'stroke-dasharray',
    'stroke-linecap',
    'font-size',
    'font-weight',
    'opacity',
];

function save(name, blob) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// A cell that a spreadsheet would run as a formula is put as text.
function cell(value) {
    if (value === null || value === undefined) return '';
    if (typeof value === 'number') return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function saveCsv(name, head, rows) {
    const text = [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n');
    save(`${name}.csv`, new Blob(['\ufeff', text, '\r\n'], { type: 'text/csv' }));
}

// The style sheet does not reach into a picture: what it says is written into a copy of the drawing.
function standalone(svg) {
    const copy = svg.cloneNode(true);
    const from = svg.querySelectorAll('*');
    copy.querySelectorAll('*').forEach((element, i) => {
        const style = getComputedStyle(from[i]);
        for (const name of carried) element.setAttribute(name, style.getPropertyValue(name));
        element.removeAttribute('class');
    });
    const { width, height } = svg.viewBox.baseVal;
    copy.setAttribute('width', width * scale);
    copy.setAttribute('height', height * scale);
    copy.setAttribute('font-family', 'sans-serif');
    return { text: new XMLSerializer().serializeToString(copy), width: width * scale, height: height * scale };
}

export async function savePng(name, svg) {
    const { text, width, height } = standalone(svg);
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext('2d');
    pen.fillStyle = getComputedStyle(document.body).backgroundColor;
    pen.fillRect(0, 0, width, height);
    pen.drawImage(image, 0, 0);
    save(`${name}.png`, await new Promise((resolve) => canvas.toBlob(resolve, 'image/png')));
}
