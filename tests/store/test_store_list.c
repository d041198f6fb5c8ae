/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_store_list.c: lists keep their order whatever was asked before on the same connection */
#include "store_test.h"

#include "arena.h"
#include "store_evidence_list.h"
#include "store_org.h"
#include "store_rate.h"
#include "store_run.h"

#include <string.h>

#define ENV "'01900000-0000-7000-8000-00000000000e'"

static struct settings settings;
static struct db *db;
static struct arena *arena;
static struct store_org acme;
static struct uuid env;

static const struct store_page all = {INT_NONE, 0};

static int begin_suite(void)
{
    settings = fresh_settings();
    migrated(&settings);
    db = db_open(&settings, DB_SERVICE);
    arena = arena_new();
    acme = (struct store_org){.name = "acme"};
    uuid_parse(&env, "01900000-0000-7000-8000-00000000000e", 36);
    return store_org_insert(db, &acme) ||
           db_script(db, "INSERT INTO environment (org_id, id, name, currency, valid_from,"
                         " enabled_extractors, is_baseline, attributes, created_at)"
                         " SELECT id, " ENV ", 'e', 'EUR', '2024-01-01', '[]', 0, '{}', NOW(6)"
                         " FROM org WHERE name = 'acme'") ||
           db_script(db, "INSERT INTO rate (org_id, id, env_id, kind, rate_key, fields, currency,"
                         " valid_from, created_at)"
                         " SELECT org_id, UUID(), id, ELT(1 + seq MOD 2, 'labour', 'material'),"
                         " CRC32(seq), '{}', 'EUR', '2024-01-01', NOW(6)"
                         " FROM environment, seq_1_to_40 WHERE id = " ENV) ||
           db_script(db, "INSERT INTO evidence (org_id, env_id, metric, natural_key, content,"
                         " source, bin, model_version, applied, received_at)"
                         " SELECT org_id, id, seq MOD 2, UNHEX(MD5(seq)), UNHEX(MD5(seq)),"
                         " 'teach', '', 'm', 1, '2024-01-01' FROM environment, seq_1_to_3000"
                         " WHERE id = " ENV) ||
           db_script(db, "INSERT INTO calibration_run (org_id, id, env_id, kind, slot, metric,"
                         " posterior_count, status, basis, document, created_at)"
                         " SELECT org_id, UUID(), id, 'finalize', ELT(1 + seq MOD 2, 'unit_cost',"
                         " 'cycle_time_s'), 0, 1, 'activated', REPEAT('x', 32),"
                         " JSON_OBJECT('q_alpha', IF(seq <= 4, 0.5, NULL)), NOW(6)"
                         " FROM environment, seq_1_to_40 WHERE id = " ENV);
}

static int end_suite(void)
{
    arena_free(arena);
    drop_db(db, &settings);
    return 0;
}

/* MariaDB forgets for good to order by what was equal to a constant in one run of a statement. */
static void test_rates(void)
{
    static const char *const kinds[] = {NULL, "labour", NULL};
    for (size_t k = 0; k < 3; k++) {
        struct store_rate *list;
        size_t n;
        int64_t total;
        OK(store_rate_page(db, arena, acme.id, env, kinds[k], &all, &list, &n, &total));
        CU_ASSERT_EQUAL(n, kinds[k] ? 20 : 40);
        for (size_t i = 1; i < n; i++) {
            int order = strcmp(list[i - 1].kind, list[i].kind);
            CU_ASSERT(order < 0 || (!order && strcmp(list[i - 1].key, list[i].key) < 0));
        }
    }
}

struct met {
    size_t n, wrong;
    enum metric last;
};

static enum err meet(void *context, const struct evidence *row, enum metric metric)
{
    struct met *met = context;
    met->wrong += metric < met->last || row->received_at == TIME_NONE;
    met->last = metric;
    met->n++;
    return ERR_OK;
}

static void test_evidence(void)
{
    static const enum metric metrics[] = {METRIC_COUNT, METRIC_CYCLE_TIME, METRIC_COUNT};
    for (size_t k = 0; k < 3; k++) {
        const struct store_evidence_filter filter = {NULL, metrics[k]};
        struct met met = {0};
        struct evidence *rows;
        enum metric *of;
        size_t n, wrong = 0;
        int64_t total;
        OK(store_evidence_page(db, arena, acme.id, env, &filter, &all, &rows, &of, &n, &total));
        CU_ASSERT_EQUAL(n, metrics[k] == METRIC_COUNT ? 3000 : 1500);
        for (size_t i = 1; i < n; i++)
            wrong += of[i] < of[i - 1];
        CU_ASSERT_EQUAL(wrong, 0);
        OK(store_evidence_each(db, acme.id, env, &filter, meet, &met));
        CU_ASSERT_EQUAL(met.n, n);
        CU_ASSERT_EQUAL(met.wrong, 0);
    }
}

