/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl org and user. */
#include "arena.h"
#include "ctl.h"
#include "label_shapes.h"
#include "store_db.h"
#include "store_org.h"

#include <stdbool.h>
#include <stdio.h>

struct creating {
    struct db *db;
    struct store_org org;
    struct store_user user;
};

static int print_id(const struct uuid *id)
{
    char text[UUID_TEXT];
    uuid_text(id, text);
    puts(text);
    return CTL_OK;
}

static enum err insert_org(void *context)
{
    struct creating *creating = context;
    return store_org_insert(creating->db, &creating->org);
}

static int org_create(struct ctl *ctl)
{
    if (!ctl_name_ok("the name", ctl->argument))
        return CTL_FAILED;
    struct creating creating = {.db = ctl->db, .org = {.name = ctl->argument}};
    bool unknown;
    enum err err = db_transact(ctl->db, insert_org, &creating, &unknown);
    if (err == ERR_DUPLICATE)
        return ctl_fail("there is an organisation \"%s\" already", ctl->argument);
    return err ? ctl_fail_database(ctl, err) : print_id(&creating.org.id);
}

const struct ctl_command ctl_org_create = {
    .name = "org create",
    .argument = "NAME",
    .summary = "Create an organisation with its baseline environment; prints its id.",
    .help =
        "The environment \"Baseline\" is in EUR and valid from 2000-01-01, so that work orders\n"
        "of past years can be priced. It cannot be deleted.",
    .need = CTL_DATABASE,
    .run = org_create,
};

static int org_list(struct ctl *ctl)
{
    struct store_org *orgs;
    size_t n;
    enum err err = store_org_list(ctl->db, ctl->arena, &orgs, &n);
    if (err)
        return ctl_fail_database(ctl, err);
    puts("ID\tCREATED\tNAME");
    for (size_t i = 0; i < n; i++) {
        char id[UUID_TEXT];
        uuid_text(&orgs[i].id, id);
        printf("%s\t%s\t%s\n", id, ctl_time(ctl, orgs[i].created_at), orgs[i].name);
    }
    return CTL_OK;
}

const struct ctl_command ctl_org_list = {
    .name = "org list",
    .summary = "List the organisations.",
    .need = CTL_DATABASE,
    .run = org_list,
};

static enum err insert_user(void *context)
{
    struct creating *creating = context;
    return store_user_insert(creating->db, &creating->user);
}

static int user_create(struct ctl *ctl)
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
    struct creating creating = {.db = ctl->db,
                                .user = {.org = org.id, .email = email, .name = name}};
    bool unknown;
    enum err err = db_transact(ctl->db, insert_user, &creating, &unknown);
    if (err == ERR_DUPLICATE)
        return ctl_fail("\"%s\" has a user %s already", org.name, email);
    return err ? ctl_fail_database(ctl, err) : print_id(&creating.user.id);
}

const struct ctl_command ctl_user_create = {
    .name = "user create",
    .summary = "Create a user of an organisation; prints its id.",
    .need = CTL_DATABASE,
    .run = user_create,
    .options = {CTL_OPTION_ORG,
                {"email", "E-MAIL", "Kept in lower case; unique in the organisation.", CTL_MUST},
                {"name", "NAME", "Shown to people.", CTL_MAY}},
};

static int user_list(struct ctl *ctl)
{
    struct store_org org;
    struct store_user *users;
    size_t n;
    int status;
    if (!ctl_org(ctl, ctl->options[0], &org, &status))
        return status;
    enum err err = store_user_list(ctl->db, org.id, ctl->arena, &users, &n);
    if (err)
        return ctl_fail_database(ctl, err);
    puts("ID\tCREATED\tE-MAIL\tNAME");
    for (size_t i = 0; i < n; i++) {
        char id[UUID_TEXT];
        uuid_text(&users[i].id, id);
        printf("%s\t%s\t%s\t%s\n", id, ctl_time(ctl, users[i].created_at), users[i].email,
               users[i].name ? users[i].name : "-");
    }
    return CTL_OK;
}

const struct ctl_command ctl_user_list = {
    .name = "user list",
    .summary = "List the users of an organisation.",
    .need = CTL_DATABASE,
    .run = user_list,
    .options = {CTL_OPTION_ORG},
};
