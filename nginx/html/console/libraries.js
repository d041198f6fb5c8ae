// SPDX-License-Identifier: GPL-3.0-or-later
// What index.html has loaded from /vendor before any module runs: Chart.js draws, Papa Parse reads and writes CSV.
export const { Chart, Papa } = globalThis;
