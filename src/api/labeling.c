/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of labeling share. */
#include "labeling.h"

#include "arena.h"
#include "buf.h"
#include "json_canonical.h"
#include "json_text.h"
#include "memory.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS      4095
#define LEVEL_SHIFT 51
/* ages count from here: 51 bits of microseconds last until 2091 */
#define EPOCH (INT64_C(1577836800) * 1000000)

const char *const labeling_adjudication_verdicts[] = {"confirm", "reject", "correct", NULL};

static void hash_id(crypto_generichash_state *state, const struct uuid *id)
{
    crypto_generichash_update(state, id->b, sizeof id->b);
}

static void hash_text(crypto_generichash_state *state, const char *text)
{
    if (text)
        crypto_generichash_update(state, (const uint8_t *)text, strlen(text));
    crypto_generichash_update(state, (const uint8_t *)"", 1);
}

enum err labeling_check_open(struct request *request, const struct store_label_campaign *campaign)
{
    if (!strcmp(campaign->status, "open"))
        return ERR_OK;
    return request_conflict(request, "campaign_closed", "The campaign is %s.", campaign->status);
}

bool labeling_subject(const struct store_label_task *task, uint8_t subject[LABELING_SUBJECT])
{
    if (uuid_is_nil(&task->part_revision_id))
        return false;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, LABELING_SUBJECT);
    hash_id(&state, &task->part_revision_id);
    hash_id(&state, &task->feature_id);
    hash_id(&state, &task->face_uuid);
    hash_id(&state, &task->pmi_id);
    hash_id(&state, &task->dfm_issue_id);
    hash_text(&state, task->target_kind);
    hash_text(&state, task->field_path);
    hash_text(&state, task->field_name);
    hash_text(&state, task->detail_kind);
    hash_text(&state, task->drawing_bbox.text);
    hash_text(&state, task->position.text);
    crypto_generichash_final(&state, subject, LABELING_SUBJECT);
    return true;
}

int64_t labeling_place_random(void)
{
    uint64_t place;
    randombytes_buf(&place, sizeof place);
    return (int64_t)(place >> 1);
}

int64_t labeling_place_uncertain(double entropy, int64_t created_at)
{
    int64_t age = created_at > EPOCH ? created_at - EPOCH : 0;
    double share = entropy > 1 ? 1 : entropy > 0 ? entropy : 0;
    int64_t level = (int64_t)((1 - share) * LEVELS + 0.5);
    return level << LEVEL_SHIFT | (age & ((INT64_C(1) << LEVEL_SHIFT) - 1));
}

static bool is_verdict(const char *text)
{
    for (const char *const *verdict = labeling_adjudication_verdicts; *verdict; verdict++)
        if (!strcmp(text, *verdict))
            return true;
    return false;
}

/* Is the JSON value a string of this text? */
static bool is_string_of(const struct field_raw *value, const char *answer)
{
    size_t len = strlen(answer);
    if (value->len < 2 || value->text[0] != '"')
        return false;
    char *text = memory_new(value->len);
    size_t n = json_text_unescape(text, value->text + 1, value->len - 2);
    bool equal = n == len && !memcmp(text, answer, len);
    free(text);
    return equal;
}

static bool is_number_of(const struct field_raw *value, const char *answer)
{
    char *value_end, *answer_end;
    double number = strtod(value->text, &value_end), wanted = strtod(answer, &answer_end);
    return value_end != value->text && !*value_end && answer_end != answer && !*answer_end &&
           number == wanted;
}

/* Does the JSON value say what the answer says? */
static bool says(const struct field_raw *value, const char *answer)
{
    const struct field_raw wanted = {answer, strlen(answer)};
    return value->text && (is_string_of(value, answer) || is_number_of(value, answer) ||
                           json_same(value, &wanted));
}

bool labeling_gold_right(const char *gold_answer, const char *verdict,
                         const struct field_raw *predicted_value,
                         const struct field_raw *corrected_value)
{
    if (is_verdict(gold_answer) && !strcmp(gold_answer, verdict))
        return true;
    if (!strcmp(verdict, "confirm"))
        return says(predicted_value, gold_answer);
    return !strcmp(verdict, "correct") && says(corrected_value, gold_answer);
}

void labeling_check_answer(const char *verdict, const struct field_raw *corrected_value,
                           struct flaws *flaws, const struct field_path *path)
{
    bool correct = verdict && !strcmp(verdict, "correct");
    if (correct && !corrected_value->text)
        flaw_add_at(flaws, path, "corrected_value", "missing", "is needed with verdict correct");
    if (verdict && !correct && corrected_value->text)
        flaw_add_at(flaws, path, "corrected_value", "not_allowed",
                    "is allowed with verdict correct only");
}

struct field_raw labeling_numbers(struct arena *arena, const struct field_list *list)
{
    const double *items = list->at;
    struct buf text = {0};
    if (!items)
        return (struct field_raw){NULL, 0};
    json_array(&text);
    for (size_t i = 0; i < list->n; i++)
        json_num(&text, items[i]);
    json_array_end(&text);
    struct field_raw raw = {arena_strndup(arena, text.data, text.len), text.len};
    buf_clear(&text);
    return raw;
}
