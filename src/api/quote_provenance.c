/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a price rests on. */
#include "calculation.h"

#include "arena.h"
#include "buf.h"
#include "store_run.h"

static void put_date(struct buf *out, const char *key, int32_t date)
{
    json_key(out, key);
    json_date(out, date);
}

/* The value that was put at byte before of out, kept for the quotes that follow. */
static void keep(struct arena *arena, const struct buf *out, size_t before, struct field_raw *kept)
{
    const char *text = out->data + before;
    size_t len = out->len - before, comma = *text == ',';
    *kept = (struct field_raw){arena_strndup(arena, text + comma, len - comma), len - comma};
}

static void put_rate(struct buf *out, const struct store_rate *row)
{
    json_object(out);
    json_put_uuid(out, "id", &row->id);
    json_put_text(out, "source", "environment_rate");
    json_put_text(out, "kind", row->kind);
    json_key(out, "fields");
    json_raw_len(out, row->fields.text, row->fields.len);
    json_put_text(out, "currency", row->currency);
    put_date(out, "valid_from", row->valid_from);
    put_date(out, "valid_to", row->valid_to);
    json_object_end(out);
}

static void put_rates(struct buf *out, const struct quote *quote, const struct price_detail *detail)
{
    const struct pricing_book *book = quote->book;
    json_key(out, "rates");
    json_array(out);
    for (size_t i = 0; i < detail->n_sources; i++) {
        const struct price_source *source = &detail->sources[i];
        const struct price_rate *rate = &book->book.rates[source->kind][source->index];
        struct field_raw *kept = &book->rate_texts[rate->row];
        size_t before = out->len;
        if (kept->text) {
            json_raw_len(out, kept->text, kept->len);
            continue;
        }
        put_rate(out, &book->rates[rate->row]);
        keep(book->arena, out, before, kept);
    }
    json_array_end(out);
}

static bool seen_before(const struct price_step *steps, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (steps[j].machine == steps[i].machine)
            return true;
    return false;
}

static void put_machine(struct buf *out, const struct price_machine *machine,
                        const struct store_membership *member)
{
    json_object(out);
    json_put_uuid(out, "id", &member->machine_id);
    json_put_text(out, "source", member->machine->rate_basis);
    json_put_text(out, "name", member->machine->name);
    json_put_uuid(out, "membership_id", &member->id);
    json_put_num(out, "hourly_rate_eur", machine->hourly);
    json_put_num(out, "burden_rate_eur", machine->burden);
    json_object_end(out);
}

static void put_machines(struct buf *out, const struct quote *quote, const struct price_step *steps)
{
    const struct pricing_book *book = quote->book;
    json_key(out, "machines");
    json_array(out);
    for (size_t i = 0; i < quote->plan->plan.n_operations; i++) {
        if (seen_before(steps, i))
            continue;
        const struct price_machine *machine = &book->book.machines[steps[i].machine];
        struct field_raw *kept = &book->machine_texts[machine->row];
        size_t before = out->len;
        if (kept->text) {
            json_raw_len(out, kept->text, kept->len);
            continue;
        }
        put_machine(out, machine, &book->memberships[machine->row]);
        keep(book->arena, out, before, kept);
    }
    json_array_end(out);
}

static void put_run(struct buf *out, const char *name, const struct uuid *run, bool is_active)
{
    json_key(out, name);
    if (!is_active) {
        json_null(out);
        return;
    }
    json_object(out);
    json_put_uuid(out, "id", run);
    json_put_text(out, "source", "calibration");
    json_object_end(out);
}

static void put_curve(struct buf *out, const struct quote *quote, const struct pricing_order *order)
{
    const struct pricing_curve *curve = pricing_curve(&quote->models, &quote->plan->revision_id);
    json_key(out, "curve");
    if (!curve) {
        json_null(out);
        return;
    }
    json_object(out);
    json_put_uuid(out, "id", &curve->run);
    json_put_text(out, "source", "calibration");
    json_put_text(out, "model", curve->model->model);
    json_put_num12(out, "b", curve->model->b);
    json_put_num12(out, "run_factor",
                   pricing_curve_factor(curve->model, order->units_produced, order->lot_size));
    json_put_num(out, "units_produced", order->units_produced);
    json_object_end(out);
}

static void put_models(struct buf *out, const struct quote *quote,
                       const struct pricing_order *order, const struct pricing_result *result)
{
    const struct pricing_models *models = &quote->models;
    put_run(out, "cycle_time_run", &models->times_run[PRICING_CYCLE], models->times[PRICING_CYCLE]);
    put_run(out, "setup_time_run", &models->times_run[PRICING_SETUP], models->times[PRICING_SETUP]);
    bool recalibrated = result->basis && slot_behind(result->basis, SLOT_INTERVAL);
    put_run(out, "interval_run", &models->interval_run, recalibrated);
    put_curve(out, quote, order);
    json_key(out, "policy");
    if (!models->policy) {
        json_null(out);
        return;
    }
    json_object(out);
    json_put_uuid(out, "id", &models->policy_run);
    json_put_text(out, "source", "calibration");
    json_key(out, "weights");
    json_object(out);
    for (size_t i = 0; i < models->policy->features.n; i++)
        json_put_num12(out, ((const char *const *)models->policy->features.at)[i],
                       ((const double *)models->policy->weights.at)[i]);
    json_object_end(out);
    json_object_end(out);
}

struct field_raw quote_provenance(const struct quote *quote, const struct pricing_order *order,
                                  const struct price_detail *detail,
                                  const struct pricing_result *result)
{
    struct buf *out = quote->text;
    buf_reset(out, out->cap);
    json_object(out);
    put_date(out, "priced_on", quote->date);
    json_put_num(out, "tooling_lifetime_units", order->tooling_lifetime);
    json_put_num(out, "units_produced", order->units_produced);
    put_rates(out, quote, detail);
    put_machines(out, quote, detail->steps);
    json_key(out, "run");
    if (quote->active) {
        json_object(out);
        json_put_uuid(out, "id", &quote->active->run);
        json_put_text(out, "source", "calibration");
        json_put_text(out, "model", calc_driver_model_text(quote->active->view.model));
        json_put_text(out, "basis", result->basis);
        json_object_end(out);
    } else {
        json_null(out);
    }
    put_models(out, quote, order, result);
    json_object_end(out);
    return (struct field_raw){buf_text(out), out->len};
}
