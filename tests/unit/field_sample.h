/* SPDX-License-Identifier: GPL-3.0-or-later */
/* field_sample.h: a shape with a field of every kind and flag, for unit tests and fuzzing */
#ifndef FIELD_SAMPLE_H
#define FIELD_SAMPLE_H

#include "arena.h"
#include "buf.h"
#include "field.h"
#include "json_in.h"

#include <string.h>

struct sample_row {
    struct uuid id;
    double predicted, actual;
    const char *bin;
};

struct sample {
    const char *name, *note, *size, *currency;
    struct uuid ref;
    int32_t valid_from, valid_to;
    int64_t at, count, secret;
    double rate, share;
    int8_t active;
    struct field_raw extra, value;
    const struct sample_row *best;
    struct field_list rows, tags, grid, dates, any;
    uint64_t nulls;
};

static const char *sample_currency(const char *text)
{
    return strlen(text) == 3 ? NULL : "must be a currency code of three letters";
}

/* extra must not speak of the name: a rule that needs another member */
static void sample_inside(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct sample *sample = thing;
    const struct field_path here = {.up = path, .key = "extra"};
    if (strstr(sample->extra.text, sample->name))
        flaw_add_at(flaws, &here, sample->name, "not_allowed", "stands inside");
}

static void sample_row_check(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct sample_row *row = thing;
    if (row->actual > 10 * row->predicted)
        flaw_add_at(flaws, path, "actual", "implausible", "is more than ten times the prediction");
}

static void sample_check(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct sample *sample = thing;
    if (sample->valid_to != DATE_NONE && sample->valid_to < sample->valid_from)
        flaw_add(flaws, path, "wrong_order", "valid_to lies before valid_from");
}

static const char *const sample_sizes[] = {"small", "medium", "large", NULL};

#define ROW(member, of_kind)                                                                       \
    .name = #member, .kind = (of_kind), .offset = offsetof(struct sample_row, member)
#define SAMPLE(member, of_kind)                                                                    \
    .name = #member, .kind = (of_kind), .offset = offsetof(struct sample, member)

static const struct field sample_row_fields[] = {
    {ROW(id, FIELD_UUID), .flags = FIELD_REQUIRED, .help = "What was priced."},
    {ROW(predicted, FIELD_NUM), .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN, FIELD_FROM(0)},
    {ROW(actual, FIELD_NUM), .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN, FIELD_FROM(0)},
    {ROW(bin, FIELD_TEXT), .otherwise = "\"all\""},
};

static const struct field_rule sample_row_rules[] = {{sample_row_check, {"predicted", "actual"}}};

static const struct shape sample_row_shape = {
    .name = "SampleRow",
    SHAPE_OF(struct sample_row, sample_row_fields),
    .nulls = SHAPE_NO_NULLS,
    SHAPE_RULES(sample_row_rules),
};

static const struct field sample_fields[] = {
    {SAMPLE(name, FIELD_TEXT), .flags = FIELD_REQUIRED | FIELD_NAME_TEXT, .help = "Unique name."},
    {SAMPLE(note, FIELD_TEXT), .flags = FIELD_NULLABLE, FIELD_BETWEEN(2, 5)},
    {SAMPLE(size, FIELD_TEXT), .choices = sample_sizes, .otherwise = "\"medium\""},
    {SAMPLE(currency, FIELD_TEXT), .check = sample_currency, .otherwise = "\"EUR\""},
    {SAMPLE(ref, FIELD_UUID), .flags = FIELD_NULLABLE},
    {SAMPLE(valid_from, FIELD_DATE), .otherwise = "\"2026-01-01\""},
    {SAMPLE(valid_to, FIELD_DATE), .flags = FIELD_NULLABLE},
    {SAMPLE(at, FIELD_TIME), .flags = FIELD_ADDED},
    {SAMPLE(count, FIELD_INT), .otherwise = "100", FIELD_BETWEEN(1, 500)},
    {SAMPLE(secret, FIELD_INT), .flags = FIELD_HIDDEN, .otherwise = "7"},
    {SAMPLE(rate, FIELD_NUM), .flags = FIELD_ABOVE_MIN, FIELD_FROM(0)},
    {SAMPLE(share, FIELD_NUM), .flags = FIELD_FITTED | FIELD_BELOW_MAX, FIELD_UP_TO(0.5)},
    {SAMPLE(active, FIELD_BOOL), .otherwise = "true"},
    {SAMPLE(extra, FIELD_JSON), .flags = FIELD_OBJECT_JSON, .otherwise = "{}"},
    {SAMPLE(value, FIELD_JSON), .flags = FIELD_NULL_IS_VALUE},
    {SAMPLE(best, FIELD_OBJECT), .shape = &sample_row_shape, .flags = FIELD_NULLABLE},
    {SAMPLE(rows, FIELD_LIST), .item = FIELD_OBJECT, .shape = &sample_row_shape,
     .flags = FIELD_NULLABLE, FIELD_BETWEEN(1, 3)},
    {SAMPLE(tags, FIELD_LIST), .item = FIELD_TEXT, .flags = FIELD_NAME_TEXT},
    {SAMPLE(grid, FIELD_LIST), .item = FIELD_INT, .flags = FIELD_NULLABLE, FIELD_ITEMS_FROM(0)},
    {SAMPLE(dates, FIELD_LIST), .item = FIELD_DATE},
    {SAMPLE(any, FIELD_LIST), .item = FIELD_JSON},
};

static const struct field_rule sample_rules[] = {
    {sample_inside, {"name", "extra"}},
    {sample_check, {"valid_from", "valid_to"}},
};

static const struct shape sample_shape = {
    .name = "Sample",
    SHAPE_OF(struct sample, sample_fields),
    .nulls = offsetof(struct sample, nulls),
    SHAPE_RULES(sample_rules),
    .help = "A bit of everything.",
};

#endif
