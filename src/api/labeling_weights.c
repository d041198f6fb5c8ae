/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weights of a fit as a record: versioned, checksummed. */
#include "labeling_fit.h"

#include "arena.h"
#include "buf.h"
#include "calc_hash.h"

#include <stdlib.h>
#include <string.h>

/* Layout, in the byte order of the machine, 8 bytes each unless said otherwise: head; m0; pi;
   theta; trust; ids (16); classes (verdict and length, 4 each, then text); hash of all before. */
struct head {
    char magic[4];
    uint32_t version, k, n, value_mode, classes_len;
};

#define MAGIC   "cwlw"
#define VERSION 1u

static void add_numbers(struct buf *out, const double *numbers, size_t n)
{
    if (n)
        buf_add(out, numbers, n * sizeof *numbers);
}

static int compare_places(const void *a, const void *b, void *context)
{
    const struct labeling_fit *fit = context;
    const uint32_t *annotator = fit->set.annotator;
    return uuid_compare(&fit->data.annotators[annotator[*(const uint32_t *)a]],
                        &fit->data.annotators[annotator[*(const uint32_t *)b]]);
}

/* Places of the set's annotators by id. */
static const uint32_t *by_id(struct arena *arena, const struct labeling_fit *fit)
{
    uint32_t n = fit->set.n_annotators;
    uint32_t *place = ARENA_ARRAY(arena, (size_t)n + 1, uint32_t);
    for (uint32_t j = 0; j < n; j++)
        place[j] = j;
    qsort_r(place, n, sizeof *place, compare_places, (void *)fit);
    return place;
}

struct field_raw labeling_weights_pack(struct arena *arena, const struct labeling_fit *fit)
{
    const struct labeling_set *set = &fit->set;
    if (!set->k)
        return (struct field_raw){NULL, 0};
    struct buf out = {0}, classes = {0};
    for (uint32_t c = 0; c < set->k; c++) {
        const uint32_t about[] = {set->classes[c].verdict, (uint32_t)strlen(set->classes[c].text)};
        buf_add(&classes, about, sizeof about);
        buf_add(&classes, set->classes[c].text, about[1]);
    }
    const struct head head = {
        MAGIC, VERSION, set->k, set->n_annotators, set->value_mode, (uint32_t)classes.len};
    buf_add(&out, &head, sizeof head);
    add_numbers(&out, &fit->m0, 1);
    add_numbers(&out, fit->consensus.pi, set->k);
    const uint32_t *place = by_id(arena, fit);
    size_t cells = (size_t)set->k * set->k;
    for (uint32_t j = 0; j < set->n_annotators; j++)
        add_numbers(&out, fit->consensus.theta + place[j] * cells, cells);
    for (uint32_t j = 0; j < set->n_annotators; j++)
        add_numbers(&out, &fit->trust[place[j]], 1);
    for (uint32_t j = 0; j < set->n_annotators; j++)
        buf_add(&out, fit->data.annotators[set->annotator[place[j]]].b, sizeof(struct uuid));
    buf_add(&out, classes.data, classes.len);
    uint64_t hash = calc_hash_h64(out.data, out.len);
    buf_add(&out, &hash, sizeof hash);
    struct field_raw record = {arena_strndup(arena, out.data, out.len), out.len};
    buf_clear(&classes);
    buf_clear(&out);
    return record;
}

static bool read_classes(struct arena *arena, const char *at, const char *end,
                         struct labeling_weights *weights)
{
    weights->classes = ARENA_ARRAY(arena, weights->k, struct labeling_class);
    for (uint32_t c = 0; c < weights->k; c++) {
        uint32_t about[2];
        if ((size_t)(end - at) < sizeof about)
            return false;
        memcpy(about, at, sizeof about);
        at += sizeof about;
        if ((size_t)(end - at) < about[1])
            return false;
        weights->classes[c] =
            (struct labeling_class){INTERN_NONE, about[0], arena_strndup(arena, at, about[1])};
        at += about[1];
    }
    return at == end;
}

bool labeling_weights_unpack(struct arena *arena, const struct field_raw *record,
                             struct labeling_weights *weights)
{
    struct head head;
    uint64_t hash;
    if (!record->text || record->len < sizeof head + sizeof hash)
        return false;
    memcpy(&head, record->text, sizeof head);
    size_t body = record->len - sizeof hash;
    memcpy(&hash, record->text + body, sizeof hash);
    if (memcmp(head.magic, MAGIC, sizeof head.magic) != 0 || head.version != VERSION || !head.k ||
        head.k > CALC_LABELS_MAX_K || hash != calc_hash_h64(record->text, body))
        return false;
    size_t k = head.k, n = head.n;
    size_t numbers = 1 + k + n * k * k + n;
    if (body != sizeof head + numbers * sizeof(double) + n * sizeof(struct uuid) + head.classes_len)
        return false;
    double *read = ARENA_ARRAY(arena, numbers, double);
    memcpy(read, record->text + sizeof head, numbers * sizeof(double));
    const char *ids = record->text + sizeof head + numbers * sizeof(double);
    *weights = (struct labeling_weights){
        .value_mode = head.value_mode,
        .k = head.k,
        .n = head.n,
        .m0 = read[0],
        .pi = read + 1,
        .theta = read + 1 + k,
        .trust = read + 1 + k + n * k * k,
        .ids = (const uint8_t *)ids,
    };
    return read_classes(arena, ids + n * sizeof(struct uuid), record->text + body, weights);
}

uint32_t labeling_weights_find(const struct labeling_weights *weights, const struct uuid *id)
{
    uint32_t low = 0, high = weights->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = memcmp(weights->ids + (size_t)middle * sizeof *id, id->b, sizeof *id);
        if (!order)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return weights->n;
}
