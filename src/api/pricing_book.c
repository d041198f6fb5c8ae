/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an environment prices with: read, and kept for the requests that follow. */
#include "pricing_book.h"

#include "arena.h"
#include "cache.h"
#include "machine_class.h"
#include "machine_definition.h"
#include "rate_fields.h"
#include "when.h"

#include <string.h>

#define KEPT_FOR (INT64_C(5) * 1000000) /* bound for what is written without a stamp */

_Static_assert((int)RATE_LABOUR == PRICE_LABOUR && (int)RATE_OVERHEAD == PRICE_OVERHEAD &&
                   (int)RATE_MATERIAL == PRICE_MATERIAL && (int)RATE_FX == PRICE_FX,
               "kinds of rates have one order");

static int32_t earlier(int32_t a, int32_t b)
{
    if (a == DATE_NONE || b == DATE_NONE)
        return a == DATE_NONE ? b : a;
    return a < b ? a : b;
}

static void read_envelope(const struct field_list *list, double envelope[3])
{
    const double *sizes = list->at;
    envelope[0] = list->n ? sizes[0] : NAN;
    /* a size that is not stated limits nothing */
    envelope[1] = list->n > 1 ? sizes[1] : INFINITY;
    envelope[2] = list->n > 2 ? sizes[2] : INFINITY;
}

static void read_machine(struct arena *arena, const struct store_membership *membership,
                         struct price_machine *to)
{
    const struct store_machine *machine = membership->machine;
    struct machine_capabilities can;
    char id[UUID_TEXT];
    machine_capabilities_stored(arena, &machine->capabilities, &can);
    uuid_text(&machine->id, id);
    int grade = machine_grade(can.iso_286_achievable_grade);
    *to = (struct price_machine){
        .ref = arena_strdup(arena, id),
        .klass = machine->klass,
        .hourly = machine->hourly_rate_eur,
        .burden = machine->burden_rate_eur,
        .operator_hourly = machine_operator_rate(&can),
        .priority = (int32_t)membership->fleet_priority,
        .enabled = membership->is_enabled == 1,
        .valid_from = membership->valid_from > machine->valid_from ? membership->valid_from
                                                                   : machine->valid_from,
        .valid_to = earlier(membership->valid_to, machine->valid_to),
        .spindle_rpm = can.max_spindle_rpm == INT_NONE ? NAN : (double)can.max_spindle_rpm,
        .power_kw = can.spindle_power_kw,
        .thickness_mm = can.max_material_thickness_mm,
        .tool_diameter_mm = can.max_tool_diameter_mm,
        .it_grade = grade == MACHINE_GRADE_NONE ? PRICE_NO_GRADE : grade,
        .certifications = can.certifications.at,
        .n_certifications = can.certifications.n,
    };
    memcpy(to->id, machine->id.b, sizeof to->id);
    read_envelope(&can.max_part_envelope_mm, to->envelope);
}

static void read_rate(struct arena *arena, enum price_kind kind, const struct store_rate *rate,
                      struct price_rate *to)
{
    struct rate_fields fields;
    rate_fields_stored(arena, rate, &fields);
    *to = (struct price_rate){
        .valid_from = rate->valid_from, .valid_to = rate->valid_to, .scrap_price = NAN};
    memcpy(to->currency, rate->currency, 3);
    switch (kind) {
    case PRICE_LABOUR:
        to->key = fields.category;
        to->value = fields.hourly_rate;
        break;
    case PRICE_OVERHEAD:
        to->key = fields.category;
        to->value = fields.value;
        to->on_labour_only = rate_fields_base_labour(&fields);
        if (!uuid_is_nil(&fields.machine_ref)) {
            char id[UUID_TEXT];
            uuid_text(&fields.machine_ref, id);
            to->key2 = arena_strdup(arena, id);
        }
        break;
    case PRICE_MATERIAL:
        to->key = fields.material_ref;
        to->value = fields.price_per_kg;
        to->scrap_price = fields.scrap_price_per_kg;
        break;
    default:
        to->key = fields.from;
        to->key2 = fields.to;
        to->value = fields.rate;
    }
}

