/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema of the database: the numbered files of sql/, built into the program, and the runner
   that applies them. Forward only. */
#ifndef COSTWRIGHT_STORE_SCHEMA_H
#define COSTWRIGHT_STORE_SCHEMA_H

#include "buf.h"
#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;
struct settings;

/* sql/0001_tenants.sql is {1, "tenants", its text}. */
struct schema_file {
    int version;
    const char *name, *text;
};

/* Written by sql/embed.sh at build time: versions 1, 2, ... without a gap. */
extern const struct schema_file schema_files[];
extern const size_t schema_files_n;

enum schema_step { SCHEMA_BEGUN, SCHEMA_DONE, SCHEMA_RECORDED };

/* One attempt to bring the database up to date. */
struct schema_run {
    const struct schema_file *files; /* schema_files, but for tests */
    size_t n_files;
    /* Called around every statement (counted from 1); NULL: nobody watches. */
    void (*watch)(void *context, const struct schema_file *file, int statement,
                  enum schema_step step);
    void *context;
    int applied;    /* out: files that this attempt finished */
    struct buf why; /* out: what is wrong, for people; empty on success; the caller clears it */
};

/* Makes the database where there is none and applies what is missing, as db_admin_user.

   Only one runner works at a time: it holds a row lock of schema_lock in a transaction of its own,
   which ends with its connection; others wait up to a minute for it, then ERR_CONFLICT. On a
   cluster a row lock is local to its node, so every step also compares and sets schema_migration's
   runner: who was overtaken stops at its next statement.

   Resumable: statements are run one by one, and schema_migration counts those begun and those
   finished. A statement that changes rows commits together with its count. One that defines tables
   commits by itself, so when a runner died between the two, the next runs it again and takes
   "exists already" (1007, 1050, 1060, 1061) or "is gone already" (1051, 1091) for done; on any
   other occasion these are errors. So a statement must make, change or drop one thing.

   ERR_CONFLICT: an applied file's checksum differs, the database is newer than the program, another
   runner; ERR_INTERNAL: a statement failed; ERR_UNAVAILABLE. why says which. */
enum err store_schema_migrate(const struct settings *settings, struct schema_run *run);

/* Makes the database where there is none, as db_admin_user. On failure why says it. */
enum err store_schema_create(const struct settings *settings, struct buf *why);
/* Drops these tables, first those that tell the schema's version: whatever interrupts it leaves a
   database that no program takes for whole. */
enum err store_schema_empty(struct db *db, struct arena *arena, const char *const *tables,
                            size_t n);
bool store_schema_is_own(const char *table); /* one that tells the schema's version */

/* The version this program was built for. Workers start on it and on newer ones. */
int store_schema_needed(void);
/* The version up to which everything is applied; 0 for an empty database. */
enum err store_schema_version(struct db *db, int *version);

/* schema_migration as it is, by version. */
struct schema_row {
    int version, begun, finished; /* statements */
    const char *name, *checksum, *state;
    int64_t started_at, finished_at;
};
enum err store_schema_list(struct db *db, struct arena *arena, struct schema_row **rows, size_t *n);

/* BLAKE2b-256 of a file's text in hexadecimal: 64 characters and NUL. */
#define SCHEMA_CHECKSUM 65
void store_schema_checksum(const struct schema_file *file, char out[SCHEMA_CHECKSUM]);

/* The next statement of a file: moves *at behind it, returns its start and sets *len (without
   comments before it and without its semicolon); NULL at the end. Knows quotes and comments. */
const char *store_schema_statement(const char **at, size_t *len);

#endif
