/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_agreement.c: Krippendorff's alpha by hand, by definition, and golden */
#include "calc_agreement.h"
#include "label_table.h"

#include <CUnit/CUnit.h>

void suite_calc_agreement(void);

enum { MAX_UNITS = 64, MAX_VALUES = 512, KINDS = 12 };

static const struct {
    enum calc_agreement_metric metric;
    const char *name;
} metrics[] = {
    {CALC_AGREEMENT_NOMINAL, "nominal"},
    {CALC_AGREEMENT_ORDINAL, "ordinal"},
    {CALC_AGREEMENT_INTERVAL, "interval"},
    {CALC_AGREEMENT_RATIO, "ratio"},
};

static const double scale[KINDS] = {0, 1, 2, 3, 4, 5, 6.5, 7, 8, 9, 11, 20};
static double mem[8 * KINDS];

struct reliability {
    uint32_t begin[MAX_UNITS + 1], code[MAX_VALUES], n_units;
};

static struct calc_agreement_units units_of(const struct reliability *r)
{
    return (struct calc_agreement_units){
        .n_units = r->n_units,
        .begin = r->begin,
        .end = r->begin + 1,
        .code = r->code,
        .modulus = KINDS,
        .n_values = KINDS,
        .value = scale,
    };
}

static void add(struct reliability *r, const char *codes)
{
    uint32_t at = r->begin[r->n_units];

    while (*codes)
        r->code[at++] = (uint32_t)(*codes++ - '0');
    r->begin[++r->n_units] = at;
}

/*
 * Units 11, 12, 22 and a lone 5 that does not count: n = 6, n_1 = n_2 = 3. Nominal: O = 2,
 * E = 36 - 18 = 18, alpha = 1 - 5 * 2 / 18 = 4/9. With two values 1 apart interval is the same.
 * Ranks 1.5 and 4.5 stretch both sides alike. Without unit 1 or 3: n = 4, O = 2, E = 16 - 10 = 6,
 * alpha = 0; without unit 2: alpha = 1. Mean 1/3, se = sqrt(2/3 * (1/9 + 1/9 + 4/9)) = 2/3.
 */
static void test_by_hand(void)
{
    struct reliability r = {.n_units = 0};
    struct calc_agreement a;
    double se;

    add(&r, "11");
    add(&r, "12");
    add(&r, "5");
    add(&r, "22");

    struct calc_agreement_units u = units_of(&r);

    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(calc_agreement_alpha(metrics[i].metric, &u, mem, sizeof mem, &a), CALC_OK);
        CU_ASSERT(golden_close(a.alpha, 4.0 / 9.0, 1e-14));
        CU_ASSERT_EQUAL(a.n, 6);
        CU_ASSERT_EQUAL(a.units, 3);
        CU_ASSERT_EQUAL(calc_agreement_jackknife(metrics[i].metric, &u, mem, sizeof mem, &se),
                        CALC_OK);
        CU_ASSERT(golden_close(se, 2.0 / 3.0, 1e-14));
    }
}

static double distance(enum calc_agreement_metric m, const double *rank, uint32_t c, uint32_t k)
{
    double d = scale[c] - scale[k];

    if (m == CALC_AGREEMENT_NOMINAL)
        return c != k;
    if (m == CALC_AGREEMENT_ORDINAL)
        d = rank[c] - rank[k];
    if (m == CALC_AGREEMENT_RATIO)
        d = c == k ? 0.0 : d / (scale[c] + scale[k]);
    return d * d;
}

