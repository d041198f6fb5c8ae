/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The master: two pools of workers kept at strength, reload and drain. */
#include "master.h"

#include "buf.h"
#include "listen.h"
#include "log.h"
#include "notify.h"
#include "pools.h"
#include "when.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND  INT64_C(1000000)
#define BUSY_MS 10 /* between two looks while workers are starting or the queue drains */

struct master {
    struct settings *settings;
    const struct master_source *source;
    struct pools pools;
    struct listen listen;
    int signals;
    bool ready;             /* READY=1 was sent since the start or the last reload */
    bool served;            /* it was sent once: a bad configuration ends the service no more */
    int64_t watchdog_at;    /* last WATCHDOG=1 */
    int64_t drain_deadline; /* 0 = serving */
    int status;
};

static void log_faults(struct buf *faults)
{
    for (char *line = strtok((char *)buf_text(faults), "\n"); line; line = strtok(NULL, "\n"))
        log_line(LOG_LEVEL_ERROR, "%s", line);
}

enum err master_load(struct settings *settings, const struct master_source *source)
{
    struct buf faults = {0};
    enum err err =
        settings_load(settings, source->file, source->overrides, source->n_overrides, &faults);
    if (err)
        log_faults(&faults);
    buf_clear(&faults);
    return err;
}

static void log_start(const struct settings *settings)
{
    log_setup(!strcmp(settings->log_format, "json"), log_level_named(settings->log_level));
}

/* HUP. Faulty settings change nothing. */
static void reload(struct master *master)
{
    struct settings settings;
    notify_reloading();
    if (master_load(&settings, master->source)) {
        log_line(LOG_LEVEL_ERROR, "reload refused: the settings in use stay");
        settings_clear(&settings);
        notify_send("READY=1");
        return;
    }
    if (!master->listen.handed_on &&
        (strcmp(settings.listen_light, master->settings->listen_light) ||
         strcmp(settings.listen_heavy, master->settings->listen_heavy)))
        log_line(LOG_LEVEL_WARNING, "the sockets change only with a restart");
    settings_clear(master->settings);
    *master->settings = settings;
    log_start(master->settings);
    log_line(LOG_LEVEL_INFO, "reload: replacing the workers one by one");
    master->ready = false; /* READY=1 again once all are replaced */
    pools_replace_all(&master->pools);
}

/* TERM, INT, or a start that failed. */
static void drain(struct master *master, int64_t now)
{
    if (master->drain_deadline) {
        log_line(LOG_LEVEL_WARNING, "told to end a second time: killing the workers");
        pools_signal(&master->pools, SIGKILL);
        master->drain_deadline = now;
        return;
    }
    log_line(LOG_LEVEL_INFO, "ending: requests in progress are answered first");
    notify_send("STOPPING=1");
    master->drain_deadline = now + master->settings->drain_seconds * SECOND;
    listen_unlink(&master->listen); /* before the workers empty the queue: then it is finite */
    pools_drain(&master->pools);
}

static void take_signals(struct master *master, int64_t now)
{
    struct signalfd_siginfo info;
    while (read(master->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            drain(master, now);
        else if (info.ssi_signo == SIGHUP && !master->drain_deadline)
            reload(master);
    }
}

/* One turn while draining; whether all is over. */
static bool drained(struct master *master, int64_t now)
{
    if (now > master->drain_deadline && pools_alive(&master->pools)) {
        log_line(LOG_LEVEL_ERROR, "not drained in time: killing the workers");
        pools_signal(&master->pools, SIGKILL);
        master->drain_deadline = now + SECOND;
    }
    if (pools_alive(&master->pools))
        return false;
    return master->listen.handed_on || now > master->drain_deadline ||
           !pools_serve_queue(&master->pools, now);
}

static void keep_up(struct master *master, int64_t now)
{
    pools_keep(&master->pools, now);
    if (pools_unusable(&master->pools) && !master->served) {
        log_line(LOG_LEVEL_ERROR, "the configuration is unusable");
        master->status = WORKER_EXIT_CONFIG;
        drain(master, now);
    } else if (!master->ready && pools_ready(&master->pools)) {
        master->ready = master->served = true;
        notify_send("READY=1");
        log_line(LOG_LEVEL_INFO, "ready: %d light and %d heavy workers",
                 pools_count(&master->pools, POOL_LIGHT), pools_count(&master->pools, POOL_HEAVY));
    }
}

static void serve(struct master *master)
{
    for (;;) {
        int64_t now = time_monotonic();
        pools_reap(&master->pools, now);
        if (!master->drain_deadline)
            keep_up(master, now);
        else if (drained(master, now))
            return;
        if (notify_watchdog() && now - master->watchdog_at >= notify_watchdog()) {
            notify_send("WATCHDOG=1");
            master->watchdog_at = now;
        }
        bool busy = !master->ready || master->drain_deadline;
        struct pollfd signals = {.fd = master->signals, .events = POLLIN};
        if (poll(&signals, 1, busy ? BUSY_MS : pools_wait_ms(&master->pools, now)) > 0)
            take_signals(master, time_monotonic());
    }
}

/* Secrets stay in these processes: no core files, no tracing by others of the same user. */
static void harden(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifndef __SANITIZE_ADDRESS__ /* the leak check traces its own process */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

static int open_signals(void)
{
    sigset_t taken;
    sigemptyset(&taken);
    sigaddset(&taken, SIGTERM);
    sigaddset(&taken, SIGINT);
    sigaddset(&taken, SIGHUP);
    sigaddset(&taken, SIGCHLD);
    sigprocmask(SIG_SETMASK, &taken, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
}

int master_run(struct settings *settings, const struct master_source *source,
               const struct worker_service *service)
{
    struct master master = {.settings = settings, .source = source};
    log_start(settings);
    harden();
    notify_setup();
    const char *const path[POOL_COUNT] = {
        [POOL_LIGHT] = settings->listen_light,
        [POOL_HEAVY] = settings->listen_heavy,
    };
    master.signals = open_signals();
    if (master.signals < 0 || listen_open(&master.listen, path, settings->backlog)) {
        settings_clear(settings);
        return WORKER_EXIT_CONFIG;
    }
    pools_init(&master.pools, settings, service, &master.listen, master.signals);
    serve(&master);
    listen_unlink(&master.listen);
    listen_close(&master.listen);
    pools_clear(&master.pools);
    close(master.signals);
    settings_clear(settings);
    log_line(LOG_LEVEL_INFO, "ended");
    return master.status;
}
