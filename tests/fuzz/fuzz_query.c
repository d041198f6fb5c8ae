/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_query.c: a query string reads as what was encoded into it, and as nothing else */
#include "../unit/field_sample.h"
#include "fuzz.h"
#include "json_text.h"

/* any bytes at all */
static void read_any(const char *query)
{
    struct arena *arena = arena_new();
    struct flaws flaws = {.arena = arena};
    struct sample sample;
    field_read_query(query, &sample_shape, &sample, &flaws);
    check_flaws(&flaws);
    if (!flaws.total) { /* what was taken can be answered */
        struct buf out = {0};
        const char *why;
        size_t where;
        field_write(&out, &sample_shape, &sample);
        must(json_check(out.data, out.len, &why, &where), "what is taken does not print");
        buf_clear(&out);
    }
    arena_free(arena);
}

/* as a careful client writes it: everything but letters and digits escaped, in either case */
static void encode(struct buf *out, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool plain = (data[i] >= '0' && data[i] <= '9') || (data[i] >= 'a' && data[i] <= 'z');
        if (plain)
            buf_addc(out, (char)data[i]);
        else if (data[i] == ' ' && i % 2)
            buf_addc(out, '+');
        else
            buf_printf(out, i % 3 ? "%%%02X" : "%%%02x", data[i]);
    }
}

/* Bytes of the blank at text, ASCII or not; 0: there is none. */
static size_t blank_at(const char *text)
{
    static const struct {
        unsigned first, last;
    } blanks[] = {{'\t', '\n'},         {' ', ' '},           {0xc2a0, 0xc2a0},
                  {0xe19a80, 0xe19a80}, {0xe28080, 0xe2808a}, {0xe280a8, 0xe280a9},
                  {0xe280af, 0xe280af}, {0xe2819f, 0xe2819f}, {0xe38080, 0xe38080},
                  {0xefbbbf, 0xefbbbf}};
    unsigned bytes = 0;
    for (size_t len = 1; len <= 3 && text[len - 1]; len++) {
        bytes = bytes << 8 | (unsigned char)text[len - 1];
        for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
            if (bytes >= blanks[i].first && bytes <= blanks[i].last)
                return len;
    }
    return 0;
}

/* The rules of a name, once more: at most 200 characters of UTF-8, no control but tab and newline,
   not blank. */
static bool is_name(const char *text, size_t len)
{
    size_t blank = 0;
    if (!utf8_valid(text, len) || utf8_count(text, len) > 200)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool c1 = c == 0xc2 && (unsigned char)text[i + 1] < 0xa0; /* U+0080 to U+009F */
        if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f || c1)
            return false;
    }
    for (size_t step; (step = blank_at(text + blank)); blank += step)
        ;
    return blank < len;
}

static void read_back(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct flaws flaws = {.arena = arena};
    struct sample sample;
    struct buf query = {0};
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    buf_adds(&query, "active=1&&name=");
    encode(&query, data, size);
    buf_adds(&query, "&count=7");
    field_read_query(buf_text(&query), &sample_shape, &sample, &flaws);
    check_flaws(&flaws);
    must(sample.count == 7 && sample.active == 1, "a neighbour was lost");
    /* the sample's own rule: extra, which is {} here, must not speak of the name */
    must(!flaws.total == (is_name(text, size) && !strstr("{}", text)),
         "a name is taken that is none, or the reverse");
    must(flaws.total || (strlen(sample.name) == size && !memcmp(sample.name, text, size)),
         "a name is read as another");
    free(text);
    buf_clear(&query);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *query = strndup((const char *)data, size);
    read_any(query);
    read_back(data, size);
    free(query);
    return 0;
}
