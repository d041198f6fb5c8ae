/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl annotator: who belongs to the platform's pool. */
#include "arena.h"
#include "ctl.h"
#include "label_shapes.h"
#include "store_db.h"
#include "store_label_assignment.h"
#include "store_org.h"
#include "when.h"

#include <stdbool.h>
#include <stdio.h>

struct flagging {
    struct db *db;
    struct uuid org;
    struct store_label_account account;
    bool off;
};

static enum err flag(void *context)
{
    struct flagging *flagging = context;
    struct store_label_account *account = &flagging->account;
    enum err err =
        store_label_account_find(flagging->db, flagging->org, account->email, false, &account->id);
    if (err == ERR_NOT_FOUND && !flagging->off) {
        account->id = uuid_v7();
        err = store_label_account_insert(flagging->db, flagging->org, account);
    }
    return err ? err
               : store_label_account_flag(flagging->db, flagging->org, account->id, !flagging->off);
}

static int annotator_flag(struct ctl *ctl)
{
    const char *email = ctl->options[1], *name = ctl->options[2];
    struct store_org org;
    int status;
    if (label_email_check(email) || !ctl_name_ok("the e-mail address", email))
        return ctl_fail("\"%s\" is not an e-mail address", email);
    if (name && !ctl_name_ok("the name", name))
        return CTL_FAILED;
    if (!ctl_org(ctl, ctl->options[0], &org, &status))
        return status;
    const char *lower = arena_lower(ctl->arena, email);
    struct flagging flagging = {
        .db = ctl->db,
        .org = org.id,
        .account = {.email = lower, .display_name = name, .created_at = time_now()},
        .off = ctl->options[3] != NULL};
    bool unknown;
    enum err err = db_transact(ctl->db, flag, &flagging, &unknown);
    if (err == ERR_NOT_FOUND)
        return ctl_fail("\"%s\" has no annotator %s", org.name, lower);
    if (err)
        return ctl_fail_database(ctl, err);
    char id[UUID_TEXT];
    uuid_text(&flagging.account.id, id);
    puts(id);
    return CTL_OK;
}

const struct ctl_command ctl_annotator_flag = {
    .name = "annotator flag",
    .summary = "Put an annotator into the platform's pool; prints the account's id.",
    .help = "Projects of every organisation that use the platform's pool may then invite the\n"
            "address and reach this account. It is made where the organisation, the operator's\n"
            "own as a rule, has none for the address.",
    .need = CTL_DATABASE,
    .run = annotator_flag,
    .options = {{"org", "ORG", "Organisation of the account: id or exact name.", CTL_MUST},
                {"email", "E-MAIL", "Kept in lower case.", CTL_MUST},
                {"name", "NAME", "Shown to people, of a new account.", CTL_MAY},
                {"off", NULL, "Take it out of the pool again.", CTL_MAY}},
};
