/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers that are lists in the form the caller accepts: a JSON page, JSON Lines, CSV. */
#ifndef COSTWRIGHT_EXPORT_H
#define COSTWRIGHT_EXPORT_H

#include "request.h"

enum export_form { EXPORT_PAGE, EXPORT_LINES, EXPORT_CSV };

struct export
{
    struct request *request;
    const struct shape *shape; /* of an item */
    enum export_form form;
};

/* By the Accept header: application/x-ndjson, application/jsonl or text/csv, whichever is named
   with the greatest weight, and none of them where application/json has a greater one; else a page.
 */
enum export_form export_form(const struct request *request);

/* Sets the content type; CSV starts with its line of names (RFC 4180). */
void export_begin(struct export *export, struct request *request, const struct shape *shape);
/* Lines go to the caller as they come; ERR_UNAVAILABLE: it is gone. */
enum err export_item(struct export *export, const void *item);
/* count: of all pages; only a page shows it. */
void export_end(struct export *export, int64_t count);

#endif
