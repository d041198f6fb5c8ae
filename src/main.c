/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightd: the API as a service. */
#include "daemon.h"
#include "http.h"
#include "worker.h"

static enum err start(void **context, const struct settings *settings, struct shared *shared)
{
    struct http *http;
    enum err err = http_new(&http, settings, shared);
    if (!err)
        *context = http;
    return err;
}

static void serve(void *context, struct FCGX_Request *request)
{
    http_serve(context, request);
}

static void stop(void *context)
{
    http_free(context);
}

int main(int argc, char **argv)
{
    static const struct worker_service service = {.start = start, .serve = serve, .stop = stop};
    return daemon_main(argc, argv, &service);
}
