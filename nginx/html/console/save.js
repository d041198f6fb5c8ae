// SPDX-License-Identifier: GPL-3.0-or-later
// What a person takes along: tables as CSV, pictures as PNG.
import { Papa } from './libraries.js';

function save(name, blob) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// With a mark that spreadsheets know UTF-8 by. A cell that one would run as a formula is put as text.
export function saveCsv(name, head, rows) {
    const text = Papa.unparse({ fields: head, data: rows }, { escapeFormulae: true });
    save(`${name}.csv`, new Blob(['\ufeff', text, '\r\n'], { type: 'text/csv' }));
}

// canvas: a picture without a ground
export async function savePng(name, canvas) {
    const copy = document.createElement('canvas');
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const pen = copy.getContext('2d');
    pen.fillStyle = getComputedStyle(document.body).backgroundColor;
    pen.fillRect(0, 0, copy.width, copy.height);
    pen.drawImage(canvas, 0, 0);
    save(`${name}.png`, await new Promise((resolve) => copy.toBlob(resolve, 'image/png')));
}
