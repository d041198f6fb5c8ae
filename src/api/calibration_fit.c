/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two fits of a calibrating call, and its gate. */
#include "calibration.h"

#include "arena.h"
#include "calc_split.h"
#include "log.h"
#include "memory.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static enum err from_calc(enum calc_status status, const char *what)
{
    if (status == CALC_OK)
        return ERR_OK;
    log_line(LOG_LEVEL_ERROR, "calibration: %s ended with status %d", what, (int)status);
    return ERR_INTERNAL;
}

/* A block that goes back at once when the step is over: fits of 20,000 rows need megabytes. */
static void *block(struct arena *arena, size_t size)
{
    void *memory = memory_got(malloc(size));
    arena_defer(arena, free, memory);
    return memory;
}

static enum err fit_rows(struct arena *arena, const struct calc_driver_row *rows, size_t n,
                         double alpha, struct calc_driver_set *set, struct calc_driver_fit *fit)
{
    size_t size = calc_driver_set_size(n), bad;
    enum err err =
        from_calc(calc_driver_set_build(set, rows, n, block(arena, size), size, &bad), "rows");
    if (err)
        return err;
    size = calc_driver_fit_size(set);
    return from_calc(calc_driver_fit(fit, set, alpha, block(arena, size), size), "fit");
}

static enum err pack(struct arena *arena, const struct calc_driver_fit *fit, struct field_raw *out,
                     struct calc_driver_view *view)
{
    size_t size = calc_driver_pack_size(fit);
    char *record = arena_alloc(arena, size);
    enum err err = from_calc(calc_driver_pack(fit, record, size), "pack");
    if (err)
        return err;
    *out = (struct field_raw){record, size};
    return from_calc(calc_driver_unpack(view, record, size), "unpack");
}

/* The first fit, without the rows set aside, measured on them. */
static enum err measure(const struct calibration_call *call, const struct calibration_rows *rows,
                        struct calibration_fit *out)
{
    size_t n = rows->n, n_held = 0;
    out->n_train = n;
    if (n < 2)
        return ERR_OK;
    /* everything of this step is released with its own arena */
    struct arena *arena = arena_new();
    struct calc_key *keys = ARENA_ARRAY(arena, n, struct calc_key);
    for (size_t i = 0; i < n; i++)
        keys[i] = (struct calc_key){(const char *)rows->evidence[i]->natural.b,
                                    sizeof rows->evidence[i]->natural.b};
    /* the environment is not in it: the same evidence is split alike wherever it is */
    const char *salt = metric_text(METRIC_UNIT_COST);
    struct calc_split_row *scratch = ARENA_ARRAY(arena, n, struct calc_split_row);
    bool *held = ARENA_ARRAY(arena, n, bool);
    enum err err = from_calc(calc_split_holdout((struct calc_key){salt, strlen(salt)}, keys, n,
                                                call->holdout, scratch, held, &n_held),
                             "split");
    struct calc_driver_row *train = ARENA_ARRAY(arena, n, struct calc_driver_row);
    struct calc_driver_row *test = ARENA_ARRAY(arena, n, struct calc_driver_row);
    size_t n_train = 0, n_test = 0;
    for (size_t i = 0; i < n && !err; i++)
        if (held[i])
            test[n_test++] = rows->rows[i];
        else
            train[n_train++] = rows->rows[i];
    struct calc_driver_set set;
    struct calc_driver_fit fit;
    struct calc_driver_view view;
    struct field_raw record;
    if (!err && n_test && n_train) {
        err = fit_rows(arena, train, n_train, call->alpha, &set, &fit);
        if (!err)
            err = pack(arena, &fit, &record, &view);
        size_t size = calc_driver_evaluate_size(n_test);
        if (!err)
            err = from_calc(
                calc_driver_evaluate(&view, test, n_test, block(arena, size), size, &out->held_out),
                "evaluation");
        out->n_train = n_train;
        out->n_held = n_test;
    }
    arena_free(arena);
    return err;
}

/* What identifies a row and what it says, as the gate of a later run will ask. */
static uint64_t row_key(const struct evidence *row)
{
    uint8_t both[32], digest[16];
    uint64_t key;
    memcpy(both, row->natural.b, 16);
    memcpy(both + 16, row->content.b, 16);
    crypto_generichash(digest, sizeof digest, both, sizeof both, NULL, 0);
    memcpy(&key, digest, sizeof key);
    return key;
}

void calibration_fit_release(struct calibration_fit *fit)
{
    arena_free(fit->work);
    fit->work = NULL;
}

static void release_work(void *fit)
{
    calibration_fit_release(fit);
}

enum err calibration_fit(struct request *request, const struct calibration_call *call,
                         struct calibration_rows *rows, const struct calc_driver_view *active,
                         struct calibration_fit *out)
{
    memset(out, 0, sizeof *out);
    out->has_active = active != NULL;
    if (!rows->n)
        return ERR_OK;
    for (size_t i = 0; i < rows->n; i++)
        rows->rows[i].key = row_key(rows->evidence[i]);
    enum err err = measure(call, rows, out);
    if (err)
        return err;
    struct arena *work = out->work = arena_new();
    arena_defer(request->arena, release_work, out);
    struct calc_driver_set *set = ARENA_NEW(work, struct calc_driver_set);
    err = fit_rows(work, rows->rows, rows->n, call->alpha, set, &out->fit);
    if (!err)
        err = pack(request->arena, &out->fit, &out->posterior, &out->view);
    if (err)
        return err;
    uint8_t *known = NULL;
    if (active) {
        known = ARENA_ARRAY(work, rows->n, uint8_t);
        for (size_t i = 0; i < rows->n; i++)
            known[i] = calc_driver_has_key(active, rows->rows[i].key);
    }
    size_t size = calc_driver_gate_size(set);
    return from_calc(
        calc_driver_gate(&out->fit, active, known, block(work, size), size, &out->gate), "gate");
}
