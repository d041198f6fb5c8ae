/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calculations: quotes, one or many at once, and what was quoted. */
#include "api.h"
#include "arena.h"
#include "calculation.h"
#include "pricing_book.h"
#include "pricing_revision.h"
#include "store_calculation.h"
#include "store_run.h"

#include <string.h>

static const double usual_grid[] = {1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500};

/* The answer of one calculation goes out; its row. The document's text is set by locate. */
static void record(struct request *request, struct calculation *calculation, struct uuid id,
                   const double driver[PRICE_DRIVERS], struct store_calculation *row)
{
    size_t before = request->out->len;
    calculation->id = id;
    calculation->created_at = request->now;
    field_write(request->out, &shape_calculation, calculation);
    *row = (struct store_calculation){
        .id = calculation->id,
        .part_id = calculation->part_id,
        .part_revision_id = calculation->part_revision_id,
        .env_id = calculation->costing_environment_id,
        .status = calculation->status,
        .unit_cost = calculation->unit_cost,
        .uncalibrated_unit_cost = calculation->uncalibrated_unit_cost,
        .lot_size = calculation->lot_size,
        .model_version = calculation->model_version,
        .document = {.len = request->out->len - before},
        .created_at = calculation->created_at,
    };
    memcpy(row->driver, driver, sizeof row->driver);
}

/* The documents stand in the answer one behind the other from byte first on, commas between. */
static void locate(const struct request *request, size_t first, struct store_calculation *rows,
                   size_t n)
{
    const char *at = request->out->data + first;
    for (size_t i = 0; i < n; i++) {
        struct field_raw *document = &rows[i].document;
        if (*at == ',') {
            at++;
            document->len--;
        }
        document->text = at;
        at += document->len;
    }
}

static int32_t day_of(int64_t time)
{
    return (int32_t)(time / 86400000000);
}

/* One quote: what is asked, what it rests on, what is stored. */
struct single {
    const struct quote_create *create;
    struct quote quote;
    struct pricing_plan plan;
    struct store_basis stored;
    struct store_calculation row;
};

static void take_plan(struct request *request, struct single *single)
{
    pricing_plan_of(request->arena, &single->stored.plan, single->stored.revision, &single->plan);
}

static enum err read_stored(struct request *request, struct single *single)
{
    const struct quote_create *create = single->create;
    enum err err =
        store_basis_get(request->db, request->arena, request->caller.org,
                        create->costing_environment_id, create->part_revision_id, &single->stored);
    if (!err)
        take_plan(request, single);
    return err;
}

static void rest_on(struct request *request, struct single *single,
                    const struct pricing_basis *basis)
{
    const struct store_basis *stored = &single->stored;
    struct quote *quote = &single->quote;
    quote->book = basis->book;
    quote->models = basis->models;
    if (stored->curve.text)
        pricing_models_put(request->arena, &quote->models, SLOT_CURVE, stored->curve_run,
                           stored->revision, &stored->curve);
    quote->active = pricing_active_kept(quote->models.unit_cost_run);
}

static bool is_same(const struct store_state *a, const struct store_state *b)
{
    return uuid_equal(&a->stamp, &b->stamp) && uuid_equal(&a->platform, &b->platform);
}

/* Is the rest of what it rests on kept by this process? */
static bool find_kept(struct request *request, struct single *single)
{
    const struct pricing_basis *basis =
        pricing_basis_kept(request->caller.org, single->create->costing_environment_id);
    if (!basis || !is_same(&basis->state, &single->stored.state) ||
        uuid_is_nil(&single->plan.part_id))
        return false;
    rest_on(request, single, basis);
    return single->quote.active || uuid_is_nil(&single->quote.models.unit_cost_run);
}

