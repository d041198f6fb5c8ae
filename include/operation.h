/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one operation table: routing, authorisation, validation, API description and agent tools
 * derive from it. */
#ifndef COSTWRIGHT_OPERATION_H
#define COSTWRIGHT_OPERATION_H

#include "err.h"

#include <stddef.h>

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
    OP_HEAVY = 1,              /* nginx sends it to the heavy pool */
    OP_DOCUMENTED = 2,         /* part of the documented surface */
    OP_BODY_OPTIONAL = 4,      /* an empty body reads as {} */
    OP_LIST = 8,               /* bare array: X-Total-Count */
    OP_ANNOTATOR = 16,         /* annotator sessions may call it too */
    OP_RESOURCE = 32,          /* GET of a single resource: carries an ETag */
    OP_SECRET = 64,            /* the answer holds a secret: sealed when stored for replay */
    OP_READ_ONLY = 128,        /* POST that changes nothing */
    OP_DESTRUCTIVE = 256,      /* agent hint */
    OP_ADMIN_ALSO = 512,       /* platform:admin may call it without the tenant scope */
    OP_OWN_TRANSACTION = 1024, /* the handler computes between transactions and commits by itself
                                  (request_commit): long fits hold no locks */
};

struct operation {
    const char *name; /* operation id, tool name: resource_verb */
    const char *method, *path;
    enum scope scope;
    enum err (*handler)(struct request *request);
    const struct shape *query, *body, *answer; /* NULL: none; answer is the item's for OP_LIST */
    unsigned flags;
    int status;
    const char *summary, *description;
};

extern const struct operation operations[];
extern const size_t n_operations;

#endif
