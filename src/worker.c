/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop of one worker around libfcgi, which accepts badly: its handler of SIGTERM cuts answers,
   it has no time limits, and its accept loses signals. So the connection is accepted here. */
#include "worker.h"

#include "log.h"
#include "settings.h"
#include "when.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define SOCKET_SECONDS 10 /* longest silence of the web server inside one request */
#define HEARTBEAT_MS   1000
#define MEMORY_EVERY   64             /* requests between two looks at the memory, ... */
#define MEMORY_AFTER   (int64_t)10000 /* ... or after any request that took this long, in us */

struct loop {
    const struct worker *worker;
    void *context;
    FCGX_Request request;
    int epoll, signals, memory;
    int64_t left;      /* requests until the worker leaves */
    unsigned unlooked; /* requests since the last look at the memory */
    bool draining;
    bool untidy; /* a request came since the service was last told of a pause */
};

static bool loop_open(struct loop *loop)
{
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    /* a blocked signal in the epoll set is seen at once; epoll_pwait would deliver it only when
     * idle */
    loop->signals = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->memory = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    struct epoll_event listener = {.events = EPOLLIN | EPOLLEXCLUSIVE,
                                   .data.fd = loop->worker->listener};
    struct epoll_event signals = {.events = EPOLLIN, .data.fd = loop->signals};
    if (loop->signals < 0 || loop->epoll < 0 ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->worker->listener, &listener) != 0 ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->signals, &signals) != 0)
        return false;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&loop->request, -1, 0) != 0)
        return false;
    signal(SIGPIPE, SIG_IGN); /* FCGX_Init has put its own handler */
    return true;
}

/* Sleeps until there is something to do; notes a SIGTERM before any connection is looked at. */
static void loop_wait(struct loop *loop)
{
    struct epoll_event events[2];
    atomic_store(&loop->worker->slot->heartbeat, time_monotonic());
    int n = epoll_wait(loop->epoll, events, 2, loop->draining ? 0 : HEARTBEAT_MS);
    for (int i = 0; i < n; i++) {
        struct signalfd_siginfo info;
        if (events[i].data.fd == loop->signals && read(loop->signals, &info, sizeof info) > 0)
            loop->draining = true;
    }
    if (!n && loop->untidy) {
        loop->untidy = false;
        loop->worker->service->idle(loop->context);
    }
}

/* Whether requests that wait in the queue are still this worker's when it drains: not when it is
   merely being replaced, nor when the socket is systemd's and the next service will serve them. */
static bool owns_queue(const struct loop *loop)
{
    return atomic_load(&loop->worker->shared->draining) && !loop->worker->handed_on;
}

/* Accepts; -1 when there is none, or when the client left while its request was queued. */
static int loop_accept(struct loop *loop, bool *empty)
{
    int fd = accept4(loop->worker->listener, NULL, NULL, SOCK_CLOEXEC);
    *empty = fd < 0;
    if (fd < 0)
        return -1;
    struct pollfd peer = {.fd = fd, .events = POLLRDHUP};
    if (poll(&peer, 1, 0) > 0 && peer.revents & (POLLRDHUP | POLLHUP | POLLERR)) {
        close(fd);
        return -1;
    }
    struct timeval limit = {.tv_sec = SOCKET_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return fd;
}

/* Closing a unix socket with unread bytes resets it and loses the answer. */
static void drain_input(FCGX_Request *request)
{
    char rest[16384];
    while (FCGX_GetStr(rest, sizeof rest, request->in) > 0)
        ;
}

static void loop_serve(struct loop *loop, int fd)
{
    struct shared_worker *slot = loop->worker->slot;
    FCGX_Request *request = &loop->request;
    int64_t start = time_monotonic();
    atomic_store(&slot->busy_since, start);
    /* FCGX_Accept_r closes the socket it finds unless the connection is to be kept */
    request->ipcFd = fd;
    request->keepConnection = 1;
    if (FCGX_Accept_r(request) == 0) {
        request->keepConnection = 0;
        loop->worker->service->serve(loop->context, request);
        drain_input(request);
        FCGX_Detach(request); /* close without waiting for the web server to close first */
        FCGX_Finish_r(request);
    }
    int64_t end = time_monotonic();
    atomic_store(&slot->busy_since, 0);
    atomic_fetch_add(&slot->requests, 1);
    loop->left--;
    loop->untidy = true;
    loop->unlooked += end - start > MEMORY_AFTER ? MEMORY_EVERY : 1;
}

static bool too_large(struct loop *loop)
{
    if (loop->unlooked < MEMORY_EVERY)
        return false;
    loop->unlooked = 0;
    char text[128];
    ssize_t n = pread(loop->memory, text, sizeof text - 1, 0);
    if (n <= 0)
        return false;
    text[n] = '\0';
    char *resident = strchr(text, ' ');
    int64_t bytes = resident ? strtoll(resident, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
    if (bytes <= loop->worker->settings->worker_memory_mib * 1048576)
        return false;
    log_line(LOG_LEVEL_INFO, "worker leaves: %lld MiB resident", (long long)(bytes / 1048576));
    return true;
}

static void loop_run(struct loop *loop)
{
    loop->draining = atomic_load(&loop->worker->shared->draining);
    while (loop->left > 0 && !too_large(loop)) {
        loop_wait(loop);
        if (loop->draining && !owns_queue(loop))
            return;
        bool empty;
        int fd = loop_accept(loop, &empty);
        if (fd >= 0)
            loop_serve(loop, fd);
        else if (empty && loop->draining)
            return;
    }
}

int worker_run(const struct worker *worker)
{
    struct loop loop = {.worker = worker, .memory = -1};
    /* spread, or workers that started together would all leave together */
    int64_t most = worker->settings->worker_requests;
    loop.left = most - (worker->slot - worker->shared->workers) % 8 * (most / 64);
    enum err err = worker->service->start(&loop.context, worker);
    if (err) {
        log_line(LOG_LEVEL_ERROR, "worker cannot start: %s", err_code(err));
        return err == ERR_VALIDATION_ERROR ? WORKER_EXIT_CONFIG : EXIT_FAILURE;
    }
    if (!loop_open(&loop)) {
        log_line(LOG_LEVEL_ERROR, "worker cannot start: %s", strerror(errno));
        return EXIT_FAILURE;
    }
    loop_run(&loop);
    FCGX_Free(&loop.request, 0);
    worker->service->stop(loop.context);
    return EXIT_SUCCESS;
}
