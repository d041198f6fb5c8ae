/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl key: API keys are made, listed, rotated and revoked here and nowhere else. */
#include "apikey.h"
#include "arena.h"
#include "ctl.h"
#include "operation.h"
#include "settings.h"
#include "shared.h"
#include "store_db.h"
#include "store_key.h"
#include "store_org.h"
#include "when.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND    INT64_C(1000000)
#define DAY       (86400 * SECOND)
#define MOST_DAYS 36500

/* A key being made, and for rotation the one it follows. */
struct making {
    struct ctl *ctl;
    struct pepper pepper;
    char text[APIKEY_TEXT];
    struct store_key key, old;
    bool rotate;
    int64_t old_ends; /* TIME_NONE: revoked at once */
};

static const char *scopes_text(struct ctl *ctl, const char *separator, unsigned bits)
{
    const char *text = "";
    for (unsigned bit = SCOPE_READ; bit <= SCOPE_ADMIN; bit <<= 1)
        if (bits & bit)
            text = arena_printf(ctl->arena, "%s%s%s", text, *text ? separator : "",
                                operation_scope(bit));
    return text;
}

static bool parse_scopes(struct ctl *ctl, const char *text, unsigned *bits)
{
    *bits = 0;
    for (const char *p = text;; p++) {
        size_t len = strcspn(p, ",");
        unsigned bit = SCOPE_READ;
        while (bit <= SCOPE_ADMIN &&
               (strlen(operation_scope(bit)) != len || strncmp(operation_scope(bit), p, len) != 0))
            bit <<= 1;
        if (bit > SCOPE_ADMIN) {
            ctl_fail("there is no scope \"%.*s\": known are %s", (int)len, p,
                     scopes_text(ctl, ", ", ~0u));
            return false;
        }
        *bits |= bit;
        p += len;
        if (!*p)
            return true;
    }
}

/* "30d" or "12h" in microseconds; -1 where it is neither. */
static int64_t parse_duration(const char *text)
{
    char *end;
    if (*text < '0' || *text > '9')
        return -1;
    long n = strtol(text, &end, 10);
    if (n > MOST_DAYS || strlen(end) != 1)
        return -1;
    return *end == 'd' ? n * DAY : *end == 'h' ? n * 3600 * SECOND : -1;
}

/* Of the calendar: what the database can hold. */
static int64_t last_moment(void)
{
    return date_from_ymd(10000, 1, 1) * DAY - 1;
}

/* A duration from now, the last day, or a moment; it must lie ahead. */
static bool parse_end(const char *text, int64_t *when)
{
    int64_t duration = parse_duration(text), now = time_now();
    int32_t date;
    if (duration >= 0) {
        *when = now + duration;
    } else if (date_parse(&date, text, strlen(text))) {
        *when = ((int64_t)date + 1) * DAY - 1;
    } else if (!time_parse(when, text, strlen(text))) {
        ctl_fail("--expires %s: give a last day (2027-12-31), a moment (2027-12-31T18:00:00Z) or a"
                 " duration (30d, 12h)",
                 text);
        return false;
    }
    if (*when <= now)
        ctl_fail("--expires %s lies in the past", text);
    return *when > now;
}

static void raise_epoch(struct ctl *ctl, bool warn)
{
    if (!shared_epoch_raise(ctl->settings->state_dir) && warn)
        fprintf(stderr,
                "costwrightctl: warning: %s/epoch cannot be written; workers of this host"
                " may accept the key for another 2 seconds\n",
                ctl->settings->state_dir);
}

static int load_pepper(struct making *making)
{
    if (!pepper_load(making->ctl->settings, &making->pepper))
        return CTL_OK;
    ctl_fail("the pepper cannot be read; see costwrightctl check-config");
    return CTL_CONFIG;
}

static enum err insert_key(void *context)
{
    struct making *making = context;
    struct db *db = making->ctl->db;
    apikey_make(making->ctl->settings->key_kind, making->text);
    apikey_prefix(making->text, making->key.prefix);
    apikey_digest(&making->pepper, making->text, making->key.digest);
    enum err err = store_key_insert(db, &making->key);
    if (err || !making->rotate)
        return err;
    const struct store_key *old = &making->old;
    if (making->old_ends == TIME_NONE)
        return store_key_revoke(db, old->org, old->id, time_now());
    return store_key_expire(db, old->org, old->id, making->old_ends);
}

