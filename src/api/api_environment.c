/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Costing environments. */
#include "api.h"
#include "currency.h"
#include "slug.h"
#include "store_environment.h"
#include "validity.h"

#include <string.h>

#define CANONICAL_EXTRACTOR "arcnm"
#define EXTRACTORS_MAX      200

struct environment_create {
    const char *name, *region, *currency, *description;
    int32_t valid_from, valid_to;
    struct field_list enabled_extractors; /* of const char * */
    struct field_raw attributes;
};

struct environment_identity {
    const char *name, *region, *currency, *description;
    int32_t valid_from, valid_to;
    struct field_raw attributes;
    uint64_t nulls;
};

/* positions in identity_fields, for the nulls */
enum { NAME, REGION, CURRENCY, DESCRIPTION, VALID_FROM, VALID_TO, ATTRIBUTES };

struct environment_extractors {
    struct field_list enabled_extractors;
};

#define EXTRACTORS(type, least)                                                                    \
    {                                                                                              \
        FIELD_OF(type, enabled_extractors),                                                        \
            .kind = FIELD_LIST, .item = FIELD_TEXT, .flags = (least) ? FIELD_REQUIRED : 0,         \
            FIELD_BETWEEN(least, EXTRACTORS_MAX), .check = slug_check,                             \
            .help = "Slugs; arcnm, the canonical geometry source, is always kept and comes first." \
    }

static void check_created_dates(const void *thing, struct flaws *flaws,
                                const struct field_path *path)
{
    const struct environment_create *create = thing;
    validity_check(create->valid_from, create->valid_to, flaws, path);
}

#define AT(member) FIELD_OF(struct environment_create, member)
static const struct field create_fields[] = {
    {AT(name), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT},
    {AT(region), .kind = FIELD_TEXT, FIELD_UP_TO(200), .help = "Such as DE-BY."},
    {AT(currency), .kind = FIELD_TEXT, .check = currency_check,
     .otherwise = "\"" CURRENCY_DEFAULT "\"", .help = "ISO 4217 code."},
    {AT(description), .kind = FIELD_TEXT},
    {AT(valid_from), .kind = FIELD_DATE, .flags = FIELD_REQUIRED, .help = "First day."},
    {AT(valid_to), .kind = FIELD_DATE, .help = "Last day; null: open."},
    EXTRACTORS(struct environment_create, 0),
    {AT(attributes), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON | FIELD_ADDED,
     .otherwise = "{}", .help = "Free object."},
};
#undef AT

static const struct field_rule create_rules[] = {{check_created_dates, {"valid_from", "valid_to"}}};

const struct shape shape_environment_create = {
    .name = "EnvironmentCreate",
    SHAPE_OF(struct environment_create, create_fields),
    .nulls = SHAPE_NO_NULLS,
    SHAPE_RULES(create_rules),
};

#define AT(member) FIELD_OF(struct environment_identity, member)
static const struct field identity_fields[] = {
    [NAME] = {AT(name), .kind = FIELD_TEXT, .flags = FIELD_NAME_TEXT},
    [REGION] = {AT(region), .kind = FIELD_TEXT, FIELD_UP_TO(200), .help = "null clears it."},
    [CURRENCY] = {AT(currency), .kind = FIELD_TEXT, .check = currency_check,
                  .help = "ISO 4217 code; fixed once rates or calibrations exist."},
    [DESCRIPTION] = {AT(description), .kind = FIELD_TEXT, .help = "null clears it."},
    [VALID_FROM] = {AT(valid_from), .kind = FIELD_DATE},
    [VALID_TO] = {AT(valid_to), .kind = FIELD_DATE, .help = "null clears it: open."},
    [ATTRIBUTES] = {AT(attributes), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON | FIELD_ADDED,
                    .help = "Free object, replaced whole; null empties it."},
};
#undef AT

static bool cleared(const struct environment_identity *identity, int field)
{
    return identity->nulls >> field & 1;
}

static void check_nulls(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    static const int fixed[] = {NAME, CURRENCY, VALID_FROM};
    const struct environment_identity *identity = thing;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (cleared(identity, fixed[i]))
            flaw_add_at(flaws, path, identity_fields[fixed[i]].name, "null_not_allowed",
                        "must not be null");
}

static void check_changed_dates(const void *thing, struct flaws *flaws,
                                const struct field_path *path)
{
    const struct environment_identity *identity = thing;
    validity_check(identity->valid_from, identity->valid_to, flaws, path);
}

static const struct field_rule identity_rules[] = {
    {check_nulls, {NULL}},
    {check_changed_dates, {"valid_from", "valid_to"}},
};

const struct shape shape_environment_identity = {
    .name = "EnvironmentIdentity",
    SHAPE_OF(struct environment_identity, identity_fields),
    .nulls = offsetof(struct environment_identity, nulls),
    SHAPE_RULES(identity_rules),
};

static const struct field extractor_fields[] = {EXTRACTORS(struct environment_extractors, 1)};

const struct shape shape_environment_extractors = {
    .name = "EnvironmentExtractors",
    SHAPE_OF(struct environment_extractors, extractor_fields),
    .nulls = SHAPE_NO_NULLS,
};

