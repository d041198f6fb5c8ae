/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl purge. */
#include "ctl.h"
#include "store_db.h"
#include "store_purge.h"
#include "when.h"

#include <stdio.h>
#include <stdlib.h>

#define BATCH      1000
#define BATCH_MOST 100000

static int purge(struct ctl *ctl)
{
    const char *text = ctl->options[0];
    char *end = "";
    long batch = text ? strtol(text, &end, 10) : BATCH;
    if (*end || (text && !*text) || batch < 1 || batch > BATCH_MOST)
        return ctl_fail("--batch must be from 1 to %d, not \"%s\"", BATCH_MOST, text);
    int64_t now = time_now(); /* once: what expires meanwhile is the next run's */
    for (size_t i = 0; i < n_store_purges; i++) {
        int64_t total = 0, gone;
        do {
            enum err err = store_purge_batch(ctl->db, &store_purges[i], now, batch, &gone);
            if (err)
                return ctl_fail_database(ctl, err);
            total += gone;
        } while (gone == batch);
        printf("%s: %lld purged\n", store_purges[i].what, (long long)total);
    }
    return CTL_OK;
}

const struct ctl_command ctl_purge = {
    .name = "purge",
    .summary = "Take out rows that nobody can use any more.",
    .help = "Answers kept by Idempotency-Key for 24 hours, ended annotator sessions and the\n"
            "digests of expired links, of all organisations. In batches, each a transaction of\n"
            "its own: it may run beside the service, be cut off and be repeated.\n"
            "costwright-purge.timer runs it every hour.",
    .need = CTL_DATABASE,
    .run = purge,
    .options = {{"batch", "ROWS", "Most rows of one transaction; default 1000.", CTL_MAY}},
};
