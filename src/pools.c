/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worker processes: fork, watch, replace. */
#include "pools.h"

#include "listen.h"
#include "log.h"
#include "settings.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS            INT64_C(1000)
#define SECOND        INT64_C(1000000)
#define YOUNG         (5 * SECOND) /* a worker that dies younger than this counts as a failed start */
#define BACKOFF_FIRST (100 * MS)
#define BACKOFF_MOST  (25 * SECOND)
#define START_MOST    (30 * SECOND) /* from fork to the first heartbeat */
#define GRACE         (10 * SECOND) /* beyond the deadline of a request */

void pools_init(struct pools *pools, const struct settings *settings,
                const struct worker_service *service, const struct listen *listen, int signals)
{
    *pools = (struct pools){
        .settings = settings,
        .service = service,
        .listen = listen,
        .shared = shared_new(),
        .signals = signals,
        .successor = -1,
    };
}

void pools_clear(struct pools *pools)
{
    shared_free(pools->shared);
}

static int wanted(const struct pools *pools, enum pool pool)
{
    const struct settings *settings = pools->settings;
    return (int)(pool == POOL_LIGHT ? settings->workers_light : settings->workers_heavy);
}

static bool is_serving(const struct pools *pools, int i)
{
    return pools->slots[i].pid && atomic_load(&pools->shared->workers[i].heartbeat);
}

static _Noreturn void run_worker(const struct pools *pools, int i, pid_t master)
{
    const struct pool_slot *slot = &pools->slots[i];
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    /* a terminal sends INT and HUP to the whole group: those are the master's business */
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigprocmask(SIG_SETMASK, &term, NULL);
    close(pools->signals);
    for (enum pool pool = 0; pool < POOL_COUNT; pool++)
        if (pool != slot->pool)
            close(pools->listen->fd[pool]);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != master) /* gone before the line above */
        exit(EXIT_FAILURE);
    struct worker worker = {
        .service = pools->service,
        .settings = pools->settings,
        .shared = pools->shared,
        .slot = &pools->shared->workers[i],
        .listener = pools->listen->fd[slot->pool],
        .handed_on = pools->listen->handed_on,
    };
    exit(worker_run(&worker));
}

/* The slot of the new worker, or -1. */
static int start_worker(struct pools *pools, enum pool pool, int64_t now)
{
    int i = 0;
    while (i < SHARED_WORKERS && pools->slots[i].pid)
        i++;
    if (i == SHARED_WORKERS)
        return -1;
    struct shared_worker *shared = &pools->shared->workers[i];
    atomic_store(&shared->heartbeat, 0);
    atomic_store(&shared->busy_since, 0);
    atomic_store(&shared->heavy_for, 0);
    atomic_store(&shared->pool, (int)pool);
    atomic_store(&shared->started, now);
    pools->slots[i] = (struct pool_slot){.pool = pool, .started = now};
    pid_t master = getpid(), pid = fork();
    if (pid < 0) {
        log_line(LOG_LEVEL_ERROR, "cannot fork: %s", strerror(errno));
        pools->state[pool].not_before = now + SECOND;
        return -1;
    }
    if (pid == 0)
        run_worker(pools, i, master);
    pools->slots[i].pid = pid;
    atomic_store(&shared->pid, pid);
    return i;
}

/* Several that die together are one failure: those that die during the pause count no more. */
static void back_off(struct pools *pools, enum pool pool, int64_t now)
{
    if (now < pools->state[pool].not_before)
        return;
    int failures = pools->state[pool].failures++;
    int64_t delay = failures < 16 ? BACKOFF_FIRST << failures : BACKOFF_MOST;
    if (delay > BACKOFF_MOST)
        delay = BACKOFF_MOST;
    pools->state[pool].not_before = now + delay;
    log_line(LOG_LEVEL_WARNING, "%s pool: next start in %lld ms", pool_names[pool],
             (long long)(delay / MS));
}

static void bury(struct pools *pools, int i, int status, int64_t now)
{
    struct pool_slot dead = pools->slots[i];
    pools->slots[i] = (struct pool_slot){.pool = dead.pool};
    atomic_store(&pools->shared->workers[i].pid, 0);
    atomic_store(&pools->shared->workers[i].busy_since, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
        return;
    atomic_fetch_add(&pools->shared->restarts, 1);
    if (WIFSIGNALED(status))
        log_line(LOG_LEVEL_ERROR, "%s worker %d died of signal %d", pool_names[dead.pool], dead.pid,
                 WTERMSIG(status));
    else
        log_line(LOG_LEVEL_ERROR, "%s worker %d ended with status %d", pool_names[dead.pool],
                 dead.pid, WEXITSTATUS(status));
    pools->unusable |= WIFEXITED(status) && WEXITSTATUS(status) == WORKER_EXIT_CONFIG;
    /* who had come to serve and was killed from outside did not fail to start: replaced at once */
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
                  atomic_load(&pools->shared->workers[i].heartbeat);
    if (now - dead.started < YOUNG && !killed)
        back_off(pools, dead.pool, now);
}

void pools_reap(struct pools *pools, int64_t now)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (int i = 0; i < SHARED_WORKERS; i++)
            if (pools->slots[i].pid == pid)
                bury(pools, i, status, now);
}

static void retire(struct pools *pools, int i)
{
    pools->slots[i].stale = false;
    pools->slots[i].leaving = true;
    kill(pools->slots[i].pid, SIGTERM);
}

