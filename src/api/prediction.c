/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shape of what extractors claimed about a part. */
#include "process_plan.h"

#include "buf.h"
#include "field_present.h"

const char *const prediction_target_kinds[] = {
    "feature",  "face",      "dfm_issue",      "pmi",   "drawing_region",
    "material", "operation", "machine_choice", "field", NULL};

#define AT(member) .offset = offsetof(struct prediction, member)
static const struct field prediction_fields[] = {
    {.name = "target_kind",
     .kind = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     AT(target_kind),
     .choices = prediction_target_kinds},
    {.name = "field_path",
     .kind = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     AT(field_path),
     .help = "What is claimed, as a path into the extraction."},
    {.name = "field_name", .kind = FIELD_TEXT, AT(field_name), FIELD_UP_TO(200)},
    {.name = "feature_id", .kind = FIELD_UUID, AT(feature_id)},
    {.name = "face_uuid", .kind = FIELD_UUID, AT(face_uuid)},
    {.name = "pmi_id", .kind = FIELD_UUID, AT(pmi_id)},
    {.name = "dfm_issue_id", .kind = FIELD_UUID, AT(dfm_issue_id)},
    {.name = "drawing_bbox",
     .kind = FIELD_LIST,
     .item = FIELD_NUM,
     AT(drawing_bbox),
     FIELD_UP_TO(100)},
    {.name = "position", .kind = FIELD_LIST, .item = FIELD_NUM, AT(position), FIELD_UP_TO(100)},
    {.name = "predicted_value", .kind = FIELD_JSON, .flags = FIELD_REQUIRED, AT(predicted_value)},
    {.name = "predicted_confidence",
     .kind = FIELD_NUM,
     .flags = FIELD_REQUIRED,
     AT(predicted_confidence),
     FIELD_BETWEEN(0, 1)},
    {.name = "prompt", .kind = FIELD_TEXT, AT(prompt), .help = "What an annotator is asked."},
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
