/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing byte buffer and the JSON writer on it. */
#ifndef COSTWRIGHT_BUF_H
#define COSTWRIGHT_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct uuid;

/* Owner calls buf_clear. Growth succeeds or ends the process; data is not NUL-terminated
   unless buf_text is asked. A zeroed struct is an empty buffer. */
struct buf {
    char *data;
    size_t len, cap;
};

void buf_clear(struct buf *buf);              /* release the memory */
void buf_wipe(struct buf *buf);               /* the same, overwritten before: it held a secret */
void buf_reset(struct buf *buf, size_t keep); /* empty it; give memory beyond keep bytes back */
/* The bytes from place `from` on are not needed any more: their memory goes back, data stays where
   it is. */
void buf_forget(struct buf *buf, size_t from);
void buf_grow(struct buf *buf, size_t more); /* what buf_reserve does when there is no room */

/* room for more bytes; returns the write place */
static inline char *buf_reserve(struct buf *buf, size_t more)
{
    if (buf->cap - buf->len < more || !buf->data)
        buf_grow(buf, more);
    return buf->data + buf->len;
}

static inline void buf_add(struct buf *buf, const void *data, size_t len)
{
    if (!len)
        return;
    memcpy(buf_reserve(buf, len), data, len);
    buf->len += len;
}

static inline void buf_addc(struct buf *buf, char c)
{
    *buf_reserve(buf, 1) = c;
    buf->len++;
}

void buf_adds(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *buf_text(struct buf *buf); /* NUL-terminates (not counted in len) and returns data */

/* JSON writer. It keeps no state: a value or key that follows anything but the start of the
   buffer, '{', '[', ':' gets its comma by itself. Text is UTF-8 and is escaped as RFC 8259 asks. */
void json_object(struct buf *buf);
void json_object_end(struct buf *buf);
void json_array(struct buf *buf);
void json_array_end(struct buf *buf);
void json_key(struct buf *buf, const char *key);
void json_key_len(struct buf *buf, const char *key, size_t len);
void json_text(struct buf *buf, const char *text); /* NULL prints null */
void json_text_len(struct buf *buf, const char *text, size_t len);
void json_int(struct buf *buf, int64_t value);
void json_num(struct buf *buf, double value);   /* shortest decimal that reads back equal; a value
                                                   that is not finite prints null */
void json_num12(struct buf *buf, double value); /* the same after rounding to 12 significant digits:
                                                   for fitted quantities */
void json_bool(struct buf *buf, bool value);
void json_null(struct buf *buf);
void json_raw(struct buf *buf, const char *json); /* well-formed JSON text; NULL prints null */
void json_raw_len(struct buf *buf, const char *json, size_t len);
void json_uuid(struct buf *buf, const struct uuid *id); /* the nil uuid prints null */
void json_date(struct buf *buf, int32_t date);          /* DATE_NONE prints null */
void json_time(struct buf *buf, int64_t time);          /* TIME_NONE prints null */

/* key and value in one call */
void json_put_text(struct buf *buf, const char *key, const char *text);
void json_put_int(struct buf *buf, const char *key, int64_t value);
void json_put_num(struct buf *buf, const char *key, double value);
void json_put_num12(struct buf *buf, const char *key, double value);
void json_put_bool(struct buf *buf, const char *key, bool value);
void json_put_raw(struct buf *buf, const char *key, const char *json);
void json_put_uuid(struct buf *buf, const char *key, const struct uuid *id);

/* The number alone, as json_num and json_num12 print it, NUL-terminated; at least NUMBER_TEXT
 * bytes. */
#define NUMBER_TEXT 32
size_t number_text(char *out, double value);
/* The same of an integer, as json_int prints it. */
size_t number_int_text(char *out, int64_t value);
/* value rounded to 12 significant decimal digits */
double number_round12(double value);

#endif