static bool is_stuck(const struct pools *pools, int i, int64_t now)
{
    const struct shared_worker *shared = &pools->shared->workers[i];
    int64_t most = pools->settings->request_seconds * SECOND + GRACE;
    int64_t busy = atomic_load(&shared->busy_since), beat = atomic_load(&shared->heartbeat);
    if (!beat)
        return now - pools->slots[i].started > START_MOST;
    return now - (busy ? busy : beat) > most;
}

static void watch(struct pools *pools, int64_t now)
{
    for (int i = 0; i < SHARED_WORKERS; i++) {
        struct pool_slot *slot = &pools->slots[i];
        if (!slot->pid)
            continue;
        if (is_stuck(pools, i, now)) {
            log_line(LOG_LEVEL_ERROR, "%s worker %d is stuck: killed", pool_names[slot->pool],
                     slot->pid);
            kill(slot->pid, SIGKILL);
        } else if (now - slot->started > YOUNG) {
            pools->state[slot->pool].failures = 0;
        }
    }
}

static int find_stale(const struct pools *pools)
{
    for (int i = 0; i < SHARED_WORKERS; i++)
        if (pools->slots[i].pid && pools->slots[i].stale)
            return i;
    return -1;
}

static void keep_stale(struct pools *pools)
{
    log_line(LOG_LEVEL_ERROR, "reload stopped: a new worker did not start; the others stay");
    for (int i = 0; i < SHARED_WORKERS; i++)
        pools->slots[i].stale = false;
}

/* One step of the reload: the successor of one worker serves before that worker is told to leave.
 */
static void replace(struct pools *pools, int64_t now)
{
    if (pools->successor >= 0) {
        if (!pools->slots[pools->successor].pid) {
            pools->successor = -1;
            keep_stale(pools);
            return;
        }
        if (!is_serving(pools, pools->successor))
            return;
        enum pool pool = pools->slots[pools->successor].pool;
        pools->successor = -1;
        for (int i = 0; i < SHARED_WORKERS; i++) {
            if (pools->slots[i].pid && pools->slots[i].stale && pools->slots[i].pool == pool) {
                retire(pools, i);
                break;
            }
        }
    }
    int old = find_stale(pools);
    if (old < 0)
        return;
    enum pool pool = pools->slots[old].pool;
    if (pools_count(pools, pool) <= wanted(pools, pool))
        pools->successor = start_worker(pools, pool, now);
    if (pools->successor < 0) /* too many of them now, or no room for one more */
        retire(pools, old);
}

static void fill(struct pools *pools, enum pool pool, int64_t now)
{
    int missing = wanted(pools, pool) - pools_count(pools, pool);
    while (missing-- > 0 && now >= pools->state[pool].not_before)
        if (start_worker(pools, pool, now) < 0)
            return;
    if (pools->successor >= 0 || find_stale(pools) >= 0)
        return;
    int surplus = pools_count(pools, pool) - wanted(pools, pool);
    for (int i = 0; i < SHARED_WORKERS && surplus > 0; i++) {
        const struct pool_slot *slot = &pools->slots[i];
        if (slot->pid && slot->pool == pool && !slot->leaving) {
            retire(pools, i);
            surplus--;
        }
    }
}

void pools_keep(struct pools *pools, int64_t now)
{
    watch(pools, now);
    replace(pools, now);
    for (enum pool pool = 0; pool < POOL_COUNT; pool++)
        fill(pools, pool, now);
}

void pools_replace_all(struct pools *pools)
{
    pools->successor = -1;
    for (int i = 0; i < SHARED_WORKERS; i++)
        pools->slots[i].stale = pools->slots[i].pid && !pools->slots[i].leaving;
}

void pools_signal(struct pools *pools, int signal)
{
    for (int i = 0; i < SHARED_WORKERS; i++)
        if (pools->slots[i].pid)
            kill(pools->slots[i].pid, signal);
}

void pools_drain(struct pools *pools)
{
    atomic_store(&pools->shared->draining, 1);
    pools_signal(pools, SIGTERM);
}

bool pools_serve_queue(struct pools *pools, int64_t now)
{
    bool waiting = false;
    for (enum pool pool = 0; pool < POOL_COUNT; pool++) {
        if (!listen_waiting(pools->listen, pool))
            continue;
        waiting = true;
        if (now >= pools->state[pool].not_before)
            start_worker(pools, pool, now);
    }
    return waiting;
}

int pools_alive(const struct pools *pools)
{
    int n = 0;
    for (int i = 0; i < SHARED_WORKERS; i++)
        n += pools->slots[i].pid != 0;
    return n;
}

int pools_count(const struct pools *pools, enum pool pool)
{
    int n = 0;
    for (int i = 0; i < SHARED_WORKERS; i++) {
        const struct pool_slot *slot = &pools->slots[i];
        n += slot->pid && slot->pool == pool && !slot->leaving;
    }
    return n;
}

bool pools_ready(const struct pools *pools)
{
    bool serving[POOL_COUNT] = {false};
    for (int i = 0; i < SHARED_WORKERS; i++)
        if (is_serving(pools, i))
            serving[pools->slots[i].pool] = true;
    return serving[POOL_LIGHT] && serving[POOL_HEAVY] && pools->successor < 0 &&
           find_stale(pools) < 0;
}

int pools_wait_ms(const struct pools *pools, int64_t now)
{
    int64_t wait = SECOND;
    for (enum pool pool = 0; pool < POOL_COUNT; pool++) {
        int64_t pause = pools->state[pool].not_before - now;
        if (pause > 0 && pause < wait)
            wait = pause;
    }
    return (int)(wait / MS) + 1;
}

bool pools_unusable(const struct pools *pools)
{
    return pools->unusable;
}
