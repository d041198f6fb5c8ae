/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts that MariaDB knows by their system user. */
#include "store_db.h"

#include <pwd.h>
#include <unistd.h>

bool db_account(const char *name, uid_t *user)
{
    const struct passwd *entry = geteuid() == 0 ? getpwnam(name) : NULL;
    if (!entry || entry->pw_uid == 0)
        return false;
    *user = entry->pw_uid;
    return true;
}