/* The definition, pair by pair; without = unit left out. */
static double by_definition(enum calc_agreement_metric m, const struct reliability *r,
                            uint32_t without)
{
    double n_c[KINDS] = {0}, rank[KINDS], n = 0, below = 0, o = 0, e = 0;

    for (uint32_t u = 0; u < r->n_units; u++)
        for (uint32_t s = r->begin[u]; s < r->begin[u + 1]; s++)
            if (u != without && r->begin[u + 1] - r->begin[u] >= 2) {
                n_c[r->code[s]]++;
                n++;
            }
    for (uint32_t c = 0; c < KINDS; c++) {
        rank[c] = below + n_c[c] / 2;
        below += n_c[c];
    }
    for (uint32_t u = 0; u < r->n_units; u++) {
        double m_u = r->begin[u + 1] - r->begin[u];

        if (u == without || m_u < 2)
            continue;
        for (uint32_t s = r->begin[u]; s < r->begin[u + 1]; s++)
            for (uint32_t v = r->begin[u]; v < r->begin[u + 1]; v++)
                o += distance(m, rank, r->code[s], r->code[v]) / (m_u - 1);
    }
    for (uint32_t c = 0; c < KINDS; c++)
        for (uint32_t k = 0; k < KINDS; k++)
            e += n_c[c] * n_c[k] * distance(m, rank, c, k);
    return 1 - (n - 1) * o / e;
}

static void test_by_definition(void)
{
    unsigned long long seed = 4711;

    for (int round = 0; round < 40; round++) {
        struct reliability r = {.n_units = 0};

        for (int u = 0; u < 20; u++) {
            uint32_t at = r.begin[r.n_units], base = (uint32_t)(golden_uniform(&seed) * 6);

            for (int s = (int)(golden_uniform(&seed) * 9); s > 0; s--)
                r.code[at++] = base + (uint32_t)(golden_uniform(&seed) * 5);
            r.begin[++r.n_units] = at;
        }

        struct calc_agreement_units u = units_of(&r);

        for (size_t i = 0; i < 4; i++) {
            enum calc_agreement_metric m = metrics[i].metric;
            double leave[MAX_UNITS], mean = 0, se, sum = 0, n = 0;
            struct calc_agreement a;

            CU_ASSERT_EQUAL(calc_agreement_alpha(m, &u, mem, sizeof mem, &a), CALC_OK);
            CU_ASSERT(fabs(a.alpha - by_definition(m, &r, UINT32_MAX)) < 1e-12);
            CU_ASSERT(golden_close(1.0 - a.observed / a.expected, a.alpha, 1e-9));
            for (uint32_t x = 0; x < r.n_units; x++)
                if (r.begin[x + 1] - r.begin[x] >= 2) {
                    leave[(int)n] = by_definition(m, &r, x);
                    mean += leave[(int)n++];
                }
            mean /= n;
            for (int x = 0; x < (int)n; x++)
                sum += (leave[x] - mean) * (leave[x] - mean);
            CU_ASSERT_EQUAL(calc_agreement_jackknife(m, &u, mem, sizeof mem, &se), CALC_OK);
            CU_ASSERT(golden_close(se, sqrt((n - 1) / n * sum), 1e-10));
        }
    }
}