/* As a JSON array: the canonical one first, then the others in the caller's order, each once. */
static struct field_raw extractors_text(struct arena *arena, const struct field_list *list)
{
    const char *const *slugs = list->at;
    struct buf text = {0};
    json_array(&text);
    json_text(&text, CANONICAL_EXTRACTOR);
    for (size_t i = 0; i < list->n; i++) {
        bool known = !strcmp(slugs[i], CANONICAL_EXTRACTOR);
        for (size_t j = 0; j < i && !known; j++)
            known = !strcmp(slugs[i], slugs[j]);
        if (!known)
            json_text(&text, slugs[i]);
    }
    json_array_end(&text);
    return field_raw_take(arena, &text);
}

static enum err name_taken(struct request *request, enum err err, const char *name)
{
    if (err != ERR_DUPLICATE)
        return err;
    return request_conflict(request, "name_taken", "There is an environment named %s already.",
                            name);
}

enum err environment_create(struct request *request)
{
    const struct environment_create *create = request->body;
    struct store_environment environment = {
        .id = uuid_v7(),
        .name = create->name,
        .region = create->region,
        .currency = create->currency,
        .description = create->description,
        .valid_from = create->valid_from,
        .valid_to = create->valid_to,
        .enabled_extractors = extractors_text(request->arena, &create->enabled_extractors),
        .is_baseline = 0,
        .attributes = create->attributes,
    };
    enum err err =
        store_environment_insert(request->db, request->caller.org, &environment, request->now);
    if (err)
        return name_taken(request, err, create->name);
    return api_answer_created(request, &environment.id, &environment);
}

enum err environment_list(struct request *request)
{
    const struct store_page *page = request->query;
    struct store_environment *list;
    size_t n;
    int64_t total;
    enum err err = store_environment_list(request->db, request->arena, request->caller.org, page,
                                          &list, &n, &total);
    return err ? err : api_answer_list(request, list, n, total);
}

enum err environment_show(struct request *request)
{
    struct store_environment environment;
    enum err err = store_environment_get(request->db, request->arena, request->caller.org,
                                         request->id[0], STORE_READ, &environment);
    return err ? err : api_answer(request, &environment);
}

/* What identity says on top of the stored row. */
static void apply_identity(const struct environment_identity *identity,
                           struct store_environment *environment)
{
    if (identity->name)
        environment->name = identity->name;
    if (identity->region || cleared(identity, REGION))
        environment->region = identity->region;
    if (identity->currency)
        environment->currency = identity->currency;
    if (identity->description || cleared(identity, DESCRIPTION))
        environment->description = identity->description;
    if (identity->valid_from != DATE_NONE)
        environment->valid_from = identity->valid_from;
    if (identity->valid_to != DATE_NONE || cleared(identity, VALID_TO))
        environment->valid_to = identity->valid_to;
    if (cleared(identity, ATTRIBUTES))
        environment->attributes = (struct field_raw){"{}", 2};
    else if (identity->attributes.text)
        environment->attributes = identity->attributes;
}

static enum err may_change_currency(struct request *request, const char *from, const char *to)
{
    bool has_money;
    if (!to || !strcmp(from, to))
        return ERR_OK;
    enum err err =
        store_environment_has_money(request->db, request->caller.org, request->id[0], &has_money);
    if (err || !has_money)
        return err;
    return request_conflict(request, "currency_in_use",
                            "The currency stays %s: the environment has rates or calibrations.",
                            from);
}

enum err environment_update_identity(struct request *request)
{
    const struct environment_identity *identity = request->body;
    const struct field_path body = {.key = "body"};
    struct store_environment environment;
    enum err err = store_environment_get(request->db, request->arena, request->caller.org,
                                         request->id[0], STORE_UPDATE, &environment);
    if (err)
        return err;
    const char *currency = environment.currency;
    apply_identity(identity, &environment);
    if (environment.valid_to != DATE_NONE && environment.valid_to < environment.valid_from)
        flaw_add_at(request->flaws, &body,
                    identity->valid_to != DATE_NONE ? "valid_to" : "valid_from", "date_order",
                    "valid_to must not be before valid_from");
    err = request_flawed(request);
    if (!err)
        err = may_change_currency(request, currency, identity->currency);
    if (!err)
        err = store_environment_update(request->db, request->caller.org, &environment);
    if (err)
        return name_taken(request, err, environment.name);
    return api_answer(request, &environment);
}

enum err environment_update(struct request *request)
{
    const struct environment_extractors *extractors = request->body;
    struct store_environment environment;
    enum err err = store_environment_get(request->db, request->arena, request->caller.org,
                                         request->id[0], STORE_UPDATE, &environment);
    if (err)
        return err;
    environment.enabled_extractors =
        extractors_text(request->arena, &extractors->enabled_extractors);
    err = store_environment_update(request->db, request->caller.org, &environment);
    return err ? err : api_answer(request, &environment);
}

enum err environment_remove(struct request *request)
{
    struct store_environment environment;
    enum err err = store_environment_get(request->db, request->arena, request->caller.org,
                                         request->id[0], STORE_UPDATE, &environment);
    if (err)
        return err;
    if (environment.is_baseline)
        return request_conflict(request, "baseline", "The baseline environment cannot be deleted.");
    err = store_environment_delete(request->db, request->caller.org, request->id[0]);
    return err ? err : api_say(request, "Environment deleted.");
}
