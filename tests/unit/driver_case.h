/* SPDX-License-Identifier: GPL-3.0-or-later */
/* driver_case.h: rows, fits and records for the unit tests of the driver posterior */
#ifndef DRIVER_CASE_H
#define DRIVER_CASE_H

#include "calc_driver.h"
#include "calc_driver_posterior.h"
#include "golden.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>

enum { CASE_ROWS = 256, CASE_FIELD = 24 };

/* Rows with room for their texts. */
struct driver_rows {
    size_t n;
    struct calc_driver_row row[CASE_ROWS];
    char text[CASE_ROWS][2][CASE_FIELD];
};

/* One fit from rows to record. Everything is freed by driver_case_clear(). */
struct driver_case {
    struct calc_driver_set set;
    struct calc_driver_fit fit;
    struct calc_driver_view view;
    void *set_memory, *fit_memory, *record;
    size_t record_size;
};

static inline struct calc_key driver_key(const char *s)
{
    return (struct calc_key){s, strlen(s)};
}

static inline void driver_case_clear(struct driver_case *c)
{
    free(c->set_memory);
    free(c->fit_memory);
    free(c->record);
    memset(c, 0, sizeof *c);
}

/* Build, fit, pack and open; the status of the first that fails. */
static inline enum calc_status
driver_case_run(struct driver_case *c, const struct calc_driver_row *rows, size_t n, double alpha)
{
    enum calc_status status;
    size_t size = calc_driver_set_size(n);

    memset(c, 0, sizeof *c);
    c->set_memory = malloc(size);
    status = calc_driver_set_build(&c->set, rows, n, c->set_memory, size, NULL);
    if (status != CALC_OK)
        return status;
    size = calc_driver_fit_size(&c->set);
    c->fit_memory = malloc(size);
    status = calc_driver_fit(&c->fit, &c->set, alpha, c->fit_memory, size);
    if (status != CALC_OK)
        return status;
    c->record_size = calc_driver_pack_size(&c->fit);
    c->record = malloc(c->record_size);
    status = calc_driver_pack(&c->fit, c->record, c->record_size);
    if (status != CALC_OK)
        return status;
    return calc_driver_unpack(&c->view, c->record, c->record_size);
}

/* Read a comma-separated file of the data folder with a header line; false when absent. */
static inline bool driver_rows_load(struct driver_rows *out, const char *name)
{
    static const char *const number[] = {"c_material", "c_run",     "c_setup", "c_other",
                                         "lot_size",   "predicted", "actual"};
    FILE *f = golden_open(name);
    char header[512], line[512];

    memset(out, 0, sizeof *out);
    if (f == NULL)
        return false;
    if (fgets(header, sizeof header, f) == NULL)
        header[0] = '\0';
    while (out->n < CASE_ROWS && fgets(line, sizeof line, f) != NULL) {
        struct calc_driver_row *row = &out->row[out->n];
        double *to[] = {&row->c[0],     &row->c[1],      &row->c[2],  &row->c[3],
                        &row->lot_size, &row->predicted, &row->actual};
        char *h = header, *v = line;

        while (h != NULL && v != NULL) {
            size_t hn = strcspn(h, ",\r\n"), vn = strcspn(v, ",\r\n");
            bool last = h[hn] != ',';

            if (hn == 4 && memcmp(h, "part", 4) == 0)
                snprintf(out->text[out->n][0], CASE_FIELD, "%.*s", (int)vn, v);
            if (hn == 3 && memcmp(h, "bin", 3) == 0)
                snprintf(out->text[out->n][1], CASE_FIELD, "%.*s", (int)vn, v);
            for (size_t i = 0; i < sizeof number / sizeof number[0]; i++)
                if (hn == strlen(number[i]) && memcmp(h, number[i], hn) == 0 && vn > 0)
                    *to[i] = strtod(v, NULL);
            h = last ? NULL : h + hn + 1;
            v = v[vn] == ',' ? v + vn + 1 : NULL;
        }
        row->part = driver_key(out->text[out->n][0]);
        row->bin = driver_key(out->text[out->n][1]);
        row->key = out->n + 1;
        out->n++;
    }
    fclose(f);
    return true;
}

enum { MADE_ROWS = 150, MADE_PARTS = 46, MADE_BINS = 3 };

/* Rows of a shop that needs more setup and less material than planned. drivers: how many occur. */
static inline void driver_rows_make(struct driver_rows *out, unsigned drivers,
                                    unsigned long long seed)
{
    memset(out, 0, sizeof *out);
    out->n = MADE_ROWS;
    for (size_t i = 0; i < out->n; i++) {
        /* a third of the parts with one row, some with many */
        size_t part = i < MADE_PARTS ? i : (size_t)(golden_uniform(&seed) * 30);
        unsigned long long own = 977 * (part + 3);
        struct calc_driver_row *row = &out->row[i];
        double y = 0;

        for (int warm = 0; warm < 9; warm++)
            golden_uniform(&own);
        snprintf(out->text[i][0], CASE_FIELD, "part-%03zu", part * 37 % 101);
        snprintf(out->text[i][1], CASE_FIELD, "%s",
                 (const char *[]){"", "K\xc3\xb6ln", "Z"}[part % 3]);
        row->lot_size = (double)(1 + i % 7 * (i % 5) * 3);
        for (unsigned k = 0; k < drivers; k++) {
            row->c[k] = exp(golden_normal(&own)) * (k == 2 ? 30 / row->lot_size : 3);
            y += row->c[k] * exp(0.3 * k - 0.2 + 0.2 * golden_normal(&own));
        }
        row->actual = y * exp(0.08 * golden_normal(&seed));
        row->key = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
        row->part = driver_key(out->text[i][0]);
        row->bin = driver_key(out->text[i][1]);
    }
}

static inline void driver_rows_shuffle(struct calc_driver_row *row, size_t n,
                                       unsigned long long seed)
{
    for (size_t i = n; i-- > 1;) {
        size_t j = (size_t)(golden_uniform(&seed) * (double)(i + 1));
        struct calc_driver_row t = row[i];

        row[i] = row[j];
        row[j] = t;
    }
}

/* A row with two drivers, different for every i. */
static inline void driver_row_plain(struct calc_driver_row *r, size_t i)
{
    r->c[0] = 2.385 + (double)i;
    r->c[1] = 1.77;
    r->actual = 4.9 + 1.3 * (double)i;
}

#endif
