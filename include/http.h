/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an accepted FastCGI request to its answer. */
#ifndef COSTWRIGHT_HTTP_H
#define COSTWRIGHT_HTTP_H

#include "err.h"
#include "shared.h"

#include <fcgiapp.h>

struct http;
struct settings;

/* Once, before the workers are forked: what all of them would set up is shared by them. */
void http_prepare(void);

/* One per worker, made after fork. Settings, shared and its slot there outlive it.
   ERR_VALIDATION_ERROR: the configuration (pepper) is unusable. */
enum err http_new(struct http **http, const struct settings *settings, struct shared *shared,
                  struct shared_worker *slot);
void http_free(struct http *http);

/* Reads the whole request (stdin until it is empty: closing a socket with unread bytes would lose
   the answer), answers, logs one line, releases all memory of the request. Never fails: every fault
   becomes an answer. The caller finishes the FastCGI request. */
void http_serve(struct http *http, FCGX_Request *fcgi);

/* Gives back what was kept for the next request: there was none for a while. */
void http_idle(struct http *http);

#endif
