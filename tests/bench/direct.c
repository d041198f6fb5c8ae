/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The service's own statements without HTTP, on the database of a stack's CONFIG:
       direct CONFIG get ORG SECONDS PROCESSES <ENVIRONMENT-IDS
   reads environments by their ids, in turn, so many processes at once; a line of JSON {"per_s",
   "p50_us"}; direct CONFIG insert ORG ENVIRONMENT ROWS puts evidence rows in by array binding, in
   one transaction, in the order of their key: the least that storing them takes; {"ms", "cpu_ms"},
   connecting not counted; direct CONFIG store ORG ENVIRONMENT SECONDS puts in one row after the
   other, each durable by itself; {"p50_us"}. */
#include "arena.h"
#include "buf.h"
#include "log.h"
#include "settings.h"
#include "store_db.h"
#include "store_environment.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define IDS  100000
#define BINS 1000000 /* latencies counted by the microsecond */

static struct board {
    _Atomic int64_t done;
    _Atomic int32_t bins[BINS];
} * board;

static void must(enum err err, const char *what)
{
    if (!err)
        return;
    fprintf(stderr, "direct: %s: %s\n", what, err_message(err));
    exit(2);
}

static struct uuid id_of(const char *text)
{
    struct uuid id;
    if (!uuid_parse(&id, text, UUID_TEXT - 1))
        exit(2);
    return id;
}

static void open_board(void)
{
    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        exit(2);
}

static void note(int64_t begun)
{
    int64_t took = time_monotonic() - begun;
    board->bins[took < BINS ? took : BINS - 1]++;
    board->done++;
}

static size_t median(void)
{
    int64_t half = 0;
    size_t at = 0;
    while (at < BINS && (half += board->bins[at]) * 2 < board->done)
        at++;
    return at;
}

static void get(const struct settings *settings, struct uuid org, const struct uuid *ids, size_t n,
                size_t first, int64_t until)
{
    struct db *db = db_open(settings, DB_SERVICE);
    struct arena *arena = arena_new();
    for (size_t i = first; time_monotonic() < until; i++) {
        struct store_environment environment;
        int64_t begun = time_monotonic();
        must(store_environment_get(db, arena, org, ids[i % n], STORE_READ, &environment), "get");
        note(begun);
        arena_reset(arena);
    }
    arena_free(arena);
    db_close(db);
}

static void get_all(const struct settings *settings, struct uuid org, double seconds, int processes)
{
    static struct uuid ids[IDS];
    char line[64];
    size_t n = 0;
    while (n < IDS && fgets(line, sizeof line, stdin))
        ids[n++] = id_of(line);
    if (!n)
        exit(2);
    open_board();
    int64_t until = time_monotonic() + (int64_t)(seconds * 1e6);
    for (int i = 0; i < processes; i++)
        if (!fork()) {
            get(settings, org, ids, n, n / (size_t)processes * (size_t)i, until);
            _exit(0);
        }
    while (wait(NULL) > 0)
        ;
    printf("{\"per_s\":%.0f,\"p50_us\":%zu}\n", (double)board->done / seconds, median());
}

/* --- rows */

