/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The echo worker: the whole process machinery around the least possible answer. Benchmarks compare
   with it, process tests steer it by the query string: sleep=MS waits, size=BYTES sets the answer's
   length, grow=MIB keeps so much memory, crash=1 dies, spin=1 never ends, pid=1 answers its pid. */
#include "daemon.h"
#include "worker.h"

#include <fcgiapp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum err start(void **context, const struct worker *worker)
{
    (void)worker;
    *context = NULL;
    const char *flag = getenv("ECHO_DIE"); /* a file that, where it exists, lets every start fail */
    return flag && access(flag, F_OK) == 0 ? ERR_INTERNAL : ERR_OK;
}

static long parameter(const char *query, const char *name)
{
    const char *at = query ? strstr(query, name) : NULL;
    return at ? strtol(at + strlen(name), NULL, 10) : 0;
}

static void serve(void *context, struct FCGX_Request *request)
{
    (void)context;
    const char *query = FCGX_GetParam("QUERY_STRING", request->envp);
    char body[16384];
    long received = 0;
    for (int n; (n = FCGX_GetStr(body, sizeof body, request->in)) > 0;)
        received += n;
    long ms = parameter(query, "sleep="), size = parameter(query, "size=");
    if (parameter(query, "crash="))
        abort();
    for (volatile int forever = parameter(query, "spin=") != 0; forever;)
        ;
    static char *kept; /* for ever, as a leak would */
    long grow = parameter(query, "grow=");
    if (grow > 0 && (kept = realloc(kept, (size_t)grow << 20)) != NULL)
        memset(kept, 1, (size_t)grow << 20);
    if (ms > 0)
        nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
    FCGX_PutS("Status: 200 OK\r\nContent-Type: application/json\r\n\r\n", request->out);
    if (parameter(query, "pid=")) {
        FCGX_FPrintF(request->out, "{\"pid\":%d,\"received\":%ld}\n", (int)getpid(), received);
        return;
    }
    memset(body, 'x', sizeof body);
    for (long left = size > 0 ? size : 430; left > 0; left -= (long)sizeof body)
        FCGX_PutStr(body, left < (long)sizeof body ? (int)left : (int)sizeof body, request->out);
}

static void idle(void *context)
{
    (void)context;
}

static void stop(void *context)
{
    (void)context;
}

int main(int argc, char **argv)
{
    static const struct worker_service service = {
        .start = start, .serve = serve, .idle = idle, .stop = stop};
    return daemon_main(argc, argv, &service);
}
