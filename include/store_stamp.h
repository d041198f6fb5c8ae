/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stamps of what environments price with. Whoever changes an environment, its memberships, a
   machine that is a member, its rates, or which runs are active gives it another stamp in the same
   transaction; no environment gets a stamp twice, but those that a machine is in get one of it. So
   what was read in one snapshot with a stamp is what is stored for as long as the stamp is. Read
   with a quote's other rows: store_basis_get. */
#ifndef COSTWRIGHT_STORE_STAMP_H
#define COSTWRIGHT_STORE_STAMP_H

#include "err.h"
#include "uuid.h"

struct db;

enum err store_stamp_environment(struct db *db, struct uuid org, struct uuid environment);
/* Every environment that the machine is a member of. */
enum err store_stamp_machine(struct db *db, struct uuid org, struct uuid machine);

#endif
