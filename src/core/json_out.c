/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON writer: the byte before the write place tells whether a comma is due. */
#include "buf.h"
#include "uuid.h"
#include "when.h"
#include "words.h"

#include <string.h>

/* A string always ends in '"', so the last byte is structure and never text. */
static void comma(struct buf *buf)
{
    if (!buf->len)
        return;
    char last = buf->data[buf->len - 1];
    if (last != '{' && last != '[' && last != ':')
        buf_addc(buf, ',');
}

void json_object(struct buf *buf)
{
    comma(buf);
    buf_addc(buf, '{');
}

void json_object_end(struct buf *buf)
{
    buf_addc(buf, '}');
}

void json_array(struct buf *buf)
{
    comma(buf);
    buf_addc(buf, '[');
}

void json_array_end(struct buf *buf)
{
    buf_addc(buf, ']');
}

static void add_escape(struct buf *buf, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    char two[] = {'\\', (char)c};
    switch (c) {
    case '"':
    case '\\':
        break;
    case '\b':
        two[1] = 'b';
        break;
    case '\f':
        two[1] = 'f';
        break;
    case '\n':
        two[1] = 'n';
        break;
    case '\r':
        two[1] = 'r';
        break;
    case '\t':
        two[1] = 't';
        break;
    default: {
        char six[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
        buf_add(buf, six, sizeof six);
        return;
    }
    }
    buf_add(buf, two, sizeof two);
}

/* Whether none of 8 bytes has to be escaped: each test leaves the high bit of a byte that is below
   the constant subtracted from it. */
static bool is_plain(const char *text)
{
    uint64_t word = word_at(text), quote = word ^ WORD_OF('"'), slash = word ^ WORD_OF('\\');
    return !((((word - WORD_OF(0x20)) & ~word) | ((quote - WORD_OF(1)) & ~quote) |
              ((slash - WORD_OF(1)) & ~slash)) &
             WORD_OF(0x80));
}

static void add_string(struct buf *buf, const char *text, size_t len)
{
    buf_reserve(buf, len + 2);
    buf_addc(buf, '"');
    size_t from = 0, i = 0;
    while (i < len) {
        unsigned char c = (unsigned char)text[i];
        if (len - i >= 8 && is_plain(text + i)) {
            i += 8;
            continue;
        }
        if (c < 0x20 || c == '"' || c == '\\') {
            buf_add(buf, text + from, i - from);
            add_escape(buf, c);
            from = i + 1;
        }
        i++;
    }
    buf_add(buf, text + from, len - from);
    buf_addc(buf, '"');
}

void json_key(struct buf *buf, const char *key)
{
    json_key_len(buf, key, strlen(key));
}

void json_key_len(struct buf *buf, const char *key, size_t len)
{
    comma(buf);
    add_string(buf, key, len);
    buf_addc(buf, ':');
}

void json_text(struct buf *buf, const char *text)
{
    json_text_len(buf, text, text ? strlen(text) : 0);
}

void json_text_len(struct buf *buf, const char *text, size_t len)
{
    comma(buf);
    if (text)
        add_string(buf, text, len);
    else
        buf_adds(buf, "null");
}

void json_int(struct buf *buf, int64_t value)
{
    comma(buf);
    buf->len += number_int_text(buf_reserve(buf, NUMBER_TEXT), value);
}

void json_num(struct buf *buf, double value)
{
    comma(buf);
    buf->len += number_text(buf_reserve(buf, NUMBER_TEXT), value);
}

void json_num12(struct buf *buf, double value)
{
    json_num(buf, number_round12(value));
}

void json_bool(struct buf *buf, bool value)
{
    comma(buf);
    buf_adds(buf, value ? "true" : "false");
}

void json_null(struct buf *buf)
{
    comma(buf);
    buf_adds(buf, "null");
}

void json_raw(struct buf *buf, const char *json)
{
    comma(buf);
    buf_adds(buf, json ? json : "null");
}

void json_raw_len(struct buf *buf, const char *json, size_t len)
{
    comma(buf);
    if (json)
        buf_add(buf, json, len);
    else
        buf_adds(buf, "null");
}

static void add_quoted(struct buf *buf, const char *plain)
{
    comma(buf);
    buf_addc(buf, '"');
    buf_adds(buf, plain);
    buf_addc(buf, '"');
}

void json_uuid(struct buf *buf, const struct uuid *id)
{
    char text[UUID_TEXT];
    if (uuid_is_nil(id)) {
        json_null(buf);
        return;
    }
    uuid_text(id, text);
    add_quoted(buf, text);
}

void json_date(struct buf *buf, int32_t date)
{
    char text[DATE_TEXT];
    if (date == DATE_NONE) {
        json_null(buf);
        return;
    }
    date_text(date, text);
    add_quoted(buf, text);
}

void json_time(struct buf *buf, int64_t time)
{
    char text[TIME_TEXT];
    if (time == TIME_NONE) {
        json_null(buf);
        return;
    }
    time_text(time, text);
    add_quoted(buf, text);
}

void json_put_text(struct buf *buf, const char *key, const char *text)
{
    json_key(buf, key);
    json_text(buf, text);
}

void json_put_int(struct buf *buf, const char *key, int64_t value)
{
    json_key(buf, key);
    json_int(buf, value);
}

void json_put_num(struct buf *buf, const char *key, double value)
{
    json_key(buf, key);
    json_num(buf, value);
}

void json_put_num12(struct buf *buf, const char *key, double value)
{
    json_key(buf, key);
    json_num12(buf, value);
}

void json_put_bool(struct buf *buf, const char *key, bool value)
{
    json_key(buf, key);
    json_bool(buf, value);
}

void json_put_raw(struct buf *buf, const char *key, const char *json)
{
    json_key(buf, key);
    json_raw(buf, json);
}

void json_put_uuid(struct buf *buf, const char *key, const struct uuid *id)
{
    json_key(buf, key);
    json_uuid(buf, id);
}