/* Is all of it, as it was when it was read last? */
static bool find_all_kept(struct request *request, struct single *single)
{
    const struct quote_create *create = single->create;
    const struct pricing_basis *basis =
        pricing_basis_kept(request->caller.org, create->costing_environment_id);
    if (!basis || !pricing_revision_kept(create->costing_environment_id, basis->state.stamp,
                                         create->part_revision_id, &single->stored))
        return false;
    single->stored.state = basis->state;
    take_plan(request, single);
    return find_kept(request, single);
}

static enum err load_rest(struct request *request, struct single *single)
{
    struct uuid environment = single->create->costing_environment_id;
    struct quote *quote = &single->quote;
    const struct pricing_basis *basis;
    enum err err = api_unknown_reference(
        request, "costing_environment_id",
        pricing_basis_keep(request, environment, single->stored.state, &basis));
    if (!err || err == ERR_VALIDATION_ERROR)
        if (uuid_is_nil(&single->plan.part_id))
            err = api_unknown_reference(request, "part_revision_id", ERR_NOT_FOUND);
    if (!err)
        err = request_flawed(request);
    if (err)
        return err;
    rest_on(request, single, basis);
    return pricing_active_run(request, environment, quote->models.unit_cost_run, &quote->active);
}

static void answer_single(struct request *request, struct single *single)
{
    const struct quote_create *create = single->create;
    const struct pricing_order order = {create->lot_size, create->annual_volume,
                                        create->tooling_lifetime_units, create->bin,
                                        create->units_produced};
    struct quote *quote = &single->quote;
    struct calculation calculation;
    double driver[PRICE_DRIVERS];
    char id[UUID_TEXT];
    bool own_grid = create->lot_grid.n > 0;
    quote->date = create->priced_on == DATE_NONE ? day_of(request->now) : create->priced_on;
    quote->text = arena_buf(request->arena);
    quote->plan = &single->plan;
    quote_price(request->arena, quote, &order, own_grid ? create->lot_grid.at : usual_grid,
                own_grid ? create->lot_grid.n : sizeof usual_grid / sizeof *usual_grid,
                &calculation, driver);
    calculation.part_revision_id = create->part_revision_id;
    size_t first = request->out->len;
    record(request, &calculation, uuid_v7(), driver, &single->row);
    locate(request, first, &single->row, 1);
    uuid_text(&calculation.id, id);
    request->location = arena_printf(request->arena, "/api/v1/parts/calculations/%s", id);
}

static enum err store_single(struct request *request, void *context)
{
    const struct single *single = context;
    return store_calculation_insert(request->db, request->caller.org, &single->row, 1);
}

static enum err store_current(struct request *request, void *context)
{
    const struct single *single = context;
    return store_calculation_insert_current(request->db, request->caller.org, &single->row,
                                            &single->stored.state);
}

static enum err quote_whole(struct request *request, void *context)
{
    struct single *single = context;
    enum err err = read_stored(request, single);
    if (!err && !find_kept(request, single))
        err = load_rest(request, single);
    if (err)
        return err;
    answer_single(request, single);
    return store_single(request, single);
}

/* Where this process has kept all that the quote rests on it is one statement: it stores, if that
   is still so. Where only the revision is to be read it is two. Else, under an Idempotency-Key, and
   where the last one has stored nothing, it is a transaction. */
enum err calculation_quote(struct request *request)
{
    struct single single = {.create = request->body};
    if (!request->keyed) {
        bool all = find_all_kept(request, &single);
        enum err err = all ? ERR_OK : read_stored(request, &single);
        if (err && err != ERR_RETRY)
            return err;
        if (!err && (all || find_kept(request, &single))) {
            if (!all)
                pricing_revision_keep(&single.stored);
            answer_single(request, &single);
            err = request_alone(request, all ? store_current : store_single, &single);
            if (err != ERR_RETRY)
                return err;
        }
    }
    return request_transact(request, quote_whole, &single, true);
}

static void begin_items(struct request *request, int64_t count)
{
    json_object(request->out);
    json_put_int(request->out, "count", count);
    json_key(request->out, "items");
    json_array(request->out);
}