/* The key alone on stdout, what is known about it on stderr. */
static int make_key(struct making *making)
{
    struct ctl *ctl = making->ctl;
    int status = load_pepper(making);
    if (status)
        return status;
    bool unknown;
    enum err err;
    int tries = 3; /* a prefix that is taken is as likely as one in 2e14, but possible */
    do
        err = db_transact(ctl->db, insert_key, making, &unknown);
    while (err == ERR_DUPLICATE && --tries);
    pepper_clear(&making->pepper);
    if (err) {
        status = ctl_fail_database(ctl, err);
    } else {
        char id[UUID_TEXT];
        uuid_text(&making->key.id, id);
        raise_epoch(ctl, making->rotate);
        puts(making->text);
        if (fflush(stdout))
            status = ctl_fail("the key could not be shown: revoke %s and make another",
                              making->key.prefix);
        else
            fprintf(stderr, "key %s (id %s): scopes %s, expires %s; it is shown only this once\n",
                    making->key.prefix, id, scopes_text(ctl, ",", making->key.scopes),
                    ctl_time(ctl, making->key.expires_at));
    }
    sodium_memzero(making->text, sizeof making->text);
    return status;
}

static int key_create(struct ctl *ctl)
{
    struct making making = {.ctl = ctl, .key = {.name = ctl->options[2], .expires_at = TIME_NONE}};
    struct store_org org;
    struct store_user user;
    int status;
    if (!ctl_name_ok("the name", ctl->options[2]) ||
        !parse_scopes(ctl, ctl->options[3], &making.key.scopes) ||
        (ctl->options[4] && !parse_end(ctl->options[4], &making.key.expires_at)))
        return CTL_FAILED;
    if (!ctl_org(ctl, ctl->options[0], &org, &status))
        return status;
    enum err err = store_user_find(ctl->db, org.id, ctl->options[1], &user, ctl->arena);
    if (err == ERR_NOT_FOUND)
        return ctl_fail("\"%s\" has no user with the id or e-mail address \"%s\"", org.name,
                        ctl->options[1]);
    if (err)
        return ctl_fail_database(ctl, err);
    making.key.org = org.id;
    making.key.user = user.id;
    return make_key(&making);
}

const struct ctl_command ctl_key_create = {
    .name = "key create",
    .summary = "Create an API key; prints it, this once.",
    .help = "Scopes: parts:read, parts:label (take and submit labeling tasks), parts:write (all\n"
            "changes; implies the former two), platform:admin (calibration of the platform: for\n"
            "the operator of this installation).\n"
            "Only the key goes to standard output; what is stored is a keyed hash of it.",
    .need = CTL_DATABASE,
    .run = key_create,
    .options = {CTL_OPTION_ORG,
                {"user", "USER", "User of the organisation: id or e-mail address.", CTL_MUST},
                {"name", "NAME", "What the key is for.", CTL_MUST},
                {"scopes", "A,B", "Scopes, comma-separated.", CTL_MUST},
                {"expires", "WHEN", "Last day, moment, or duration as 30d or 12h; default: never.",
                 CTL_MAY}},
};

static int key_list(struct ctl *ctl)
{
    struct store_org org;
    struct store_key *keys;
    size_t n;
    int status;
    if (!ctl_org(ctl, ctl->options[0], &org, &status))
        return status;
    enum err err = store_key_list(ctl->db, org.id, ctl->arena, &keys, &n);
    if (err)
        return ctl_fail_database(ctl, err);
    puts("PREFIX\tID\tUSER\tSCOPES\tCREATED\tEXPIRES\tLAST USED\tREVOKED\tNAME");
    for (size_t i = 0; i < n; i++) {
        char id[UUID_TEXT], user[UUID_TEXT];
        uuid_text(&keys[i].id, id);
        uuid_text(&keys[i].user, user);
        printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", keys[i].prefix, id, user,
               scopes_text(ctl, ",", keys[i].scopes), ctl_time(ctl, keys[i].created_at),
               ctl_time(ctl, keys[i].expires_at), ctl_time(ctl, keys[i].last_used_at),
               ctl_time(ctl, keys[i].revoked_at), keys[i].name);
    }
    return CTL_OK;
}

const struct ctl_command ctl_key_list = {
    .name = "key list",
    .summary = "List the API keys of an organisation.",
    .need = CTL_DATABASE,
    .run = key_list,
    .options = {CTL_OPTION_ORG},
};

