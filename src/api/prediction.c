/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shape of what extractors claimed about a part. */
#include "process_plan.h"

#include "buf.h"
#include "field_present.h"

const char *const prediction_target_kinds[] = {
    "feature",  "face",      "dfm_issue",      "pmi",   "drawing_region",
    "material", "operation", "machine_choice", "field", NULL};

#define AT(member) FIELD_OF(struct prediction, member)
static const struct field prediction_fields[] = {
    {AT(target_kind), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED,
     .choices = prediction_target_kinds},
    {AT(field_path), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED,
     .help = "What is claimed, as a path into the extraction."},
    {AT(field_name), .kind = FIELD_TEXT, FIELD_UP_TO(200)},
    {AT(feature_id), .kind = FIELD_UUID},
    {AT(face_uuid), .kind = FIELD_UUID},
    {AT(pmi_id), .kind = FIELD_UUID},
    {AT(dfm_issue_id), .kind = FIELD_UUID},
    {AT(drawing_bbox), .kind = FIELD_LIST, .item = FIELD_NUM, FIELD_UP_TO(100)},
    {AT(position), .kind = FIELD_LIST, .item = FIELD_NUM, FIELD_UP_TO(100)},
    {AT(predicted_value), .kind = FIELD_JSON, .flags = FIELD_REQUIRED},
    {AT(predicted_confidence), .kind = FIELD_NUM, .flags = FIELD_REQUIRED, FIELD_BETWEEN(0, 1)},
    {AT(prompt), .kind = FIELD_TEXT, .help = "What an annotator is asked."},
};
#undef AT

const struct shape shape_prediction = {.name = "Prediction",
                                       SHAPE_OF(struct prediction, prediction_fields),
                                       .nulls = SHAPE_NO_NULLS,
                                       .help = "What an extractor claimed; labeling checks it."};

struct field_raw predictions_text(struct arena *arena, const struct field_list *predictions)
{
    const struct prediction *list = predictions->at;
    struct buf buf = {0};
    json_array(&buf);
    for (size_t i = 0; i < predictions->n; i++)
        field_write_present(&buf, &shape_prediction, &list[i]);
    json_array_end(&buf);
    return field_raw_take(arena, &buf);
}