static void test_undefined(void)
{
    struct reliability none = {.n_units = 0}, same = {.n_units = 0}, weak = {.n_units = 0};
    struct reliability single = {.n_units = 0};
    struct calc_agreement a;
    double se = -1;

    add(&none, "1");
    add(&none, "2");
    add(&same, "33");
    add(&same, "3333");
    add(&same, "7"); /* another value, but not pairable */
    add(&weak, "33");
    add(&weak, "345"); /* without it only one value is left */
    add(&single, "12");
    for (size_t i = 0; i < 4; i++) {
        enum calc_agreement_metric m = metrics[i].metric;
        struct calc_agreement_units u = units_of(&none);

        CU_ASSERT_EQUAL(calc_agreement_alpha(m, &u, mem, sizeof mem, &a), CALC_UNDEFINED);
        CU_ASSERT_EQUAL(a.reason, CALC_AGREEMENT_NO_PAIR);
        u = units_of(&same);
        CU_ASSERT_EQUAL(calc_agreement_alpha(m, &u, mem, sizeof mem, &a), CALC_UNDEFINED);
        CU_ASSERT_EQUAL(a.reason, CALC_AGREEMENT_ONE_VALUE);
        CU_ASSERT_EQUAL(a.n, 6);
        CU_ASSERT_EQUAL(calc_agreement_jackknife(m, &u, mem, sizeof mem, &se), CALC_UNDEFINED);
        u = units_of(&weak);
        CU_ASSERT_EQUAL(calc_agreement_alpha(m, &u, mem, sizeof mem, &a), CALC_OK);
        CU_ASSERT_EQUAL(calc_agreement_jackknife(m, &u, mem, sizeof mem, &se), CALC_UNDEFINED);
        u = units_of(&single);
        CU_ASSERT_EQUAL(calc_agreement_alpha(m, &u, mem, sizeof mem, &a), CALC_OK);
        CU_ASSERT(fabs(a.alpha) < 1e-15); /* n = 2: as bad as chance */
        CU_ASSERT_EQUAL(calc_agreement_jackknife(m, &u, mem, sizeof mem, &se), CALC_UNDEFINED);
    }
    CU_ASSERT_EQUAL(se, -1.0);
}

static void test_domain(void)
{
    const double falling[KINDS] = {3, 2, 1},
                 negative[KINDS] = {-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    struct reliability r = {.n_units = 0};
    struct calc_agreement a;

    add(&r, "12");
    add(&r, "13");

    struct calc_agreement_units u = units_of(&r);

    CU_ASSERT_EQUAL(
        calc_agreement_alpha(CALC_AGREEMENT_RATIO, &u, mem, calc_agreement_size(KINDS) - 1, &a),
        CALC_SIZE);
    u.value = falling;
    CU_ASSERT_EQUAL(calc_agreement_alpha(CALC_AGREEMENT_ORDINAL, &u, mem, sizeof mem, &a),
                    CALC_DOMAIN);
    u.value = negative;
    CU_ASSERT_EQUAL(calc_agreement_alpha(CALC_AGREEMENT_INTERVAL, &u, mem, sizeof mem, &a),
                    CALC_OK);
    CU_ASSERT_EQUAL(calc_agreement_alpha(CALC_AGREEMENT_RATIO, &u, mem, sizeof mem, &a),
                    CALC_DOMAIN);
    u.value = NULL;
    CU_ASSERT_EQUAL(calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &u, mem, sizeof mem, &a), CALC_OK);
    CU_ASSERT_EQUAL(calc_agreement_alpha(CALC_AGREEMENT_INTERVAL, &u, mem, sizeof mem, &a),
                    CALC_DOMAIN);
    u.n_values = 3;
    CU_ASSERT_EQUAL(calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &u, mem, sizeof mem, &a),
                    CALC_DOMAIN);
    u.n_values = 0;
    CU_ASSERT_EQUAL(calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &u, mem, sizeof mem, &a),
                    CALC_DOMAIN);
}

/* Columns are units (rows = false) or rows are; empty fields are missing values. */
static bool load(struct reliability *r, const char *name, bool rows)
{
    char line[256], cell[32][64] = {{0}};
    FILE *f = golden_open(name);
    size_t lengths[64] = {0}, row = 0;

    if (f == NULL)
        return false;
    memset(r, 0, sizeof *r);
    if (fgets(line, sizeof line, f) == NULL)
        abort();
    while (fgets(line, sizeof line, f) != NULL) {
        char *rest = line, *field;
        size_t unit = rows ? row : 0;

        line[strcspn(line, "\r\n")] = 0;
        if (!rows)
            strsep(&rest, ",");
        while ((field = strsep(&rest, ",")) != NULL) {
            if (*field)
                cell[unit][lengths[unit]++] = *field;
            unit += !rows;
        }
        row++;
    }
    fclose(f);
    for (size_t unit = 0; unit < 32; unit++)
        if (lengths[unit] > 0)
            add(r, cell[unit]);
    return true;
}

