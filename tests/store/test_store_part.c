/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_store_part.c: parts by number, plans by revision, what earlier quotes said */
#include "store_test.h"

#include "arena.h"
#include "store_calculation.h"
#include "store_environment.h"
#include "store_org.h"
#include "store_part.h"
#include "store_run.h"
#include "store_stamp.h"

#include <string.h>

#define N(array) (sizeof(array) / sizeof *(array))

static struct settings settings;
static struct db *db;
static struct arena *arena;
static struct store_org acme, other;

static const char *const numbers[] = {"AB-1", "ab-1", "ÄÖ 7", "X 9", "x9", "Q", "tab\there"};
static struct store_part parts[N(numbers)];
static struct store_revision revisions[N(numbers)];

static struct field_raw raw(const char *text)
{
    return (struct field_raw){text, strlen(text)};
}

static int begin_suite(void)
{
    static const char hash[32] = "0123456789abcdef0123456789abcde";
    settings = fresh_settings();
    migrated(&settings);
    db = db_open(&settings, DB_SERVICE);
    arena = arena_new();
    acme = (struct store_org){.name = "acme"};
    other = (struct store_org){.name = "other"};
    if (store_org_insert(db, &acme) || store_org_insert(db, &other))
        return 1;
    for (size_t i = 0; i < N(numbers); i++) {
        parts[i] = (struct store_part){.id = uuid_v7(),
                                       .part_number = numbers[i],
                                       .attributes = raw("{}"),
                                       .created_at = 1700000000000000};
        revisions[i] = (struct store_revision){
            .id = uuid_v7(),
            .part_id = parts[i].id,
            .process_plan = raw(arena_printf(arena, "{\"gross_mass_kg\":%zu.385}", i)),
            .predictions = raw("[]"),
            .created_at = 1700000000000000,
            .content_hash = {hash, sizeof hash}};
    }
    /* the last part has no revision */
    return store_part_insert(db, arena, acme.id, parts, N(parts)) ||
           store_revision_insert(db, acme.id, revisions, N(parts) - 1) ||
           store_revision_make_current(db, acme.id, revisions, N(parts) - 1);
}

static int end_suite(void)
{
    arena_free(arena);
    drop_db(db, &settings);
    return 0;
}

static const struct {
    const char *from, *to;
} folds[] = {
    {"", ""},
    {"AB 12", "ab12"},
    {" \t a\u00a0b\u3000c\n", "abc"},
    {"ÄÖÜ ΣΑΣ ЖЪ", "äöüσασжъ"},
    {"İ", "i"}, /* one letter stays one letter */
    {"\U0001f529 M6", "\U0001f529m6"},
};

static void test_fold(void)
{
    for (size_t i = 0; i < N(folds); i++)
        CU_ASSERT_STRING_EQUAL(store_part_fold(arena, folds[i].from), folds[i].to);
}

/* number as a work order spells it, and the part meant; -1: none */
static const struct {
    const char *asked;
    int part, exact;
} asked[] = {
    {"AB-1", 0, 0},          {"ab-1", 1, 1},     {"Ab-1", -1, -1}, /* either could be meant */
    {"äö7", 2, -1},          {"ÄÖ 7", 2, 2},     {"X9", -1, -1},   {"x9", 4, 4},
    {"q ", 5, -1},           {"nobody", -1, -1}, {"AB-1", 0, 0},   {"tab\there", 6, 6},
    {"\"'; DROP--", -1, -1}, {"", -1, -1},
};

static void test_resolve(void)
{
    const char *texts[N(asked) + 1];
    struct store_part_ref refs[N(asked) + 1];
    char longest[300];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    for (size_t i = 0; i < N(asked); i++)
        texts[i] = asked[i].asked;
    texts[N(asked)] = longest;
    for (int folded = 0; folded < 2; folded++) {
        OK((folded ? store_part_resolve : store_part_find)(db, arena, acme.id, texts, N(texts),
                                                           refs));
        for (size_t i = 0; i < N(asked); i++) {
            int part = folded ? asked[i].part : asked[i].exact;
            struct uuid id = part < 0 ? (struct uuid){{0}} : parts[part].id;
            struct uuid revision = part < 0 || part == 6 ? (struct uuid){{0}} : revisions[part].id;
            CU_ASSERT(uuid_equal(&refs[i].part_id, &id));
            CU_ASSERT(uuid_equal(&refs[i].revision_id, &revision));
            if (!folded)
                CU_ASSERT_EQUAL(refs[i].has_hash, part >= 0 && part != 6);
        }
        CU_ASSERT(uuid_is_nil(&refs[N(asked)].part_id));
    }
    CU_ASSERT(!memcmp(refs[0].content_hash, revisions[0].content_hash.text, 32));
    OK(store_part_resolve(db, arena, other.id, texts, N(texts), refs));
    for (size_t i = 0; i < N(texts); i++)
        CU_ASSERT(uuid_is_nil(&refs[i].part_id));
    OK(store_part_resolve(db, arena, acme.id, NULL, 0, NULL));
}

