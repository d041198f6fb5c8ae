/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Effective-dated rates of an environment. */
#include "api.h"
#include "arena.h"
#include "currency.h"
#include "rate_fields.h"
#include "store_environment.h"
#include "store_machine.h"
#include "validity.h"

struct rate_create {
    const char *kind;
    struct field_raw fields;
    const char *currency;
    int32_t valid_from, valid_to;
};

struct rate_query {
    const char *kind;
    struct store_page page;
};

static void check_fields(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct rate_create *create = thing;
    const struct field_path here = {.up = path, .key = "fields"};
    struct rate_fields fields;
    rate_fields_read(rate_kind_of(create->kind), &create->fields, &fields, flaws, &here);
}

static void check_dates(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct rate_create *create = thing;
    validity_check(create->valid_from, create->valid_to, flaws, path);
}

#define AT(member) FIELD_OF(struct rate_create, member)
static const struct field create_fields[] = {
    {AT(kind), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .choices = rate_kinds},
    {AT(fields), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON, .otherwise = "{}",
     .help =
         "labour {category, hourly_rate}; overhead {category: material, manufacturing, "
         "administration, sales or profit, value: a fraction, machine_ref?: id of the machine a "
         "manufacturing overhead is for, base?: conversion (default) or labour}; material "
         "{material_ref, price_per_kg, scrap_price_per_kg?}; fx {from, to, rate: 1 from = rate "
         "to}."},
    {AT(currency), .kind = FIELD_TEXT, .check = currency_check,
     .help = "ISO 4217 code; absent: the environment's, as it is now."},
    {AT(valid_from), .kind = FIELD_DATE, .flags = FIELD_REQUIRED, .help = "First day."},
    {AT(valid_to), .kind = FIELD_DATE, .help = "Last day; null: open."},
};
#undef AT

static const struct field_rule create_rules[] = {
    {check_fields, {"kind", "fields"}},
    {check_dates, {"valid_from", "valid_to"}},
};

const struct shape shape_rate_create = {
    .name = "RateCreate",
    SHAPE_OF(struct rate_create, create_fields),
    .nulls = SHAPE_NO_NULLS,
    SHAPE_RULES(create_rules),
};

#define AT(member) FIELD_OF(struct rate_query, member)
static const struct field query_fields[] = {
    {AT(kind), .kind = FIELD_TEXT, .choices = rate_kinds},
    API_PAGE_OR_ALL(offsetof(struct rate_query, page)),
};
#undef AT

const struct shape shape_rate_query = {
    .name = "RateQuery", SHAPE_OF(struct rate_query, query_fields), .nulls = SHAPE_NO_NULLS};

/* An overhead of one machine: the machine must be there, and stays until this is stored. */
static enum err check_machine(struct request *request, const struct rate_fields *fields)
{
    const struct field_path body = {.key = "body"};
    const struct field_path fields_path = {.up = &body, .key = "fields"};
    struct store_machine machine;
    if (uuid_is_nil(&fields->machine_ref))
        return ERR_OK;
    enum err err = store_machine_get(request->db, request->arena, request->caller.org,
                                     fields->machine_ref, STORE_UPDATE, &machine);
    if (err != ERR_NOT_FOUND)
        return err;
    flaw_add_at(request->flaws, &fields_path, "machine_ref", "unknown_reference",
                "there is no such machine");
    return ERR_VALIDATION_ERROR;
}

enum err rate_create(struct request *request)
{
    const struct rate_create *create = request->body;
    enum rate_kind kind = rate_kind_of(create->kind);
    struct store_environment environment;
    struct rate_fields fields;
    enum err err = store_environment_get(request->db, request->arena, request->caller.org,
                                         request->id[0], STORE_SHARE, &environment);
    if (err)
        return err;
    rate_fields_read(kind, &create->fields, &fields, request->flaws, NULL);
    err = check_machine(request, &fields);
    if (err)
        return err;
    struct store_rate rate = {
        .id = uuid_v7(),
        .env_id = request->id[0],
        .kind = create->kind,
        .fields = rate_fields_text(request->arena, kind, &fields),
        .currency = create->currency ? create->currency : environment.currency,
        .valid_from = create->valid_from,
        .valid_to = create->valid_to,
        .created_at = request->now,
        .key = rate_fields_key(request->arena, kind, &fields),
    };
    err = store_rate_put(request->db, request->arena, request->caller.org, &rate);
    if (err)
        return err;
    char environment_id[UUID_TEXT], id[UUID_TEXT];
    uuid_text(&rate.env_id, environment_id);
    uuid_text(&rate.id, id);
    request->location = arena_printf(request->arena, "/api/v1/parts/environments/%s/rates/%s/%s",
                                     environment_id, rate.kind, id);
    return api_answer(request, &rate);
}

enum err rate_list(struct request *request)
{
    const struct rate_query *asked = request->query;
    struct store_environment environment;
    struct store_rate *list;
    size_t n;
    int64_t total;
    enum err err = store_rate_page(request->db, request->arena, request->caller.org, request->id[0],
                                   asked->kind, &asked->page, &list, &n, &total);
    if (!err && !total)
        err = store_environment_get(request->db, request->arena, request->caller.org,
                                    request->id[0], STORE_READ, &environment);
    return err ? err : api_answer_list(request, list, n, total);
}

enum err rate_show(struct request *request)
{
    struct store_rate rate;
    enum err err = store_rate_get(request->db, request->arena, request->caller.org, request->id[0],
                                  request->word, request->id[1], &rate);
    return err ? err : api_answer(request, &rate);
}

enum err rate_remove(struct request *request)
{
    enum err err = store_rate_delete(request->db, request->caller.org, request->id[0],
                                     request->word, request->id[1]);
    return err ? err : api_say(request, "Rate deleted.");
}
