/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values as labels. */
#include "labeling_value.h"

#include "arena.h"
#include "buf.h"
#include "json_canonical.h"
#include "request.h"
#include "store_label_data.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool labeling_value_is_label(const struct intern *values, uint32_t value)
{
    const char *text = values->entries[value].text;
    return text[0] == '"' || !strcmp(text, "true") || !strcmp(text, "false");
}

uint32_t labeling_value_answer(struct intern *values, const char *answer)
{
    struct buf text = {0};
    if (!answer || label_verdict_find(answer) != LABEL_NO_VERDICT)
        return INTERN_NONE;
    if (!json_canonical(&text, answer, strlen(answer)) || !strchr("\"tf", buf_text(&text)[0])) {
        buf_reset(&text, text.cap);
        json_text(&text, answer);
    }
    uint32_t value = intern_put(values, text.data, text.len);
    buf_clear(&text);
    return value;
}

static struct label_digest digest_of(const struct intern_entry *value)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    struct label_digest digest;
    crypto_hash_sha256(hash, (const uint8_t *)value->text, value->len);
    memcpy(digest.b, hash, sizeof digest.b);
    return digest;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct label_digest));
}

static bool has(const struct label_digests *known, const struct label_digest *wanted)
{
    for (size_t i = 0; i < known->n; i++)
        if (!compare(&known->at[i], wanted))
            return true;
    return false;
}

/* False: one is no label, or they are too many. */
static bool choose_new(const struct label_digests *known, const struct intern *values,
                       struct label_digest added[LABELING_VALUES], size_t *n)
{
    for (uint32_t v = 0; v < values->n; v++) {
        if (!labeling_value_is_label(values, v))
            return false;
        struct label_digest digest = digest_of(&values->entries[v]);
        if (has(known, &digest))
            continue;
        if (known->n + *n >= LABELING_VALUES)
            return false;
        added[(*n)++] = digest;
    }
    return true;
}

enum err labeling_value_join(struct request *request, struct uuid campaign,
                             const struct label_digests *known, const struct intern *values,
                             bool *verdicts_only)
{
    static const struct label_digest verdicts; /* zeros */
    struct label_digest added[LABELING_VALUES];
    size_t n = 0;
    *verdicts_only = known->n > LABELING_VALUES || has(known, &verdicts);
    if (*verdicts_only)
        return ERR_OK;
    if (!choose_new(known, values, added, &n)) {
        *verdicts_only = true;
        added[0] = verdicts;
        n = 1;
    }
    /* in one order, so that no two transactions wait for each other */
    qsort(added, n, sizeof *added, compare);
    return store_label_value_insert(request->db, request->arena, request->caller.org, campaign,
                                    &(struct label_digests){added, n});
}

static enum err learn(struct request *request, struct uuid campaign, const struct intern *values)
{
    bool verdicts_only;
    struct label_digests known;
    enum err err =
        store_label_value_list(request->db, request->arena, request->caller.org, campaign, &known);
    return err ? err : labeling_value_join(request, campaign, &known, values, &verdicts_only);
}

enum err labeling_value_tasks(struct request *request, struct uuid campaign,
                              const struct store_label_task *tasks, size_t n)
{
    struct intern values;
    intern_init(&values, request->arena);
    for (size_t i = 0; i < n; i++) {
        label_value_put(&values, tasks[i].predicted_value.text, tasks[i].predicted_value.len);
        if (tasks[i].is_gold == 1)
            labeling_value_answer(&values, tasks[i].gold_answer);
    }
    return learn(request, campaign, &values);
}

enum err labeling_value_said(struct request *request, struct uuid campaign,
                             const struct field_raw *value)
{
    struct intern values;
    if (!value->text)
        return ERR_OK;
    intern_init(&values, request->arena);
    label_value_put(&values, value->text, value->len);
    return learn(request, campaign, &values);
}
