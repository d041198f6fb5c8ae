/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one operation table: routing, authorisation, validation, API description and agent tools
 * derive from it. */
#ifndef COSTWRIGHT_OPERATION_H
#define COSTWRIGHT_OPERATION_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

#define API_VERSION "2026-04-24" /* of the surface */

struct request;
struct shape;

enum scope {
    SCOPE_NONE = 0, /* no key needed */
    SCOPE_READ = 1,
    SCOPE_LABEL = 2,
    SCOPE_WRITE = 4,
    SCOPE_ADMIN = 8,
};

enum operation_flag {
    OP_HEAVY = 1,             /* nginx sends it to the heavy pool */
    OP_DOCUMENTED = 2,        /* part of the documented surface */
    OP_LIST = 4,              /* bare array: X-Total-Count */
    OP_ANNOTATOR = 8,         /* annotator sessions may call it too */
    OP_RESOURCE = 16,         /* GET of a single resource: carries an ETag */
    OP_SECRET = 32,           /* the answer holds a secret: sealed when stored for replay */
    OP_READ_ONLY = 64,        /* POST that changes nothing */
    OP_DESTRUCTIVE = 128,     /* agent hint */
    OP_ADMIN_ALSO = 256,      /* platform:admin may call it without the tenant scope */
    OP_OWN_TRANSACTION = 512, /* the handler computes between transactions and commits by itself
                                 (request_transact): long fits hold no locks */
    OP_RAW = 1024,            /* the handler reads the body's bytes itself (request->raw) */
    OP_MAYBE_NULL = 2048,     /* the answer may be null instead */
    OP_NO_TOOL = 4096,        /* nothing an agent would call */
    OP_CSV = 8192,            /* the body's list may come as text/csv, the rest in the query */
    OP_EXPORT = 16384,        /* the answer may be asked for as JSON Lines or CSV (export.h) */
    OP_BLOCK = 32768,         /* the handler begins its transaction (db_transact_block), unless
                                 request->keyed */
    OP_LOCATED = 65536,       /* Location: where what was created is shown */
};

struct operation {
    const char *name; /* operation id, tool name: resource_verb */
    /* The path as documented: {env_id} is an id, {kind} a word, by the name's ending. With and
       without a slash at its end it is the same path. */
    const char *method, *path;
    enum scope scope; /* several: any of them */
    enum err (*handler)(struct request *request);
    const struct shape *query, *body, *answer; /* NULL: none; answer is the item's for OP_LIST */
    unsigned flags;
    int status;
    const char *summary, *description;
};

extern const struct operation operations[];
extern const size_t n_operations;

const struct operation *operation_find(const char *name, size_t len); /* NULL: there is none */
/* Does a call change anything? */
bool operation_mutates(const struct operation *operation);
/* May a key with these scopes call it? */
bool operation_allows(const struct operation *operation, unsigned scopes);
bool operation_same_path(const char *a, const char *b);
/* The GET of the same resource, whose ETag If-Match names; of a PUT to a part of one that is not
   shown by itself, the whole's. NULL: none. */
const struct operation *operation_twin(const struct operation *operation);
/* The next parameter's name (len bytes) in a path; *path moves behind it. NULL: no more. */
const char *operation_parameter(const char **path, size_t *len);
const char *operation_scope(enum scope scope); /* as keys write it; of several the first */

#endif