static void test_golden(void)
{
    static const struct {
        const char *file, *at;
        bool rows;
    } sets[] = {
        {"numerics/t7_krippendorff2011_4obs.csv", "t7_krippendorff2011_4obs/ref", false},
        {"numerics/t7_wikipedia_3coders.csv", "t7_wikipedia_3coders/ref", false},
        {"numerics/t7_video_irr.csv", "t7_video_irr/ref", true},
    };
    struct json_object *expected = golden_load("numerics/expected.json");

    for (size_t x = 0; expected && x < 3; x++) {
        struct json_object *all = golden_at(expected, sets[x].at);
        struct calc_agreement_units u;
        struct calc_agreement a;
        struct reliability r;
        double se;

        if (!load(&r, sets[x].file, sets[x].rows))
            break;
        u = units_of(&r);
        for (size_t i = 0; i < 4; i++) {
            struct json_object *want = golden_at(all, metrics[i].name);

            CU_ASSERT_EQUAL(calc_agreement_alpha(metrics[i].metric, &u, mem, sizeof mem, &a),
                            CALC_OK);
            CU_ASSERT(golden_close(a.alpha, golden_num(want, "alpha"), 1e-10));
            CU_ASSERT(golden_close(a.observed, golden_num(want, "D_o"), 1e-10));
            CU_ASSERT(golden_close(a.expected, golden_num(want, "D_e"), 1e-10));
            CU_ASSERT_EQUAL(a.n, (uint32_t)golden_num(want, "n"));
            CU_ASSERT_EQUAL(a.units, (uint32_t)golden_num(want, "units"));
            CU_ASSERT_EQUAL(calc_agreement_jackknife(metrics[i].metric, &u, mem, sizeof mem, &se),
                            CALC_OK);
            CU_ASSERT(golden_close(se, golden_num(want, "jackknife_se"), 1e-10));
        }
    }
    json_object_put(expected);
}

/* Labels as units, by way of their cells; leaving the only disagreement out makes alpha 1. */
static void test_labels(void)
{
    static struct label_table table;
    static uint32_t labels_mem[40000];
    const struct calc_label rows[] = {{0, 0, 0}, {0, 1, 0}, {1, 0, 1}, {1, 1, 1},
                                      {2, 0, 0}, {2, 1, 1}, {2, 2, 0}, {1, 2, 0}};
    const uint8_t blocked[] = {0, 0, 1}, skip[] = {0, 0, 1};
    struct json_object *expected;
    struct calc_agreement_units u;
    struct calc_agreement a;
    struct calc_labels d;
    double se;

    CU_ASSERT_EQUAL_FATAL(
        calc_labels_build(&d, rows, 8, 3, 3, 2, blocked, labels_mem, sizeof labels_mem), CALC_OK);
    u = calc_agreement_from_labels(&d, NULL);
    CU_ASSERT_EQUAL(calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &u, mem, sizeof mem, &a), CALC_OK);
    CU_ASSERT(golden_close(a.alpha, 4.0 / 9.0, 1e-14)); /* as in test_by_hand */
    u = calc_agreement_from_labels(&d, skip);
    CU_ASSERT_EQUAL(calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &u, mem, sizeof mem, &a), CALC_OK);
    CU_ASSERT_EQUAL(a.alpha, 1.0);

    static const struct {
        const char *file, *at;
        bool gold;
    } sets[] = {
        {"numerics/t6_anesthesia_dawid_skene_1979.csv", "t6_anesthesia/ref", false},
        {"numerics/t6_temp_snow2008.csv", "t6_temp_snow2008", true},
        {"numerics/t6_wsd_snow2008.csv", "t6_wsd_snow2008", true},
    };

    expected = golden_load("numerics/expected.json");
    for (size_t x = 0; expected && x < 3; x++) {
        struct json_object *want =
            golden_at(golden_at(expected, sets[x].at), "krippendorff_nominal");

        if (!label_table_load(&table, sets[x].file, sets[x].gold))
            break;
        CU_ASSERT_EQUAL_FATAL(calc_labels_build(&d, table.row, table.n, table.tasks.n,
                                                table.annotators.n, table.classes.n, NULL,
                                                labels_mem, sizeof labels_mem),
                              CALC_OK);
        u = calc_agreement_from_labels(&d, NULL);
        CU_ASSERT_EQUAL(calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &u, mem, sizeof mem, &a),
                        CALC_OK);
        CU_ASSERT(golden_close(a.alpha, golden_num(want, "alpha"), 1e-10));
        CU_ASSERT_EQUAL(a.n, (uint32_t)golden_num(want, "n"));
        CU_ASSERT_EQUAL(calc_agreement_jackknife(CALC_AGREEMENT_NOMINAL, &u, mem, sizeof mem, &se),
                        CALC_OK);
        CU_ASSERT(golden_close(se, golden_num(want, "jackknife_se"), 1e-10));
    }
    json_object_put(expected);
}

