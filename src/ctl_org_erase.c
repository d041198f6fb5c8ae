/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl org erase. */
#include "ctl.h"
#include "settings.h"
#include "shared.h"
#include "store_db.h"
#include "store_org.h"
#include "store_run.h"
#include "store_tenant.h"

#include <stdio.h>
#include <string.h>

#define BATCH 1000
#define TURNS 10 /* while requests in flight still write; then somebody has a key */

/* Who may call comes first, so that nothing new is written behind our back. */
static bool is_entrance(const struct tenant_table *table)
{
    return !strcmp(table->name, "api_key") || !strcmp(table->name, "annotator_session");
}

static enum err erase_table(struct ctl *ctl, const struct tenant_table *table, struct uuid org,
                            int64_t *total)
{
    int64_t gone;
    enum err err;
    do {
        err = store_tenant_delete(ctl->db, table, org, BATCH, &gone);
        *total += err ? 0 : gone;
    } while (!err && gone == BATCH);
    return err;
}

/* One turn over all tables but org, which is the last. */
static enum err erase_rows(struct ctl *ctl, const struct tenant_table *tables, size_t n,
                           struct uuid org, int64_t *gone)
{
    enum err err = ERR_OK;
    *gone = 0;
    for (int entrance = 1; entrance >= 0; entrance--)
        for (size_t i = 0; !err && i + 1 < n; i++)
            if (is_entrance(&tables[i]) == entrance)
                err = erase_table(ctl, &tables[i], org, gone);
    return err;
}

static int erase(struct ctl *ctl, struct uuid org)
{
    struct tenant_table *tables;
    size_t n;
    int64_t total = 0, gone = 1;
    enum err err = store_tenant_tables(ctl->db, ctl->arena, &tables, &n);
    for (int turn = 0; !err && gone && turn < TURNS; turn++) {
        err = erase_rows(ctl, tables, n, org, &gone);
        if (!turn)
            shared_epoch_raise(ctl->settings->state_dir);
        total += gone;
    }
    /* a row that came meanwhile holds it by its foreign key, or the turns have not come to an end
     */
    if (!err && !gone)
        err = erase_table(ctl, &tables[n - 1], org, &total);
    if (err == ERR_CONFLICT || (!err && gone))
        return ctl_fail("rows are still being written; repeat the command");
    if (err)
        return ctl_fail_database(ctl, err);
    printf("%lld rows of %zu tables are gone\n", (long long)total, n);
    return CTL_OK;
}

static int run(struct ctl *ctl)
{
    struct store_org org;
    int status;
    if (!ctl_org(ctl, ctl->argument, &org, &status))
        return status;
    if (uuid_equal(&org.id, &store_platform_org))
        return ctl_fail("the platform's own rows cannot be erased");
    if (!ctl->options[0])
        return ctl_fail("all rows of \"%s\" would be gone for ever; say --yes", org.name);
    return erase(ctl, org.id);
}

const struct ctl_command ctl_org_erase = {
    .name = "org erase",
    .argument = "ORG",
    .summary = "Erase an organisation: all its rows of every table.",
    .help = "ORG is the id or the exact name. Its keys and sessions go first, the organisation\n"
            "itself last, in transactions of 1000 rows: it may run beside the service, and a run\n"
            "that was cut off is repeated. Backups made before still hold the rows; export first\n"
            "with org export.",
    .need = CTL_DATABASE,
    .run = run,
    .options = {{"yes", NULL, "Do it.", CTL_MAY}},
};