static void end_items(struct request *request)
{
    json_array_end(request->out);
    json_object_end(request->out);
}

/* Unknown revisions: one flaw each, at its item. */
static enum err check_items(struct request *request, const struct pricing_plan *plans, size_t n)
{
    const struct field_path body = {.key = "body"}, items = {.up = &body, .key = "items"};
    for (size_t i = 0; i < n; i++) {
        const struct field_path item = {.up = &items, .index = i};
        if (uuid_is_nil(&plans[i].part_id))
            flaw_add_at(request->flaws, &item, "part_revision_id", "unknown_reference",
                        "there is no such resource");
    }
    return request_flawed(request);
}

static enum err load(struct request *request, struct uuid environment, struct quote *quote)
{
    struct pricing_book *book;
    enum err err = pricing_book(request, environment, &book);
    if (err)
        return api_unknown_reference(request, "costing_environment_id", err);
    quote->book = book;
    quote->text = arena_buf(request->arena);
    err = pricing_models(request, environment, &quote->models);
    return err ? err
               : pricing_active_run(request, environment, quote->models.unit_cost_run,
                                    &quote->active);
}

enum err calculation_batch(struct request *request)
{
    const struct batch_create *create = request->body;
    const struct batch_item *items = create->items.at;
    struct arena *arena = request->arena;
    size_t n = create->items.n;
    struct quote quote = {.date = day_of(request->now)};
    struct uuid *revisions = ARENA_ARRAY(arena, n + 1, struct uuid);
    struct pricing_plan *plans = ARENA_ARRAY(arena, n + 1, struct pricing_plan);
    struct store_calculation *rows = ARENA_ARRAY(arena, n + 1, struct store_calculation);
    struct uuid *ids = ARENA_ARRAY(arena, n + 1, struct uuid);
    for (size_t i = 0; i < n; i++)
        revisions[i] = items[i].part_revision_id;
    enum err err = load(request, create->costing_environment_id, &quote);
    if (!err || err == ERR_VALIDATION_ERROR)
        err = pricing_plans(request, revisions, n, plans);
    if (!err)
        err = check_items(request, plans, n);
    if (err)
        return err;
    uuid_v7_many(ids, n);
    begin_items(request, (int64_t)n);
    size_t first = request->out->len;
    for (size_t i = 0; i < n; i++) {
        const struct pricing_order order = {items[i].lot_size, items[i].annual_volume, NAN,
                                            items[i].bin, items[i].units_produced};
        struct calculation calculation;
        double driver[PRICE_DRIVERS];
        quote.plan = &plans[i];
        quote_price(arena, &quote, &order, NULL, 0, &calculation, driver);
        calculation.part_revision_id = revisions[i];
        record(request, &calculation, ids[i], driver, &rows[i]);
    }
    locate(request, first, rows, n);
    err = store_calculation_insert(request->db, request->caller.org, rows, n);
    if (!err)
        end_items(request);
    return err;
}

enum err calculation_list(struct request *request)
{
    const struct calculation_query *query = request->query;
    const struct store_calculation_filter filter = {query->status_filter, query->part_id};
    struct field_raw *documents;
    size_t n;
    int64_t total;
    enum err err = store_calculation_list(request->db, request->arena, request->caller.org, &filter,
                                          &query->page, &documents, &n, &total);
    if (err)
        return err;
    begin_items(request, total);
    for (size_t i = 0; i < n; i++)
        json_raw_len(request->out, documents[i].text, documents[i].len);
    end_items(request);
    return ERR_OK;
}

enum err calculation_show(struct request *request)
{
    struct field_raw document;
    enum err err = store_calculation_get(request->db, request->arena, request->caller.org,
                                         request->id[0], &document);
    if (!err)
        buf_add(request->out, document.text, document.len);
    return err;
}
