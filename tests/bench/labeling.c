/* SPDX-License-Identifier: GPL-3.0-or-later */
/* labeling SOCKET TASKS ANNOTATORS SECONDS MODE...: claims and answers against a fresh database on
 * the server at SOCKET, one process per annotator, by the handlers themselves without HTTP.
 *
 *   ours  next-task and submit as they are
 *   head  the same work, but the task comes from the head of the queue: one transaction reads
 *         campaign and seat, selects FOR UPDATE SKIP LOCKED by the same index, writes the lease and
 *         the seat; then submit as it is
 *   bare  the head of the queue without any of what we keep (seat, honeypots, consensus): one
 *         transaction selects and leases, one inserts the answer and counts it
 *   last  ours on a campaign of which 99 % is done
 *
 * TASKS normal tasks, 5 % honeypots on top, 3 answers each; every commit is durable as the server
 * is set. Prints a line per mode: answers a second, CPU of server and clients per answer, median
 * and 99th percentile of a claim, and per answer, for all connections: statements, commits, rows
 * read and written, redo bytes. More than 3 answers of a task ("over") or answers not counted
 * ("lost") would be wrong.
 */
#include "labeling.h"
#include "api.h"
#include "arena.h"
#include "label_shapes.h"
#include "log.h"
#include "settings.h"
#include "store_db.h"
#include "store_label_campaign.h"
#include "store_label_queue.h"
#include "store_org.h"
#include "store_schema.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define REDUNDANCY 3
#define CLAIMS     4000000 /* latencies kept */

static struct settings settings;

/* what the processes share */
static struct board {
    _Atomic int64_t answers, claims, empty, failed;
    _Atomic int32_t micros[CLAIMS];
} * board;

static void must(enum err err, const char *what)
{
    if (!err)
        return;
    fprintf(stderr, "labeling: %s: %s\n", what, err_message(err));
    exit(2);
}