/* Few kinds are counted another way than many: a kind more that nobody chose, or a unit too large
   for it, changes nothing; nor does one that is as large as it gets. Codes beyond the modulus are
   taken modulo it by both. */
static void test_few_kinds(void)
{
    enum { UNITS = 200, LARGE = 300 };
    static const uint32_t sizes[] = {0, 1, 2, 3, 4, 5, 6, 15, 16, 255};
    static uint32_t begin[UNITS + 1], code[UNITS * 31 + LARGE];
    static double room[16 * 16];

    for (uint32_t kinds = 1; kinds <= 8; kinds++) {
        unsigned long long seed = kinds;

        for (uint32_t u = 0; u < UNITS; u++) {
            uint32_t m = u == UNITS / 2 ? LARGE : sizes[u % 10];
            bool unanimous = u % 20 > 10;

            begin[u + 1] = begin[u] + m;
            for (uint32_t s = begin[u]; s < begin[u + 1]; s++)
                code[s] = (uint32_t)(golden_uniform(&seed) * 1000) * kinds +
                          (unanimous ? u : (uint32_t)(golden_uniform(&seed) * kinds)) % kinds;
        }
        for (uint32_t n_units = UNITS / 2; n_units <= UNITS; n_units += UNITS / 2) {
            struct calc_agreement_units u = {.n_units = n_units,
                                             .begin = begin,
                                             .end = begin + 1,
                                             .code = code,
                                             .modulus = kinds,
                                             .n_values = kinds};
            struct calc_agreement few, many;
            enum calc_status status =
                calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &u, room, sizeof room, &few);

            CU_ASSERT_EQUAL(status, kinds > 1 ? CALC_OK : CALC_UNDEFINED);
            u.n_values = 9;
            CU_ASSERT_EQUAL(
                calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &u, room, sizeof room, &many), status);
            CU_ASSERT_EQUAL(few.n, many.n);
            CU_ASSERT_EQUAL(few.units, many.units);
            CU_ASSERT_EQUAL(few.reason, many.reason);
            CU_ASSERT_DOUBLE_EQUAL(few.alpha, many.alpha, 1e-13);
        }
    }
}

void suite_calc_agreement(void)
{
    CU_pSuite s = CU_add_suite("calc_agreement", NULL, NULL);

    CU_add_test(s, "by hand", test_by_hand);
    CU_add_test(s, "equals the definition pair by pair", test_by_definition);
    CU_add_test(s, "undefined, with the reason", test_undefined);
    CU_add_test(s, "domain", test_domain);
    CU_add_test(s, "golden: Krippendorff, Wikipedia, video", test_golden);
    CU_add_test(s, "labels of a campaign", test_labels);
    CU_add_test(s, "few kinds and large units", test_few_kinds);
}
