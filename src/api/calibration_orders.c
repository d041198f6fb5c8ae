/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setup and variable cost of work orders, part by part: a report, not a correction. */
#include "calibration.h"

#include "arena.h"
#include "calc_workorder.h"

#include <stdlib.h>
#include <string.h>

#define PARTS_SHOWN 500

/* Rows of one part stand together after sorting by part. */
struct order_row {
    struct uuid part;
    struct calc_workorder_row row;
    double setup, variable; /* the quote's own split */
};

static int by_part(const void *a, const void *b)
{
    const struct order_row *x = a, *y = b;
    int order = uuid_compare(&x->part, &y->part);
    if (!order)
        order = calc_order_numbers(x->row.quantity, y->row.quantity);
    return order ? order : calc_order_numbers(x->row.total_cost, y->row.total_cost);
}

static const char *source_text(enum calc_workorder_source source)
{
    static const char *const texts[] = {[CALC_WORKORDER_FITTED] = "fitted",
                                        [CALC_WORKORDER_QUOTE] = "quote",
                                        [CALC_WORKORDER_POOLED] = "pooled",
                                        [CALC_WORKORDER_NONE] = "none"};
    return texts[source];
}

static void put_part(struct buf *out, const struct uuid *id, const struct calc_workorder_part *part)
{
    json_object(out);
    json_put_uuid(out, "part_id", id);
    json_put_int(out, "orders", (int64_t)part->n);
    json_put_bool(out, "identifiable", part->fit.identifiable);
    json_put_text(out, "source", source_text(part->source));
    json_put_num12(out, "setup_cost", part->source == CALC_WORKORDER_NONE ? NAN : part->setup);
    json_put_num12(out, "variable_cost",
                   part->source == CALC_WORKORDER_NONE ? NAN : part->variable);
    json_object_end(out);
}

/* Finished orders, those of a part together. */
static struct order_row *orders_of(struct arena *arena, const struct calibration_rows *rows,
                                   size_t *n)
{
    struct order_row *orders = ARENA_ARRAY(arena, rows->n, struct order_row);
    *n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const struct evidence *row = rows->evidence[i];
        if (strcmp(row->source, "erp") != 0 || row->observation_type)
            continue;
        orders[(*n)++] = (struct order_row){row->part,
                                            {row->lot_size, row->actual * row->lot_size},
                                            rows->setup_split[i],
                                            rows->variable_split[i]};
    }
    qsort(orders, *n, sizeof *orders, by_part);
    return orders;
}

/* most: the orders of the part that has most. */
static struct calc_workorder_part *parts_of(struct arena *arena, const struct order_row *orders,
                                            size_t n, size_t *n_parts, size_t *most)
{
    struct calc_workorder_row *lots = ARENA_ARRAY(arena, n, struct calc_workorder_row);
    struct calc_workorder_part *parts = ARENA_ARRAY(arena, n, struct calc_workorder_part);
    *n_parts = *most = 0;
    for (size_t i = 0, begin = 0; i < n; i++) {
        const struct order_row *first = &orders[begin];
        lots[i] = orders[i].row;
        if (i + 1 < n && uuid_equal(&orders[i].part, &orders[i + 1].part))
            continue;
        parts[(*n_parts)++] = (struct calc_workorder_part){
            .rows = lots + begin,
            .n = i + 1 - begin,
            .has_quote = !isnan(first->setup) && first->setup + first->variable > 0,
            .quote_setup = first->setup,
            .quote_variable = first->variable,
        };
        *most = i + 1 - begin > *most ? i + 1 - begin : *most;
        begin = i + 1;
    }
    return parts;
}

void calibration_report_orders(struct request *request, const struct calibration_rows *rows,
                               struct buf *out)
{
    struct arena *arena = request->arena;
    size_t n, n_parts, most, row = 0;
    const struct order_row *orders = orders_of(arena, rows, &n);
    struct calc_workorder_part *parts = parts_of(arena, orders, n, &n_parts, &most);
    struct calc_workorder_pool pool;
    double *scratch = ARENA_ARRAY(arena, calc_workorder_scratch(most, n_parts), double);
    json_key(out, "work_orders");
    if (!n_parts || calc_workorder_decompose(parts, n_parts, true, scratch, &pool) != CALC_OK) {
        json_null(out);
        return;
    }
    json_object(out);
    json_put_int(out, "parts", (int64_t)n_parts);
    json_put_int(out, "identifiable_parts", (int64_t)pool.n);
    json_put_num12(out, "pooled_setup_cost", pool.n ? pool.pooled_setup : NAN);
    json_put_num12(out, "median_setup_cost", pool.n ? pool.median_setup : NAN);
    json_put_num12(out, "sigma_relative", pool.n ? pool.sigma_rel : NAN);
    json_key(out, "by_part");
    json_array(out);
    for (size_t i = 0; i < n_parts && i < PARTS_SHOWN; i++) {
        put_part(out, &orders[row].part, &parts[i]);
        row += parts[i].n;
    }
    json_array_end(out);
    json_object_end(out);
}
