// SPDX-License-Identifier: GPL-3.0-or-later
// What it means that there is no task, and when to look again.

const words = {
    drained: {
        title: 'All done, thank you',
        text: 'You have answered every task of this campaign that is meant for you. More may be added later.',
        again: 'Look again',
    },
    all_claimed: {
        title: 'Nothing free at the moment',
        text: 'The tasks that are left are in the hands of other annotators. One comes back when somebody lets it go, '
            + 'at the latest after ten minutes. This page looks again by itself.',
        again: 'Look now',
        waits: true,
    },
    blocked: {
        title: 'No more tasks for you here',
        text: 'Your answers differed too often from what is known to be right, so this campaign asks you no longer. '
            + 'The people who run it see why. Write to them if you think that this is a mistake.',
        again: 'Look again',
    },
    closed: {
        title: 'The campaign is closed',
        text: 'It takes no more answers. Thank you for those you gave.',
    },
};

export const explain = (state) => words[state] ?? words.drained;

// Seconds until the n-th look (from 0) by itself: 5, 10, 20, 40, then every minute, spread so that many pages do not
// ask at once.
export function pauseBefore(n) {
    return Math.round(Math.min(60, 5 * 2 ** n) * (0.9 + Math.random() / 5));
}
