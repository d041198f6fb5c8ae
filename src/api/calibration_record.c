/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The packed record of the rows of a run. */
#include "calibration.h"

#include "arena.h"
#include "search.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC    "CWRR"
#define VERSION  1u
#define ROW_SIZE (4 * 16 + 6 * 8 + 4)
#define CHECKSUM 32

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are little-endian");

static void put_row(struct buf *out, const struct evidence *evidence,
                    const struct calc_driver_row *row, uint32_t bin)
{
    buf_add(out, &evidence->natural, 16);
    buf_add(out, &evidence->content, 16);
    buf_add(out, &evidence->revision, 16);
    buf_add(out, &evidence->part, 16);
    buf_add(out, &row->lot_size, sizeof row->lot_size);
    buf_add(out, row->c, sizeof row->c);
    buf_add(out, &row->actual, sizeof row->actual);
    buf_add(out, &bin, sizeof bin);
}

struct field_raw calibration_record_pack(struct arena *arena, const struct calibration_rows *rows)
{
    const char **bins = ARENA_ARRAY(arena, rows->n, const char *);
    for (size_t i = 0; i < rows->n; i++)
        bins[i] = rows->evidence[i]->bin;
    qsort(bins, rows->n, sizeof *bins, search_texts);
    uint32_t n_bins = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (!n_bins || strcmp(bins[n_bins - 1], bins[i]) != 0)
            bins[n_bins++] = bins[i];
    uint32_t version = VERSION;
    uint64_t n = rows->n;
    size_t size = 4 + sizeof version + sizeof n + n * ROW_SIZE + sizeof n_bins + CHECKSUM;
    for (uint32_t i = 0; i < n_bins; i++)
        size += sizeof(uint32_t) + strlen(bins[i]);
    /* written where it stays: a record is megabytes */
    struct buf out = {.data = arena_alloc(arena, size), .cap = size};
    buf_add(&out, MAGIC, 4);
    buf_add(&out, &version, sizeof version);
    buf_add(&out, &n, sizeof n);
    for (size_t i = 0; i < n; i++) {
        size_t at = search_place(&rows->evidence[i]->bin, bins, n_bins, sizeof *bins, search_texts);
        put_row(&out, rows->evidence[i], &rows->rows[i], (uint32_t)at);
    }
    buf_add(&out, &n_bins, sizeof n_bins);
    for (uint32_t i = 0; i < n_bins; i++) {
        uint32_t len = (uint32_t)strlen(bins[i]);
        buf_add(&out, &len, sizeof len);
        buf_add(&out, bins[i], len);
    }
    uint8_t checksum[CHECKSUM];
    crypto_generichash(checksum, sizeof checksum, (uint8_t *)out.data, out.len, NULL, 0);
    buf_add(&out, checksum, sizeof checksum);
    return (struct field_raw){out.data, out.len};
}

struct cursor {
    const char *at, *end;
    bool short_of;
};

static void take(struct cursor *cursor, void *to, size_t len)
{
    if ((size_t)(cursor->end - cursor->at) < len) {
        cursor->short_of = true;
        memset(to, 0, len);
        return;
    }
    memcpy(to, cursor->at, len);
    cursor->at += len;
}

static enum err take_bins(struct arena *arena, struct cursor *cursor, const uint32_t *bin_of,
                          struct calibration_record_row *rows, uint64_t n)
{
    uint32_t n_bins;
    take(cursor, &n_bins, sizeof n_bins);
    if (cursor->short_of || n_bins > n)
        return ERR_INTERNAL;
    const char **bins = ARENA_ARRAY(arena, n_bins, const char *);
    for (uint32_t i = 0; i < n_bins; i++) {
        uint32_t len;
        take(cursor, &len, sizeof len);
        if (cursor->short_of || (size_t)(cursor->end - cursor->at) < len)
            return ERR_INTERNAL;
        bins[i] = arena_strndup(arena, cursor->at, len);
        cursor->at += len;
    }
    for (uint64_t i = 0; i < n; i++) {
        if (bin_of[i] >= n_bins)
            return ERR_INTERNAL;
        rows[i].bin = bins[bin_of[i]];
    }
    return cursor->at == cursor->end ? ERR_OK : ERR_INTERNAL;
}

enum err calibration_record_unpack(struct arena *arena, const struct field_raw *record,
                                   struct calibration_record_row **out, size_t *out_n)
{
    uint8_t checksum[CHECKSUM];
    if (record->len < 16 + CHECKSUM)
        return ERR_INTERNAL;
    size_t body = record->len - CHECKSUM;
    crypto_generichash(checksum, sizeof checksum, (const uint8_t *)record->text, body, NULL, 0);
    if (memcmp(checksum, record->text + body, CHECKSUM) != 0)
        return ERR_INTERNAL;
    struct cursor cursor = {record->text, record->text + body, false};
    char magic[4];
    uint32_t version;
    uint64_t n;
    take(&cursor, magic, sizeof magic);
    take(&cursor, &version, sizeof version);
    take(&cursor, &n, sizeof n);
    if (memcmp(magic, MAGIC, sizeof magic) != 0 || version != VERSION || n > body / ROW_SIZE)
        return ERR_INTERNAL;
    struct calibration_record_row *rows = ARENA_ARRAY(arena, n, struct calibration_record_row);
    uint32_t *bin_of = ARENA_ARRAY(arena, n, uint32_t);
    for (uint64_t i = 0; i < n; i++) {
        take(&cursor, &rows[i].natural, 16);
        take(&cursor, &rows[i].content, 16);
        take(&cursor, &rows[i].revision, 16);
        take(&cursor, &rows[i].part, 16);
        take(&cursor, &rows[i].lot_size, sizeof rows[i].lot_size);
        take(&cursor, rows[i].c, sizeof rows[i].c);
        take(&cursor, &rows[i].actual, sizeof rows[i].actual);
        take(&cursor, &bin_of[i], sizeof bin_of[i]);
    }
    *out = rows;
    *out_n = n;
    return take_bins(arena, &cursor, bin_of, rows, n);
}
