/* SPDX-License-Identifier: GPL-3.0-or-later */
/* golden.h: access of unit tests to the public data with known answers, which is not in the tree */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <json-c/json.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The data folder is $COSTWRIGHT_DATA, else ../shared/data beside the top source directory
 * ($srcdir under make check). Where it is missing a golden test prints that it is skipped.
 */
static inline FILE *golden_open(const char *name)
{
    const char *dir = getenv("COSTWRIGHT_DATA");
    const char *src = getenv("srcdir");
    char path[4096];
    FILE *f;

    if (dir != NULL)
        snprintf(path, sizeof path, "%s/%s", dir, name);
    else
        snprintf(path, sizeof path, "%s/../shared/data/%s", src != NULL ? src : ".", name);
    f = fopen(path, "r");
    if (f == NULL)
        printf("skipped: no %s\n", path);
    return f;
}

/* Parse a JSON file of the data folder; NULL when absent, aborts when it is none. The caller puts
 * it. */
static inline struct json_object *golden_load(const char *name)
{
    FILE *f = golden_open(name);
    struct json_object *o = NULL;

    if (f == NULL)
        return NULL;
    o = json_object_from_fd(fileno(f));
    fclose(f);
    if (o == NULL) {
        fprintf(stderr, "golden data: %s is no JSON\n", name);
        abort();
    }
    return o;
}

/* Member at a path of names separated by '/'; aborts when absent: the test itself is wrong. */
static inline struct json_object *golden_at(struct json_object *o, const char *path)
{
    char copy[512];
    char *save = NULL;

    snprintf(copy, sizeof copy, "%s", path);
    for (char *t = strtok_r(copy, "/", &save); t != NULL; t = strtok_r(NULL, "/", &save)) {
        struct json_object *next = NULL;

        if (!json_object_object_get_ex(o, t, &next)) {
            fprintf(stderr, "golden data: no %s in %s\n", t, path);
            abort();
        }
        o = next;
    }
    return o;
}

static inline double golden_num(struct json_object *o, const char *path)
{
    return json_object_get_double(golden_at(o, path));
}

static inline double golden_item(struct json_object *array, size_t i)
{
    return json_object_get_double(json_object_array_get_idx(array, i));
}

/* |got - want| <= rel * |want|, or both tiny. */
static inline bool golden_close(double got, double want, double rel)
{
    bool ok = fabs(got - want) <= rel * fabs(want) || fabs(got - want) < 1e-300;

    if (!ok)
        fprintf(stderr, "got %.17g, want %.17g\n", got, want);
    return ok;
}

/* A small deterministic generator for simulations (xorshift64*, Marsaglia 2003, Vigna 2016). */
static inline double golden_uniform(unsigned long long *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return ((double)((*state * 2685821657736338717ULL) >> 11) + 0.5) * 0x1p-53;
}

static inline double golden_normal(unsigned long long *state)
{
    double u = golden_uniform(state);
    double v = golden_uniform(state);

    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

#endif