/* many numbers in one call, most of them several times */
static void test_resolve_many(void)
{
    const size_t n = 20000;
    const char **texts = ARENA_ARRAY(arena, n, const char *);
    struct store_part_ref *refs = ARENA_ARRAY(arena, n, struct store_part_ref);
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        texts[i] = i % 3 ? "Q" : arena_printf(arena, "none %zu", i);
    OK(store_part_resolve(db, arena, acme.id, texts, n, refs));
    for (size_t i = 0; i < n; i++)
        wrong +=
            i % 3 ? !uuid_equal(&refs[i].part_id, &parts[5].id) : !uuid_is_nil(&refs[i].part_id);
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_plans(void)
{
    const struct uuid ids[] = {revisions[3].id, parts[0].id, revisions[0].id, revisions[3].id,
                               (struct uuid){{0}}};
    struct store_plan plans[N(ids)];
    OK(store_plan_list(db, arena, acme.id, ids, N(ids), plans));
    CU_ASSERT(uuid_equal(&plans[0].part_id, &parts[3].id));
    CU_ASSERT_STRING_EQUAL(plans[0].process_plan.text, "{\"gross_mass_kg\":3.385}");
    CU_ASSERT(uuid_is_nil(&plans[1].part_id));
    CU_ASSERT_STRING_EQUAL(plans[2].process_plan.text, "{\"gross_mass_kg\":0.385}");
    CU_ASSERT_PTR_EQUAL(plans[3].process_plan.text, plans[0].process_plan.text);
    CU_ASSERT(uuid_is_nil(&plans[4].part_id));
    OK(store_plan_list(db, arena, other.id, ids, N(ids), plans));
    for (size_t i = 0; i < N(ids); i++)
        CU_ASSERT(uuid_is_nil(&plans[i].part_id));
}

static void test_duplicates(void)
{
    const struct store_part again = {
        .id = uuid_v7(), .part_number = "AB-1", .attributes = raw("{}"), .created_at = 1};
    struct store_part renamed = parts[1];
    IS(store_part_insert(db, arena, acme.id, &again, 1), ERR_DUPLICATE);
    renamed.part_number = "AB-1";
    IS(store_part_update(db, arena, acme.id, &renamed), ERR_DUPLICATE);
    OK(store_part_insert(db, arena, other.id, &again, 1));
    IS(store_part_delete(db, acme.id, again.id), ERR_NOT_FOUND);
    OK(store_part_delete(db, other.id, again.id));
}

struct met {
    struct store_quoted quoted[5];
    size_t n;
};

static void meet(void *context, const struct store_quoted *quoted)
{
    struct met *met = context;
    if (met->n < N(met->quoted))
        met->quoted[met->n++] = *quoted;
}

static void test_calculations(void)
{
    const struct uuid env = uuid_v7(), asked_for[] = {revisions[2].id, revisions[1].id};
    struct store_calculation list[5];
    for (size_t i = 0; i < N(list); i++)
        list[i] = (struct store_calculation){.id = uuid_v7(),
                                             .part_id = parts[1].id,
                                             .part_revision_id = revisions[1].id,
                                             .env_id = env,
                                             .status = CALCULATION_SUCCEEDED,
                                             .unit_cost = 2.385 + (double)i,
                                             .uncalibrated_unit_cost = 2.5,
                                             .driver = {0.5, 0.75, 0.25, 1.0},
                                             .lot_size = 12.5,
                                             .model_version = "m1",
                                             .document = raw("{\"a\":1}"),
                                             .created_at = 1};
    list[1].part_revision_id = revisions[2].id;
    list[2].model_version = "m0";
    list[3].env_id = uuid_v7();
    list[4].part_revision_id = revisions[0].id;
    list[4].status = CALCULATION_FAILED;
    list[4].unit_cost = list[4].uncalibrated_unit_cost = list[4].driver[0] = NAN;
    OK(store_calculation_insert(db, acme.id, list, N(list)));
    struct met met = {.n = 0};
    OK(store_calculation_quoted(db, acme.id, env, asked_for, 2, NULL, meet, &met));
    CU_ASSERT_EQUAL_FATAL(met.n, 3);
    for (size_t i = 0; i < met.n; i++) {
        const struct store_quoted *quoted = &met.quoted[i];
        size_t at = quoted->revision ? quoted->unit_cost == 2.385 ? 0 : 2 : 1;
        CU_ASSERT(uuid_equal(&quoted->id, &list[at].id));
        CU_ASSERT_EQUAL(quoted->unit_cost, list[at].unit_cost);
        CU_ASSERT_EQUAL(quoted->driver[3], 1.0);
        CU_ASSERT_EQUAL(quoted->lot_size, 12.5);
    }
    met.n = 0;
    OK(store_calculation_quoted(db, acme.id, env, asked_for, 2, "m1", meet, &met));
    CU_ASSERT_EQUAL(met.n, 2);
    met.n = 0;
    OK(store_calculation_quoted(db, other.id, env, asked_for, 2, NULL, meet, &met));
    CU_ASSERT_EQUAL(met.n, 0);
    const struct uuid of[] = {revisions[2].id, env, revisions[1].id, revisions[0].id};
    struct uuid of_part[N(of)] = {{{0}}};
    const struct uuid anywhere = {{0}};
    OK(store_calculation_parts(db, other.id, anywhere, of, N(of), of_part));
    OK(store_calculation_parts(db, other.id, env, of, N(of), of_part));
    CU_ASSERT(uuid_is_nil(&of_part[0]) && uuid_is_nil(&of_part[2]));
    OK(store_calculation_parts(db, acme.id, list[3].env_id, of, N(of), of_part));
    CU_ASSERT(uuid_is_nil(&of_part[0]));
    CU_ASSERT(uuid_equal(&of_part[2], &revisions[1].part_id));
    memset(of_part, 0, sizeof of_part);
    /* what failed is no quote */
    OK(store_calculation_parts(db, acme.id, env, of, N(of), of_part));
    CU_ASSERT(uuid_equal(&of_part[0], &revisions[2].part_id));
    CU_ASSERT(uuid_equal(&of_part[2], &revisions[1].part_id));
    CU_ASSERT(uuid_is_nil(&of_part[1]) && uuid_is_nil(&of_part[3]));
    memset(of_part, 0, sizeof of_part);
    OK(store_calculation_parts(db, acme.id, anywhere, of, N(of), of_part));
    CU_ASSERT(uuid_equal(&of_part[0], &revisions[2].part_id));
    CU_ASSERT(uuid_equal(&of_part[3], &revisions[0].part_id));
    CU_ASSERT(uuid_is_nil(&of_part[1]));
}

/* A quote that is stored only while its environment is in a state is the same row as any other. */
static void test_current(void)
{
    static const struct step steps[] = {
        {"s", "const", "PRIMARY"}, {"p", "const", "PRIMARY"}, {"f", "const", "PRIMARY"}};
    static const struct sql
        rows = {"SELECT COUNT(*) FROM calculation JOIN environment e ON e.id = env_id"
                " WHERE e.name = 'current'"},
        kinds = {
            "SELECT COUNT(*) FROM (SELECT DISTINCT c.org_id, part_id, part_revision_id, env_id,"
            " status, unit_cost, uncalibrated_unit_cost, c_material, c_run, c_setup, c_other,"
            " lot_size, model_version, HEX(document), c.created_at FROM calculation c"
            " JOIN environment e ON e.id = env_id WHERE e.name = 'current') AS d"};
    struct store_basis basis, later;
    struct store_calculation one = {.id = uuid_v7(),
                                    .part_id = parts[1].id,
                                    .part_revision_id = revisions[1].id,
                                    .env_id = uuid_v7(),
                                    .status = CALCULATION_SUCCEEDED,
                                    .unit_cost = 2.3850000000000002,
                                    .uncalibrated_unit_cost = NAN,
                                    .driver = {0.1, 1e-300, NAN, 1.0},
                                    .lot_size = 12.5,
                                    .model_version = "m1",
                                    .document = raw("{\"bin\":\"Gießerei \U0001F3ED\"} and more"),
                                    .created_at = 1700000000123456};
    one.document.len -= strlen(" and more");
    OK(store_environment_insert(db, acme.id,
                                &(struct store_environment){.id = one.env_id,
                                                            .name = "current",
                                                            .currency = "EUR",
                                                            .enabled_extractors = raw("[]"),
                                                            .attributes = raw("{}")},
                                1));
    OK(store_stamp_environment(db, acme.id, one.env_id));
    OK(store_basis_get(db, arena, acme.id, one.env_id, one.part_revision_id, &basis));
    OK(store_calculation_insert_current(db, acme.id, &one, &basis.state));
    one.id = uuid_v7();
    OK(store_calculation_insert(db, acme.id, &one, 1));
    IS(one_int(db, &rows), 2);
    IS(one_int(db, &kinds), 1);
    check_plan(db, arena, &store_calculation_sql_insert,
               (const struct db_value[]){
                   db_uuid(one.id), db_text(""), db_num(1), db_num(1), db_num(1), db_num(1),
                   db_num(1), db_num(1), db_num(1), db_text(""), db_text(""), db_time(1),
                   db_uuid(acme.id), db_uuid(one.env_id), db_uuid(basis.state.stamp),
                   db_uuid(one.part_revision_id), db_uuid(basis.state.platform)},
               17, steps, N(steps));
    /* of another tenant, without its revision, with another stamp of the platform, in another state
     */
    one.id = uuid_v7();
    IS(store_calculation_insert_current(db, other.id, &one, &basis.state), ERR_RETRY);
    struct store_calculation lost = one;
    lost.part_revision_id = uuid_v7();
    IS(store_calculation_insert_current(db, acme.id, &lost, &basis.state), ERR_RETRY);
    later = basis;
    later.state.platform = uuid_v7();
    IS(store_calculation_insert_current(db, acme.id, &one, &later.state), ERR_RETRY);
    OK(store_stamp_environment(db, acme.id, one.env_id));
    IS(store_calculation_insert_current(db, acme.id, &one, &basis.state), ERR_RETRY);
    OK(store_basis_get(db, arena, acme.id, one.env_id, one.part_revision_id, &later));
    OK(store_calculation_insert_current(db, acme.id, &one, &later.state));
    IS(one_int(db, &rows), 3);
}

/* Most quotes are of one status: counted by a key, not by the rows, which are the documents. */
static void test_count(void)
{
    static const char *const keys[] = {"calculation_status", "calculation_status",
                                       "calculation_part", "calculation_part"};
    const struct db_value args[] = {db_uuid(acme.id), db_uuid(parts[1].id)};
    const struct db_value status = db_text(CALCULATION_SUCCEEDED);
    OK(db_script(db, "INSERT INTO calculation (org_id, id, part_id, part_revision_id, env_id,"
                     " status, lot_size, model_version, document, created_at)"
                     " SELECT id, UUID(), UUID(), UUID(), UUID(), 'succeeded', 1, 'm', '{}', NOW(6)"
                     " FROM org, seq_1_to_2000 WHERE name = 'acme'"));
    OK(db_script(db, "ANALYZE TABLE calculation"));
    for (size_t i = 0; i < N(keys); i++) {
        const struct step step[] = {{"calculation", "ref", keys[i]}};
        const struct db_value of[] = {args[0], i & 2 ? args[1] : status, status};
        check_plan(db, arena, store_calculation_sql_count[i], of, 1 + (i & 1) + (i >> 1), step, 1);
    }
}

void suite_store_part(void)
{
    CU_pSuite s = CU_add_suite("store_part", begin_suite, end_suite);

    CU_ADD_TEST(s, test_fold);
    CU_ADD_TEST(s, test_resolve);
    CU_ADD_TEST(s, test_resolve_many);
    CU_ADD_TEST(s, test_plans);
    CU_ADD_TEST(s, test_duplicates);
    CU_ADD_TEST(s, test_calculations);
    CU_ADD_TEST(s, test_current);
    CU_ADD_TEST(s, test_count);
}
