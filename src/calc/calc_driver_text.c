/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_text.c: the names the driver posterior is reported under */
#include "calc_driver_posterior.h"

#include <string.h>

static const char *const model_text[] = {"identity", "bias", "drivers"};
static const char *const name_text[] = {"material", "run", "setup", "other", "total"};
static const char *const kind_text[] = {"part4", "part2", "part1", "bin", "env", "bin:"};
static const char *const verdict_text[] = {"improved", "not_improved", "insufficient_data"};
static const char *const method_text[] = {
    "own",
    "all_bins",
    "all_seen",
    "borrowed:part4",
    "borrowed:part2",
    "borrowed:part1",
    "borrowed:bin",
    "borrowed:all_seen",
    "insufficient_data",
};

const char *calc_driver_model_text(enum calc_driver_model model)
{
    return model_text[model];
}

const char *calc_driver_name_text(enum calc_driver_name name)
{
    return name_text[name];
}

const char *calc_driver_kind_text(enum calc_driver_kind kind)
{
    return kind_text[kind];
}

const char *calc_driver_method_text(enum calc_driver_method method)
{
    return method_text[method];
}

const char *calc_driver_verdict_text(enum calc_driver_verdict verdict)
{
    return verdict_text[verdict];
}

static void append(char *text, size_t size, size_t *used, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++, (*used)++)
        if (*used + 1 < size)
            text[*used] = s[i];
}

size_t calc_driver_basis(const struct calc_driver_view *view, size_t group, char *text, size_t size)
{
    struct calc_driver_group g = calc_driver_view_group(view, group);
    const char *kind = kind_text[g.kind], *method = method_text[g.method];
    size_t used = 0;

    append(text, size, &used, kind, strlen(kind));
    if (g.kind == CALC_DRIVER_LABEL) {
        struct calc_key label = calc_driver_view_bin(view, g.bin).label;

        append(text, size, &used, label.s, label.n);
    }
    if (g.method != CALC_DRIVER_OWN) {
        append(text, size, &used, "/", 1);
        append(text, size, &used, method, strlen(method));
    }
    if (size > 0)
        text[used < size ? used : size - 1] = '\0';
    return used;
}