/* Runs have their answers beside them: years of them are counted without. */
static void test_runs(void)
{
    static const struct step count[] = {{"calibration_run", "ref", "calibration_run_basis"}};
    const struct db_value org = db_uuid(acme.id), id = db_uuid(env);
    const struct run_filter filters[] = {{.slot = NULL}, {.slot = "unit_cost"}, {.slot = "none"}};
    const struct store_page page = {5, 0};
    for (size_t i = 0; i < 3; i++) {
        static const size_t there[] = {40, 20, 0};
        const struct db_value slot = db_text(filters[i].slot);
        struct run *list;
        size_t n;
        int64_t total;
        OK(store_run_list(db, arena, acme.id, env, &filters[i], &page, &list, &n, &total));
        IS(n, there[i] ? 5 : 0);
        IS(total, (int64_t)there[i]);
        check_plan(db, arena, &store_run_sql_count, DB_ARGS(org, id, slot, slot), count, 1);
    }
    const struct run_filter interval = {.with_interval = true};
    struct run *list;
    size_t n;
    OK(store_run_list(db, arena, acme.id, env, &interval, &page, &list, &n, NULL));
    IS(n, 4);
}

/* What is active is read whole, whatever pieces it was stored in; what was is not looked at. */
static void test_pieces(void)
{
    static const struct step steps[] = {{"o", "const", "PRIMARY"}, {"s", "const", "PRIMARY"},
                                        {"p", "const", "PRIMARY"}, {"f", "const", "PRIMARY"},
                                        {"a", "const", "PRIMARY"}, {"r", "const", "PRIMARY"}};
    const struct uuid revision = uuid_v7();
    const struct db_value o = db_uuid(acme.id), e = db_uuid(env), r = db_uuid(revision);
    static char posterior[(9 << 20) + 5], slot[RUN_SLOT + 1] = SLOT_CURVE;
    const struct active none = {.version = 0};
    const struct run run = {.id = uuid_v7(),
                            .env = env,
                            .kind = "finalize",
                            .slot = "cycle_time_s",
                            .status = "activated",
                            .document = "{}",
                            .posterior = {posterior, sizeof posterior}};
    for (size_t i = 0; i < sizeof posterior; i++)
        posterior[i] = (char)(i % 251);
    OK(store_run_insert(db, acme.id, &run));
    OK(store_active_set(db, acme.id, env, run.slot, &none, true, run.id, 1));
    struct active_model *models;
    struct store_basis basis;
    size_t n;
    OK(store_basis_get(db, arena, acme.id, env, revision, &basis));
    CU_ASSERT(uuid_is_nil(&basis.curve_run));
    uuid_text(&revision, slot + strlen(slot));
    struct run curve = run;
    curve.id = uuid_v7();
    curve.slot = slot;
    curve.subject = revision;
    curve.posterior = (struct field_raw){"{}", 2};
    OK(store_run_insert(db, acme.id, &curve));
    OK(store_active_set(db, acme.id, env, slot, &none, true, curve.id, 1));
    OK(store_active_models(db, arena, acme.id, env, true, &models, &n));
    CU_ASSERT_EQUAL(n, 2);
    OK(store_active_models(db, arena, acme.id, env, false, &models, &n));
    CU_ASSERT_EQUAL_FATAL(n, 1);
    CU_ASSERT_EQUAL_FATAL(models->posterior.len, sizeof posterior);
    CU_ASSERT(!memcmp(models->posterior.text, posterior, sizeof posterior));
    OK(store_basis_get(db, arena, acme.id, env, revision, &basis));
    CU_ASSERT(uuid_equal(&basis.curve_run, &curve.id));
    CU_ASSERT_EQUAL_FATAL(basis.curve.len, 2);
    struct field_raw whole;
    OK(store_run_posterior(db, arena, acme.id, env, run.id, &whole));
    CU_ASSERT_EQUAL_FATAL(whole.len, sizeof posterior);
    CU_ASSERT(!memcmp(whole.text, posterior, sizeof posterior));
    check_plan(db, arena, &store_run_sql_quote, DB_ARGS(e, r, e, db_text(slot), o), steps, 6);
}

void suite_store_list(void)
{
    CU_pSuite s = CU_add_suite("store_list", begin_suite, end_suite);

    CU_ADD_TEST(s, test_rates);
    CU_ADD_TEST(s, test_evidence);
    CU_ADD_TEST(s, test_runs);
    CU_ADD_TEST(s, test_pieces);
}
