/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_json_in.c: checking, reading and writing JSON must agree with each other and with libc */
#include "buf.h"
#include "fuzz.h"
#include "json_c.h"
#include "json_text.h"

/* reads the value out and writes it again */
static void copy_value(struct json_in *in, struct buf *out)
{
    char *text;
    size_t len;
    struct json_number number;
    char *from = in->at;
    enum json_kind kind = json_in_peek(in);
    switch (kind) {
    case JSON_BAD:
        break;
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE:
        json_in_literal(in);
        if (kind == JSON_NULL)
            json_null(out);
        else
            json_bool(out, kind == JSON_TRUE);
        break;
    case JSON_NUMBER:
        from = in->at;
        if (!json_in_number(in, &number))
            break;
        text = strndup(from, (size_t)(in->at - from));
        double want = strtod(text, NULL);
        must(!memcmp(&number.value, &want, sizeof want), "a number is not strtod's");
        must(!number.is_integer || (double)number.integer == want, "an integer is another one");
        free(text);
        json_num(out, number.value);
        break;
    case JSON_STRING:
        if (!json_in_string(in, &text, &len))
            break;
        must(utf8_valid(text, len) && text[len] == '\0', "a text is not UTF-8");
        must(utf8_count(text, len) <= len, "more characters than bytes");
        json_text_len(out, text, len);
        break;
    case JSON_ARRAY:
        json_in_array(in);
        json_array(out);
        while (json_in_element(in))
            copy_value(in, out);
        json_array_end(out);
        break;
    case JSON_OBJECT:
        json_in_object(in);
        json_object(out);
        while (json_in_member(in, &text, &len)) {
            json_text_len(out, text, len);
            buf_addc(out, ':');
            copy_value(in, out);
        }
        json_object_end(out);
        break;
    }
}

static bool copy_text(const char *text, size_t len, struct buf *out)
{
    struct json_in in;
    char *body = malloc(len + 1);
    memcpy(body, text, len);
    body[len] = '\0';
    json_in_open(&in, body, len);
    copy_value(&in, out);
    bool good = json_in_finish(&in);
    must(good || (in.why && in.where <= len), "a fault without a place");
    json_in_close(&in);
    free(body);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why = NULL;
    size_t where = 0;
    struct buf once = {0}, twice = {0};
    char *text = malloc(size); /* without the byte behind that reading may ask for */
    memcpy(text, data, size);
    bool checked = json_check(text, size, &why, &where);
    must(!memcmp(text, data, size), "checking changed the text");
    must(copy_text(text, size, &once) == checked, "checking and reading disagree");
    if (checked) {
        must(json_check(once.data, once.len, &why, &where), "what is written is not taken");
        must(copy_text(once.data, once.len, &twice), "what is written is not read");
        must(once.len == twice.len && !memcmp(once.data, twice.data, once.len),
             "the second copy differs");
        must(json_c_agrees((const char *)data, size, once.data, once.len),
             "json-c does not take it, or reads another value");
    }
    buf_clear(&once);
    buf_clear(&twice);
    free(text);
    return 0;
}
