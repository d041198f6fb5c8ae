// SPDX-License-Identifier: GPL-3.0-or-later
// One hint beside the pointer or the focus: what a mark's data-tip says.

const tip = document.getElementById('tip');
const gap = 14; // pixels from the pointer

export function showTip(text, x, y) {
    tip.textContent = text;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = Math.max(4, Math.min(x + gap, innerWidth - box.width - 4));
    const top = y + gap + box.height > innerHeight ? y - gap - box.height : y + gap;
    tip.style.left = `${left}px`;
    tip.style.top = `${Math.max(4, top)}px`;
}

export function hideTip() {
    tip.hidden = true;
}

addEventListener('pointermove', (event) => {
    const mark = event.target.closest?.('[data-tip]');
    if (mark) showTip(mark.dataset.tip, event.clientX, event.clientY);
    else if (!event.target.closest?.('[data-tips]')) hideTip();
});
addEventListener('focusin', (event) => {
    const mark = event.target.closest?.('[data-tip]');
    if (!mark) return;
    const box = mark.getBoundingClientRect();
    showTip(mark.dataset.tip, box.x + box.width / 2, box.y + box.height / 2);
});
addEventListener('focusout', hideTip);
addEventListener('scroll', hideTip, true);
addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hideTip();
});