/* CPU seconds that the database server and we have used */
static double cpu_seconds(struct db *db)
{
    static const struct sql pid_file = {"SELECT CAST(@@pid_file AS CHAR(500))"};
    struct db_rows *rows;
    struct rusage usage;
    char text[1024] = "", path[64];
    double ticks = 0;
    must(db_query_one(db, &rows, &pid_file, DB_NO_ARGS), "pid_file");
    FILE *file = fopen(db_get_text(rows, 0, NULL), "r");
    db_end(rows);
    if (file && fgets(text, sizeof text, file)) {
        fclose(file);
        snprintf(path, sizeof path, "/proc/%d/stat", atoi(text));
        file = fopen(path, "r");
        char *end = NULL;
        if (file && fgets(text, sizeof text, file))
            end = strrchr(text, ')');
        unsigned long user, system;
        if (end && sscanf(end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                          &system) == 2)
            ticks = (double)(user + system);
    }
    if (file)
        fclose(file);
    getrusage(RUSAGE_CHILDREN, &usage);
    return ticks / (double)sysconf(_SC_CLK_TCK) + (double)usage.ru_utime.tv_sec +
           (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* --- the server side of a request */

struct step {
    struct request *request;
    enum err (*body)(struct request *request, void *context);
    void *context;
};

static enum err run_step(void *context)
{
    struct step *step = context;
    buf_reset(step->request->out, step->request->out->cap);
    return step->body(step->request, step->context);
}

static enum err submit(struct request *request, void *context)
{
    (void)context;
    return label_task_submit(request);
}

static enum err transact(struct request *request,
                         enum err (*body)(struct request *request, void *context), void *context,
                         bool last)
{
    struct step step = {request, body, context};
    bool unknown;
    (void)last;
    return body == submit ? db_transact_block(request->db, run_step, &step, &unknown)
                          : db_transact(request->db, run_step, &step, &unknown);
}

/* --- the usual queue */

static const struct sql head_select = {
    "SELECT t.id FROM labeling_task t FORCE INDEX (labeling_task_queue)"
    " WHERE t.org_id = ? AND t.campaign_id = ? AND t.status = 'open' AND t.is_gold = 0"
    " AND (t.claim_expires_at IS NULL OR t.claim_expires_at <= ?) AND NOT EXISTS (SELECT 1 FROM"
    " labeling_submission s WHERE s.org_id = t.org_id AND s.campaign_id = t.campaign_id"
    " AND s.task_id = t.id AND s.annotator_id = ?) ORDER BY t.rnd LIMIT 1 FOR UPDATE SKIP LOCKED"};
static const struct sql head_update = {
    "UPDATE labeling_task SET claimed_by_user_id = ?, claimed_at = ?, claim_expires_at = ?"
    " WHERE org_id = ? AND campaign_id = ? AND id = ?"};

static enum err head_claim(struct request *request, void *context)
{
    struct uuid *id = context, org = request->caller.org, campaign = request->id[0];
    struct db_rows *rows;
    enum err err = db_query_one(request->db, &rows, &head_select,
                                DB_ARGS(db_uuid(org), db_uuid(campaign), db_time(request->now),
                                        db_uuid(request->caller.user)));
    if (err)
        return err;
    *id = db_get_uuid(rows, 0);
    err = db_end(rows);
    if (err)
        return err;
    return db_run(request->db, &head_update,
                  DB_ARGS(db_uuid(request->caller.user), db_time(request->now),
                          db_time(request->now + settings.lease_seconds * 1000000), db_uuid(org),
                          db_uuid(campaign), db_uuid(*id)));
}

static enum err head_claim_seat(struct request *request, void *context)
{
    const struct store_label_actor actor = {request->caller.org, request->id[0],
                                            request->caller.user, true};
    struct store_label_seat seat;
    struct store_label_task task;
    struct uuid *id = context;
    enum err err = store_label_seat_get(request->db, request->arena, &actor, &seat);
    if (!err)
        err = head_claim(request, id);
    if (!err)
        err = store_label_served(request->db, request->arena, &actor, *id, &task, NULL);
    seat.n_served++;
    return err ? err : store_label_seat_serve(request->db, &actor, &seat, *id);
}

static const struct sql bare_insert = {
    "INSERT INTO labeling_submission (org_id, campaign_id, task_id, annotator_id, id, is_user,"
    " verdict, is_imported, created_at) VALUES (?, ?, ?, ?, ?, 1, 'confirm', 0, ?)"};
static const struct sql bare_update = {
    "UPDATE labeling_task SET submission_count = submission_count + 1, counted = counted + 1,"
    " status = IF(counted >= n_required, 'resolved', status), claimed_by_user_id = NULL,"
    " claimed_at = NULL, claim_expires_at = NULL WHERE org_id = ? AND campaign_id = ? AND id = ?"};

static enum err bare_submit(struct request *request, void *context)
{
    const struct db_value org = db_uuid(request->caller.org), campaign = db_uuid(request->id[1]),
                          task = db_uuid(request->id[0]);
    enum err err = db_run(request->db, &bare_insert,
                          DB_ARGS(org, campaign, task, db_uuid(request->caller.user),
                                  db_uuid(uuid_v7()), db_time(request->now)));
    (void)context;
    return err ? err : db_run(request->db, &bare_update, DB_ARGS(org, campaign, task));
}

/* --- an annotator */

enum mode { OURS, HEAD, BARE };

static bool claim(struct request *request, enum mode mode, struct uuid *id)
{
    static const struct operation next = {.answer = &shape_label_task_served};
    struct uuid found = {{0}};
    enum err err;
    request->operation = &next;
    request->now = time_now();
    if (mode != OURS)
        err = transact(request, mode == HEAD ? head_claim_seat : head_claim, &found, true);
    else
        err = label_next_task(request);
    if (err == ERR_NOT_FOUND)
        return false;
    if (err) {
        board->failed++;
        return false;
    }
    if (mode == OURS) {
        const char *text = buf_text(request->out);
        if (request->out->len < 50 || !uuid_parse(&found, text + 7, 36))
            return false;
    }
    *id = found;
    return true;
}

static void annotate(struct uuid org, struct uuid user, struct uuid campaign, enum mode mode,
                     int64_t until)
{
    static const struct operation answer = {.answer = &shape_label_submission};
    static const char secret[32] = "a secret of 32 bytes for a bench";
    struct db *db = db_open(&settings, DB_SERVICE);
    struct arena *arena = arena_new();
    struct buf out = {0};
    struct label_answer said = {"confirm", {NULL, 0}, NAN, INT_NONE};
    must(store_label_seat_make(db, &(struct store_label_actor){org, campaign, user, true}), "seat");
    while (time_monotonic() < until) {
        struct flaws flaws = {.arena = arena};
        struct request request = {.arena = arena,
                                  .db = db,
                                  .settings = &settings,
                                  .secret = secret,
                                  .id = {campaign},
                                  .caller = {.org = org, .user = user},
                                  .out = &out,
                                  .flaws = &flaws,
                                  .transact = transact};
        struct uuid task;
        int64_t begun = time_monotonic();
        buf_reset(&out, out.cap);
        bool got = claim(&request, mode, &task);
        int64_t micros = time_monotonic() - begun, n = board->claims++;
        if (n < CLAIMS)
            board->micros[n] = (int32_t)micros;
        if (!got) {
            board->empty++;
            if (request.queue_state && !strcmp(request.queue_state, "drained"))
                break;
            if (mode != OURS)
                usleep(200);
        } else {
            request.operation = &answer;
            request.id[0] = task;
            request.id[1] = campaign;
            request.body = &said;
            if (transact(&request, mode == BARE ? bare_submit : submit, NULL, true))
                board->failed++;
            else
                board->answers++;
        }
        arena_reset(arena);
    }
    buf_clear(&out);
    arena_free(arena);
    db_close(db);
}

/* --- setting up */

static double counted(struct db *db, const char *names)
{
    static const struct sql sum = {"SELECT CAST(SUM(variable_value) AS DOUBLE) FROM"
                                   " information_schema.global_status WHERE"
                                   " FIND_IN_SET(LOWER(variable_name), ?)"};
    struct db_rows *rows;
    must(db_query_one(db, &rows, &sum, DB_ARGS(db_text(names))), "counts");
    double number = db_get_num(rows, 0);
    db_end(rows);
    return number;
}

/* Until the server has purged what the setting up left (an update of most of the queue leaves as
   many entries in its index; it is one transaction, so the length of the history does not tell) and
   writes no more: a campaign that was worked off comes to its last percent without them. */
static void wait_for_purge(struct db *db)
{
    double before, now = counted(db, "innodb_lsn_current");
    for (int left = 300, quiet = 0; left && quiet < 5; left--) {
        usleep(200000);
        before = now;
        now = counted(db, "innodb_lsn_current");
        quiet = now - before > 10000 ? 0 : quiet + 1;
    }
}

static struct uuid make_campaign(struct db *db, struct arena *arena, struct uuid org,
                                 struct uuid user, int64_t n_tasks, bool nearly_done)
{
    struct store_label_campaign campaign = {.id = uuid_v7(),
                                            .name = "bench",
                                            .status = "open",
                                            .consensus_method = "majority",
                                            .acceptance_alpha = 0.8,
                                            .gold_fraction = 0.05,
                                            .target_redundancy = REDUNDANCY,
                                            .created_at = time_now(),
                                            .closed_at = TIME_NONE};
    static const struct sql done = {
        "UPDATE labeling_task SET status = 'resolved', submission_count = 3, counted = 3"
        " WHERE org_id = ? AND campaign_id = ? AND is_gold = 0 AND MOD(rnd, 100) > 0"};
    must(store_label_campaign_insert(db, org, &campaign), "campaign");
    int64_t n_gold = n_tasks / 20, all = n_tasks + n_gold;
    enum { BATCH = 5000 };
    struct store_label_task *tasks = calloc(BATCH, sizeof *tasks);
    if (!tasks)
        abort();
    for (int64_t i = 0; i < all;) {
        size_t n = 0;
        for (; n < BATCH && i < all; n++, i++) {
            field_defaults(&shape_label_task, &tasks[n]);
            tasks[n].id = uuid_v4();
            tasks[n].campaign_id = campaign.id;
            tasks[n].is_gold = i >= n_tasks;
            tasks[n].n_required = REDUNDANCY;
            tasks[n].target_kind = "field";
            tasks[n].prompt = "Is the predicted value right?";
            tasks[n].predicted_value = (struct field_raw){"\"a\"", 3};
            tasks[n].gold_answer = i >= n_tasks ? "confirm" : NULL;
            tasks[n].created_at = time_now();
            tasks[n].place = labeling_place_random();
        }
        must(store_label_task_insert(db, arena, org, tasks, n), "tasks");
        arena_reset(arena);
    }
    free(tasks);
    const struct store_label_change change = {.tasks = n_tasks, .gold_tasks = n_gold};
    must(store_label_campaign_add(db, org, campaign.id, user, true, &change), "counts");
    if (nearly_done)
        must(db_run(db, &done, DB_ARGS(db_uuid(org), db_uuid(campaign.id))), "99 %");
    wait_for_purge(db);
    return campaign.id;
}

static int by_value(const void *a, const void *b)
{
    return (*(const int32_t *)a > *(const int32_t *)b) -
           (*(const int32_t *)a < *(const int32_t *)b);
}

/* what the server counted so far */
struct counts {
    double statements, commits, read, written, redo;
};

static struct counts counts_now(struct db *db)
{
    return (struct counts){
        counted(db, "com_stmt_execute,com_begin,com_commit"),
        counted(db, "handler_commit"),
        counted(db, "handler_read_key,handler_read_next,handler_read_first,handler_read_rnd"),
        counted(db, "handler_write,handler_update"),
        counted(db, "innodb_os_log_written"),
    };
}

static void report(struct db *db, struct uuid org, struct uuid campaign, const char *mode,
                   double seconds, double cpu, const struct counts *before)
{
    struct counts after = counts_now(db);
    static const struct sql over = {
        "SELECT COUNT(*) FROM labeling_task WHERE org_id = ?"
        " AND campaign_id = ? AND is_gold = 0 AND submission_count > 3"};
    static const struct sql lost = {
        "SELECT COALESCE(SUM(n_submissions), 0) - (SELECT COUNT(*) FROM labeling_submission WHERE"
        " org_id = ? AND campaign_id = ?) FROM labeling_seat WHERE org_id = ? AND campaign_id = ?"};
    struct db_rows *rows;
    must(db_query_one(db, &rows, &over, DB_ARGS(db_uuid(org), db_uuid(campaign))), "over");
    int64_t n_over = db_get_int(rows, 0);
    must(db_query_one(db, &rows, &lost,
                      DB_ARGS(db_uuid(org), db_uuid(campaign), db_uuid(org), db_uuid(campaign))),
         "lost");
    int64_t n_lost = db_get_int(rows, 0);
    db_end(rows);
    size_t n = board->claims < CLAIMS ? (size_t)board->claims : CLAIMS;
    int32_t *micros = calloc(n + 1, sizeof *micros);
    if (!micros)
        abort();
    for (size_t i = 0; i < n; i++)
        micros[i] = board->micros[i];
    qsort(micros, n, sizeof *micros, by_value);
    printf("%-5s %8.0f answers/s %4.0f us CPU each  claim p50 %d us p99 %d us max %d us  %lld "
           "answers, %lld empty, "
           "%lld failed, %lld over, %lld lost; per answer %.1f statements, %.1f commits, %.1f rows "
           "read,"
           " %.1f written, %.0f redo bytes\n",
           mode, (double)board->answers / seconds, cpu * 1e6 / (double)board->answers,
           micros[n / 2], micros[n * 99 / 100], micros[n ? n - 1 : 0], (long long)board->answers,
           (long long)board->empty, (long long)board->failed, (long long)n_over,
           strcmp(mode, "bare") != 0 ? (long long)n_lost : 0, /* that counts nothing */
           (after.statements - before->statements) / (double)board->answers,
           (after.commits - before->commits) / (double)board->answers,
           (after.read - before->read) / (double)board->answers,
           (after.written - before->written) / (double)board->answers,
           (after.redo - before->redo) / (double)board->answers);
    fflush(stdout);
    free(micros);
}

static void run(struct db *db, struct arena *arena, struct uuid org, const struct uuid *users,
                int annotators, int64_t n_tasks, double seconds, const char *mode)
{
    enum mode how = !strcmp(mode, "head") ? HEAD : !strcmp(mode, "bare") ? BARE : OURS;
    struct uuid campaign = make_campaign(db, arena, org, users[0], n_tasks, !strcmp(mode, "last"));
    board->answers = board->claims = board->empty = board->failed = 0;
    db_ping(db);
    struct counts before = counts_now(db);
    double cpu = cpu_seconds(db);
    int64_t begun = time_monotonic() + 300000, until = begun + (int64_t)(seconds * 1e6);
    for (int i = 0; i < annotators; i++) {
        if (fork())
            continue;
        usleep((useconds_t)(begun - time_monotonic()));
        annotate(org, users[i], campaign, how, until);
        _exit(0);
    }
    while (wait(NULL) > 0)
        ;
    double took = (double)(time_monotonic() - begun) / 1e6;
    report(db, org, campaign, mode, took < seconds ? took : seconds, cpu_seconds(db) - cpu,
           &before);
}

int main(int argc, char **argv)
{
    if (argc < 6 || sodium_init() < 0) {
        fprintf(stderr, "usage: %s SOCKET TASKS ANNOTATORS SECONDS ours|head|bare|last...\n",
                argv[0]);
        return 2;
    }
    char socket[200], name[64];
    snprintf(socket, sizeof socket, "db_socket=%s", argv[1]);
    snprintf(name, sizeof name, "db_name=bench%d", (int)getpid());
    const char *overrides[] = {socket, name, "db_user=root", "db_admin_user=root"};
    struct buf faults = {0};
    if (settings_load(&settings, NULL, overrides, 4, &faults)) {
        fputs(buf_text(&faults), stderr);
        return 2;
    }
    log_setup(false, LOG_LEVEL_WARNING);
    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        return 2;
    struct schema_run schema = {.files = schema_files, .n_files = schema_files_n};
    must(store_schema_migrate(&settings, &schema), "schema");
    struct db *db = db_open(&settings, DB_OPERATOR);
    struct arena *arena = arena_new();
    struct store_org org = {.name = "bench"};
    int annotators = atoi(argv[3]);
    struct uuid *users = calloc((size_t)annotators + 1, sizeof *users);
    if (!users)
        return 2;
    for (int i = 0; i < annotators; i++)
        users[i] = uuid_v7();
    must(store_org_insert(db, &org), "organisation");
    for (int i = 5; i < argc; i++)
        run(db, arena, org.id, users, annotators, atoll(argv[2]), atof(argv[4]), argv[i]);
    char drop[80];
    snprintf(drop, sizeof drop, "DROP DATABASE bench%d", (int)getpid());
    must(db_script(db, drop), "drop");
    free(users);
    arena_free(arena);
    db_close(db);
    settings_clear(&settings);
    return 0;
}