static const struct sql insert = {
    "INSERT INTO evidence (org_id, env_id, metric, natural_key, content, source, observation_type,"
    " reference, part_id, part_revision_id, bin, lot_size, predicted, actual, occurred_on,"
    " model_version, applied, received_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};

struct row {
    struct uuid key, content, part, revision;
    const char *reference, *bin;
    double lot, predicted, actual;
};

struct rows {
    struct db *db;
    struct uuid org, env;
    struct row *rows;
    size_t n;
};

static int by_key(const void *a, const void *b)
{
    return memcmp(((const struct row *)a)->key.b, ((const struct row *)b)->key.b,
                  sizeof(struct uuid));
}

static void make_rows(struct arena *arena, struct rows *all)
{
    static const char *const bins[] = {"PLANT-A", "PLANT-B", "SUP-NORD", "SUP-OST"};
    all->rows = ARENA_ARRAY(arena, all->n, struct row);
    for (size_t i = 0; i < all->n; i++) {
        struct row *row = &all->rows[i];
        randombytes_buf(row, offsetof(struct row, reference));
        row->reference = arena_printf(arena, "WO-%07zu", i);
        row->bin = bins[i % 4];
        row->lot = 10;
        row->predicted = 100 + (double)i / 1000;
        row->actual = row->predicted * 1.07;
    }
    qsort(all->rows, all->n, sizeof *all->rows, by_key);
}

static enum err insert_rows(void *context)
{
    const struct rows *all = context;
    const struct row *row = all->rows;
    const char *const source = "bench", *const type = "actual", *const version = "1";
    const int64_t zero = 0, now = time_now();
    const int32_t today = (int32_t)(now / 86400000000);
    const struct db_column columns[] = {
        {DB_UUID, &all->org, 0},
        {DB_UUID, &all->env, 0},
        {DB_INT, &zero, 0},
        {DB_UUID, &row->key, sizeof *row},
        {DB_UUID, &row->content, sizeof *row},
        {DB_TEXT, &source, 0},
        {DB_TEXT, &type, 0},
        {DB_TEXT, &row->reference, sizeof *row},
        {DB_UUID, &row->part, sizeof *row},
        {DB_UUID, &row->revision, sizeof *row},
        {DB_TEXT, &row->bin, sizeof *row},
        {DB_NUM, &row->lot, sizeof *row},
        {DB_NUM, &row->predicted, sizeof *row},
        {DB_NUM, &row->actual, sizeof *row},
        {DB_DATE, &today, 0},
        {DB_TEXT, &version, 0},
        {DB_INT, &zero, 0},
        {DB_TIME, &now, 0},
    };
    return db_bulk(all->db, &insert, columns, sizeof columns / sizeof *columns, all->n);
}

static double cpu_ms(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void insert_all(const struct settings *settings, struct uuid org, struct uuid env, size_t n)
{
    struct arena *arena = arena_new();
    struct rows all = {.db = db_open(settings, DB_SERVICE), .org = org, .env = env, .n = n};
    bool unknown;
    make_rows(arena, &all);
    if (!db_ping(all.db))
        exit(2);
    double cpu = cpu_ms();
    int64_t begun = time_monotonic();
    must(db_transact(all.db, insert_rows, &all, &unknown), "insert");
    printf("{\"ms\":%.3f,\"cpu_ms\":%.3f}\n", (double)(time_monotonic() - begun) / 1e3,
           cpu_ms() - cpu);
    db_close(all.db);
    arena_free(arena);
}

static void store_each(const struct settings *settings, struct uuid org, struct uuid env,
                       double seconds)
{
    struct arena *arena = arena_new();
    struct rows one = {.db = db_open(settings, DB_SERVICE), .org = org, .env = env, .n = 1};
    open_board();
    int64_t until = time_monotonic() + (int64_t)(seconds * 1e6);
    while (time_monotonic() < until) {
        make_rows(arena, &one);
        int64_t begun = time_monotonic();
        must(insert_rows(&one), "insert");
        note(begun);
        arena_reset(arena);
    }
    printf("{\"p50_us\":%zu}\n", median());
    db_close(one.db);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    static struct settings settings;
    struct buf faults = {0};
    if (argc != 6 || sodium_init() < 0)
        return 2;
    if (settings_load(&settings, argv[1], NULL, 0, &faults)) {
        fputs(buf_text(&faults), stderr);
        return 2;
    }
    log_setup(false, LOG_LEVEL_WARNING);
    if (!strcmp(argv[2], "get"))
        get_all(&settings, id_of(argv[3]), atof(argv[4]), atoi(argv[5]));
    else if (!strcmp(argv[2], "store"))
        store_each(&settings, id_of(argv[3]), id_of(argv[4]), atof(argv[5]));
    else
        insert_all(&settings, id_of(argv[3]), id_of(argv[4]), strtoull(argv[5], NULL, 10));
    settings_clear(&settings);
    return 0;
}
