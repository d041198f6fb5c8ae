/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_field.c: what a field table takes is well-formed JSON, prints as such and reads back equal
 */
#include "../unit/field_sample.h"
#include "fuzz.h"

/* whether text is taken without a flaw; then out is the struct written again */
static bool read_text(const char *text, size_t len, struct buf *out)
{
    static const struct field_path root = {.key = "body"};
    struct arena *arena = arena_new();
    struct flaws flaws = {.arena = arena};
    struct sample sample;
    struct json_in in;
    char *body = malloc(len + 1);
    const char *why = NULL;
    size_t where;
    memcpy(body, text, len);
    body[len] = '\0';
    json_in_open(&in, body, len);
    field_read(&in, &sample_shape, &sample, &flaws, &root);
    bool good = json_in_finish(&in);
    memset(in.kept, '\xff', (size_t)(in.end - in.kept)); /* nobody needs it any more */
    json_in_close(&in);
    must(good == json_check(text, len, &why, &where), "reading and checking disagree");
    check_flaws(&flaws);
    good = good && !flaws.total;
    if (good) {
        field_write(out, &sample_shape, &sample);
        must(json_check(out->data, out->len, &why, &where), "what is written is not JSON");
    }
    arena_free(arena);
    free(body);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf once = {0}, twice = {0};
    if (read_text((const char *)data, size, &once)) {
        must(read_text(once.data, once.len, &twice), "what is written is not taken");
        must(once.len == twice.len && !memcmp(once.data, twice.data, once.len),
             "the second copy differs");
    }
    buf_clear(&once);
    buf_clear(&twice);
    return 0;
}