static void read_rates(struct arena *arena, struct pricing_book *book)
{
    for (size_t i = 0; i < book->n_rates; i++)
        book->book.n_rates[rate_kind_of(book->rates[i].kind)]++;
    for (size_t kind = 0; kind < PRICE_KINDS; kind++) {
        book->book.rates[kind] =
            ARENA_ARRAY(arena, book->book.n_rates[kind] + 1, struct price_rate);
        book->book.n_rates[kind] = 0;
    }
    for (size_t i = 0; i < book->n_rates; i++) {
        enum price_kind kind = (enum price_kind)rate_kind_of(book->rates[i].kind);
        struct price_rate *to = &book->book.rates[kind][book->book.n_rates[kind]++];
        read_rate(arena, kind, &book->rates[i], to);
        to->row = (uint32_t)i;
    }
    calc_price_order(&book->book);
}

static enum err read_book(struct db *db, struct arena *arena, struct uuid org,
                          struct uuid environment, struct pricing_book **out)
{
    struct pricing_book *book = ARENA_NEW(arena, struct pricing_book);
    enum err err =
        store_environment_get(db, arena, org, environment, STORE_READ, &book->environment);
    if (!err)
        err = store_membership_list(db, arena, org, environment, &book->memberships,
                                    &book->n_memberships);
    if (!err)
        err = store_rate_list(db, arena, org, environment, &book->rates, &book->n_rates);
    if (err)
        return err;
    struct price_machine *machines =
        ARENA_ARRAY(arena, book->n_memberships + 1, struct price_machine);
    for (size_t i = 0; i < book->n_memberships; i++) {
        read_machine(arena, &book->memberships[i], &machines[i]);
        machines[i].row = (uint32_t)i;
    }
    memcpy(book->book.currency, book->environment.currency, 3);
    book->book.valid_from = book->environment.valid_from;
    book->book.valid_to = book->environment.valid_to;
    book->book.machines = machines;
    book->book.n_machines = book->n_memberships;
    read_rates(arena, book);
    book->arena = arena;
    book->rate_texts = ARENA_ARRAY(arena, book->n_rates + 1, struct field_raw);
    book->machine_texts = ARENA_ARRAY(arena, book->n_memberships + 1, struct field_raw);
    *out = book;
    return ERR_OK;
}

enum err pricing_book(struct request *request, struct uuid environment, struct pricing_book **book)
{
    return read_book(request->db, request->arena, request->caller.org, environment, book);
}

static struct cache bases; /* of struct pricing_basis, by org and environment */

void pricing_basis_forget(void)
{
    cache_clear(&bases);
}

const struct pricing_basis *pricing_basis_kept(struct uuid org, struct uuid environment)
{
    const struct pricing_basis *basis = cache_find(&bases, &(struct cache_key){org, environment});
    return basis && time_monotonic() - basis->read_at <= KEPT_FOR ? basis : NULL;
}

enum err pricing_basis_keep(struct request *request, struct uuid environment,
                            struct store_state state, const struct pricing_basis **out)
{
    struct uuid org = request->caller.org;
    struct arena *arena = arena_new();
    struct pricing_basis *basis = ARENA_NEW(arena, struct pricing_basis);
    struct pricing_book *book;
    basis->read_at = time_monotonic();
    enum err err = read_book(request->db, arena, org, environment, &book);
    if (!err)
        err = pricing_models_read(request->db, arena, org, environment, false, &basis->models);
    if (err) {
        arena_free(arena);
        return err;
    }
    basis->state = state;
    basis->book = book;
    *out = basis;
    if (uuid_is_nil(&state.stamp) ||
        !cache_put(&bases, &(struct cache_key){org, environment}, arena, basis))
        arena_adopt(request->arena, arena);
    return ERR_OK;
}
