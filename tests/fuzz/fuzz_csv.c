/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_csv.c: CSV reads as JSON of the same rows, whatever comes; cells that are written are read
 */
#include "../unit/field_sample.h"
#include "csv_in.h"
#include "csv_out.h"
#include "fuzz.h"
#include "json_text.h"

/* data: a query string, a newline, CSV */
static void read_any(const uint8_t *data, size_t size)
{
    static const struct field_path root = {.key = "body"};
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t head = end ? (size_t)(end - data) : 0, len = size - head - (end != NULL);
    struct arena *arena = arena_new();
    struct flaws flaws = {.arena = arena};
    struct csv_rows rows;
    struct buf out = {0};
    const char *rest, *why;
    size_t where;
    char *query = strndup((const char *)data, head), *text = malloc(len);
    if (len)
        memcpy(text, data + size - len, len);
    csv_read(arena, text, len, query, &sample_shape, &out, &rest, &rows, &flaws);
    check_flaws(&flaws);
    must(strlen(rest) <= strlen(query), "more is left of the query than there was");
    for (size_t i = 1; i < rows.n; i++)
        must(rows.lines[i] > rows.lines[i - 1], "rows do not follow each other");
    must(json_check(out.data, out.len, &why, &where), "what comes out is not JSON");
    /* as the service goes on */
    struct sample sample;
    struct json_in in;
    buf_text(&out);
    json_in_open(&in, out.data, out.len);
    field_read(&in, &sample_shape, &sample, &flaws, &root);
    json_in_close(&in);
    for (size_t i = 0; i < flaws.total && i < FLAWS_KEPT; i++) {
        const char *place = csv_place(arena, &rows, flaws.kept[i].loc);
        must(json_check(place, strlen(place), &why, &where), "a place is not JSON");
    }
    buf_clear(&out);
    free(query);
    free(text);
    arena_free(arena);
}

/* data cut at its zero bytes into the texts of rows, written and read again */
static void read_back(const uint8_t *data, size_t size)
{
    static const struct field_path root = {.key = "body"};
    struct arena *arena = arena_new();
    struct flaws flaws = {.arena = arena};
    struct sample_row wanted[3] = {{.bin = NULL}};
    struct csv_rows rows;
    struct buf csv = {0}, json = {0};
    struct sample sample;
    struct json_in in;
    const char *rest;
    size_t n = 0;
    for (size_t from = 0; from < size && n < 3; n++) {
        size_t len = strnlen((const char *)data + from, size - from);
        const char *text = arena_strndup(arena, (const char *)data + from, len);
        from += len + 1;
        if (!utf8_valid(text, len))
            break;
        wanted[n] = (struct sample_row){.id.b = {1, (uint8_t)n},
                                        .predicted = (double)(len + 1) / 7,
                                        .actual = 1.0 / (double)(n + 3),
                                        .bin = len ? text : "all"};
    }
    csv_names(&csv, &sample_row_shape);
    for (size_t i = 0; i < n; i++)
        csv_line(&csv, &sample_row_shape, &wanted[i]);
    csv_read(arena, csv.data, csv.len, "name=back", &sample_shape, &json, &rest, &rows, &flaws);
    must(!flaws.total && rows.n == n, "what is written is not read");
    buf_text(&json);
    json_in_open(&in, json.data, json.len);
    field_read(&in, &sample_shape, &sample, &flaws, &root);
    must(json_in_finish(&in), "what is written is read as no JSON");
    json_in_close(&in);
    if (n && !flaws.total) {
        const struct sample_row *got = sample.rows.at;
        must(sample.rows.n == n, "rows are lost");
        for (size_t i = 0; i < n; i++)
            must(uuid_equal(&got[i].id, &wanted[i].id) && got[i].predicted == wanted[i].predicted &&
                     got[i].actual == wanted[i].actual && !strcmp(got[i].bin, wanted[i].bin),
                 "a row is read as another");
    }
    buf_clear(&csv);
    buf_clear(&json);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_any(data, size);
    read_back(data, size);
    return 0;
}