/* The key that the argument names by id or prefix. */
static bool find_key(struct ctl *ctl, struct store_key *key, int *status)
{
    struct store_org org;
    char prefix[APIKEY_PREFIX + 1];
    if (apikey_prefix(ctl->argument, prefix)) {
        *status = ctl_fail("that is a whole key, which does not belong on a command line: give its"
                           " prefix %s",
                           prefix);
        return false;
    }
    if (!ctl_org(ctl, ctl->options[0], &org, status))
        return false;
    /* nginx's log shows the prefix with its kind: ak_live_PREFIX */
    const char *kind = strncmp(ctl->argument, "ak_", 3) ? NULL : strrchr(ctl->argument, '_');
    enum err err = store_key_get(ctl->db, org.id, kind ? kind + 1 : ctl->argument, key, ctl->arena);
    if (err == ERR_NOT_FOUND)
        *status =
            ctl_fail("\"%s\" has no key with the id or prefix \"%s\"", org.name, ctl->argument);
    else if (err)
        *status = ctl_fail_database(ctl, err);
    return !err;
}

static enum err revoke_key(void *context)
{
    struct making *making = context;
    return store_key_revoke(making->ctl->db, making->old.org, making->old.id, time_now());
}

static int key_revoke(struct ctl *ctl)
{
    struct making making = {.ctl = ctl};
    int status;
    if (!find_key(ctl, &making.old, &status))
        return status;
    if (making.old.revoked_at != TIME_NONE) {
        fprintf(stderr, "key %s was revoked at %s already\n", making.old.prefix,
                ctl_time(ctl, making.old.revoked_at));
        raise_epoch(ctl, true);
        return CTL_OK;
    }
    bool unknown;
    enum err err = db_transact(ctl->db, revoke_key, &making, &unknown);
    if (err)
        return ctl_fail_database(ctl, err);
    raise_epoch(ctl, true);
    fprintf(stderr, "key %s is revoked\n", making.old.prefix);
    return CTL_OK;
}

const struct ctl_command ctl_key_revoke = {
    .name = "key revoke",
    .argument = "KEY",
    .summary = "Revoke an API key, given by its id or public prefix.",
    .help = "The next request on this host is refused; on other hosts one within 2 seconds.",
    .need = CTL_DATABASE,
    .run = key_revoke,
    .options = {CTL_OPTION_ORG},
};

/* --expires, else as long a life as the old key had. */
static bool successor_end(struct ctl *ctl, const struct store_key *old, int64_t *when)
{
    if (ctl->options[1])
        return parse_end(ctl->options[1], when);
    *when = old->expires_at;
    if (old->expires_at != TIME_NONE)
        *when = time_now() + (old->expires_at - old->created_at);
    if (*when > last_moment())
        *when = last_moment();
    return true;
}

static int key_rotate(struct ctl *ctl)
{
    struct making making = {.ctl = ctl, .rotate = true};
    const char *overlap = ctl->options[2] ? ctl->options[2] : "24h";
    int64_t duration = parse_duration(overlap);
    int status;
    if (duration < 0)
        return ctl_fail("--overlap %s: give a duration as 24h, 7d or 0h", overlap);
    if (!find_key(ctl, &making.old, &status))
        return status;
    const struct store_key *old = &making.old;
    int64_t now = time_now();
    if (old->revoked_at != TIME_NONE || (old->expires_at != TIME_NONE && old->expires_at <= now))
        return ctl_fail("key %s is revoked or expired: create a new one", old->prefix);
    making.key = (struct store_key){
        .org = old->org, .user = old->user, .name = old->name, .scopes = old->scopes};
    if (!successor_end(ctl, old, &making.key.expires_at))
        return CTL_FAILED;
    making.old_ends = duration ? now + duration : TIME_NONE;
    if (old->expires_at != TIME_NONE && making.old_ends > old->expires_at)
        making.old_ends = old->expires_at; /* an overlap is no longer life */
    status = make_key(&making);
    if (!status)
        fprintf(stderr, "key %s ends %s\n", old->prefix,
                duration ? ctl_time(ctl, making.old_ends) : "now");
    return status;
}

const struct ctl_command ctl_key_rotate = {
    .name = "key rotate",
    .argument = "KEY",
    .summary = "Create a key with the user, name and scopes of KEY, and let KEY end.",
    .need = CTL_DATABASE,
    .run = key_rotate,
    .options = {CTL_OPTION_ORG,
                {"expires", "WHEN", "As in key create; default: as long a life as KEY had.",
                 CTL_MAY},
                {"overlap", "TIME", "How long KEY still works; default 24h; 0h: not at all.",
                 CTL_MAY}},
};
