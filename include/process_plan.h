/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Process plans and predictions: what a part revision carries. */
#ifndef COSTWRIGHT_PROCESS_PLAN_H
#define COSTWRIGHT_PROCESS_PLAN_H

#include "calc_price.h"
#include "field.h"

struct arena;

#define PLAN_OPERATIONS  500
#define PLAN_PURCHASED   1000
#define PLAN_PREDICTIONS 10000

/* What the machine has to be able to do; absent = anything. */
struct process_requires {
    double spindle_rpm, power_kw, thickness_mm;
    const char *it_grade;
    double tool_diameter_mm;
    struct field_list certifications; /* of const char * */
};

struct process_operation {
    int64_t sequence;
    const char *name, *klass;
    struct uuid machine_id; /* nil: chosen at the quote */
    double setup_time_s, cycle_time_s, parts_per_cycle;
    const char *labour_category; /* NULL: the machine's operator share */
    double attendance;
    const void *requires; /* struct process_requires */
};

struct process_external {
    double per_part, per_lot;
};

struct process_purchased {
    const char *ref;
    double quantity, unit_price;
};

/* Money is in the currency of the environment that prices it. */
struct process_plan {
    const char *material_ref;
    double gross_mass_kg, net_mass_kg, scrap_rate, tooling_cost;
    const void *external_cost;     /* struct process_external */
    struct field_list purchased;   /* of struct process_purchased */
    struct field_list envelope_mm; /* of double: x, y, z */
    struct field_list operations;  /* of struct process_operation */
};

extern const struct shape shape_process_plan;

/* What an extractor claimed about a revision; labeling checks it. */
struct prediction {
    const char *target_kind, *field_path, *field_name;
    struct uuid feature_id, face_uuid, pmi_id, dfm_issue_id;
    struct field_list drawing_bbox, position; /* of double */
    struct field_raw predicted_value;
    double predicted_confidence;
    const char *prompt;
};

extern const struct shape shape_prediction;
extern const char *const prediction_target_kinds[]; /* NULL-terminated */

/* The texts that are stored: members that are there, in table order, defaults filled in; so equal
   plans are equal texts. */
struct field_raw process_plan_text(struct arena *arena, const struct process_plan *plan);
struct field_raw predictions_text(struct arena *arena, const struct field_list *predictions);

/* crypto_generichash of both texts: what tells revisions apart. */
#define PLAN_HASH 32
void process_plan_hash(const struct field_raw *plan, const struct field_raw *predictions,
                       uint8_t hash[PLAN_HASH]);

/* A stored text as the price equation reads it; everything lives in arena. */
void process_plan_price(struct arena *arena, const struct field_raw *text, struct price_plan *plan);

#endif
