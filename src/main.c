/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightd: the API as a service. */
#include "daemon.h"
#include "http.h"
#include "worker.h"

#include <malloc.h>

/* Blocks from here on are mapped and unmapped one by one. Set, it stays: else glibc raises it after
   the first large request, and the memory of a fit would never go back. Smaller ones stay with the
   process, so that the next request need not ask the kernel for them again, until there is a pause.
 */
#define MAPPED_BLOCK (1024 * 1024)
#define KEPT_FREE    (4 * 1024 * 1024)

static enum err start(void **context, const struct worker *worker)
{
    mallopt(M_MMAP_THRESHOLD, MAPPED_BLOCK);
    mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
    struct http *http;
    enum err err = http_new(&http, worker->settings, worker->shared, worker->slot);
    if (!err)
        *context = http;
    return err;
}

static void serve(void *context, struct FCGX_Request *request)
{
    http_serve(context, request);
}

static void idle(void *context)
{
    http_idle(context);
}

static void stop(void *context)
{
    http_free(context);
}

int main(int argc, char **argv)
{
    static const struct worker_service service = {
        .start = start, .serve = serve, .idle = idle, .stop = stop};
    http_prepare();
    return daemon_main(argc, argv, &service);
}
