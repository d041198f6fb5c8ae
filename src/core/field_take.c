/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scalars against the rules of their field, from JSON and query strings alike. */
#include "arena.h"
#include "buf.h"
#include "field_private.h"
#include "json_in.h"
#include "json_text.h"
#include "words.h"

#include <string.h>

#define EXCERPT_CHARACTERS 40

bool field_has_min(const struct field *field)
{
    return !isnan(field->min) && (field->min != 0 || field->max != 0);
}

bool field_has_max(const struct field *field)
{
    if (isnan(field->max) || (field->min == 0 && field->max == 0))
        return false;
    return isnan(field->min) || field->max >= field->min;
}

double field_most(const struct field *field, enum field_kind kind)
{
    if (field_has_max(field))
        return field->max;
    if (kind == FIELD_LIST)
        return FIELD_LIST_MAX;
    return field->flags & FIELD_NAME_TEXT ? FIELD_NAME_MAX : FIELD_TEXT_MAX;
}

/* U+0000 to U+001F but tab and newline, and U+007F; those beyond ASCII: utf8_c1 */
static bool is_control(unsigned char c)
{
    return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f;
}

const char *field_excerpt(char out[FIELD_EXCERPT], const char *text, size_t len)
{
    const char *end = text + len;
    char *p = out;
    for (int i = 0; i < EXCERPT_CHARACTERS && text < end; i++) {
        size_t step = utf8_char(text, end);
        if (step <= 1 && (!step || is_control((unsigned char)*text))) {
            *p++ = '?';
            text++;
            continue;
        }
        memcpy(p, text, step);
        p += step;
        text += step;
    }
    memcpy(p, text < end ? "..." : "", text < end ? 4 : 1);
    return out;
}

/* What a pattern's \s matches beyond ASCII: a name of nothing else is not seen where it is shown.
 */
static const char *const blanks[] = {"\u00a0", "\u1680", "\u2000", "\u2001", "\u2002",
                                     "\u2003", "\u2004", "\u2005", "\u2006", "\u2007",
                                     "\u2008", "\u2009", "\u200a", "\u2028", "\u2029",
                                     "\u202f", "\u205f", "\u3000", "\ufeff"};

/* Bytes of the blank at text; 0: there is none. */
static size_t blank_at(const char *text)
{
    if (!(*text & 0x80))
        return *text == ' ' || *text == '\t' || *text == '\n';
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
        if (!strncmp(text, blanks[i], strlen(blanks[i])))
            return strlen(blanks[i]);
    return 0;
}

static bool is_blank(const char *text)
{
    for (size_t step; (step = blank_at(text)); text += step)
        ;
    return !*text;
}

static void flag_choice(const struct field *field, const char *text, size_t len,
                        struct flaws *flaws, const struct field_path *path)
{
    struct buf list = {0};
    char excerpt[FIELD_EXCERPT];
    for (const char *const *choice = field->choices; *choice; choice++)
        buf_printf(&list, "%s%s", choice == field->choices ? "" : ", ", *choice);
    flaw_add(flaws, path, "not_a_choice", "must be one of %s; got \"%s\"", buf_text(&list),
             field_excerpt(excerpt, text, len));
    buf_clear(&list);
}

static bool is_choice(const struct field *field, const char *text)
{
    for (const char *const *choice = field->choices; *choice; choice++)
        if (!strcmp(*choice, text))
            return true;
    return false;
}

/* Bytes outside U+0020 to U+007E leave their highest bit (the first of them, maybe others too). */
static uint64_t odd_bytes(uint64_t word)
{
    return (word | (word - WORD_OF(' ')) | (word + WORD_OF(0x80 - 0x7f))) & WORD_OF(0x80);
}

/* Is there nothing but printable ASCII? The last word overlaps those before. */
static inline bool is_plain(const char *text, size_t len)
{
    if (len < 8) {
        uint64_t word = WORD_OF(' ');
        memcpy(&word, text, len);
        return !odd_bytes(word);
    }
    uint64_t odd = odd_bytes(word_at(text + len - 8));
    for (size_t i = 0; i + 8 < len; i += 8)
        odd |= odd_bytes(word_at(text + i));
    return !odd;
}

static void take_words(const struct field *field, const char **place, const char *text, size_t len,
                       struct flaws *flaws, const struct field_path *path)
{
    for (size_t i = is_plain(text, len) ? len : 0; i < len; i++) {
        bool c1 = utf8_c1(text + i);
        if (c1 || is_control((unsigned char)text[i])) {
            flaw_add(flaws, path, "control_character",
                     "must not hold control characters but tab and newline; got U+%04X",
                     (unsigned char)text[i + c1]);
            return;
        }
    }
    /* a character has at least one byte, so most texts need no counting */
    double most = field_most(field, FIELD_TEXT);
    bool bounded = (double)len > most || field_has_min(field);
    double characters = bounded ? (double)utf8_count(text, len) : 0;
    const char *wrong;
    if (bounded && characters > most) {
        flaw_add(flaws, path, "too_long", "must have at most %.0f characters, got %.0f", most,
                 characters);
    } else if (field_has_min(field) && characters < field->min) {
        flaw_add(flaws, path, "too_short", "must have at least %.0f characters, got %.0f",
                 field->min, characters);
    } else if (field->flags & FIELD_NAME_TEXT && is_blank(text)) {
        flaw_add(flaws, path, "blank", "must not be blank");
    } else if (field->choices && !is_choice(field, text)) {
        flag_choice(field, text, len, flaws, path);
    } else if (field->check && (wrong = field->check(text))) {
        flaw_add(flaws, path, "malformed", "%s", wrong);
    } else {
        *place = text;
    }
}

void field_take_text(const struct field *field, enum field_kind kind, void *place, const char *text,
                     size_t len, struct flaws *flaws, const struct field_path *path)
{
    const char *type, *wanted;
    switch (kind) {
    case FIELD_UUID:
        if (uuid_parse(place, text, len) && !uuid_is_nil(place))
            return;
        type = "not_a_uuid";
        wanted = "a UUID such as 0190a6c1-7f3e-7c2a-9d54-3b6f0c1e8a77, and not the nil one";
        break;
    case FIELD_DATE:
        if (date_parse(place, text, len))
            return;
        type = "not_a_date";
        wanted = "a calendar date such as 2026-04-24";
        break;
    case FIELD_TIME:
        if (time_parse(place, text, len))
            return;
        type = "not_a_time";
        wanted = "a moment such as 2026-04-24T09:30:00Z";
        break;
    default:
        take_words(field, place, text, len, flaws, path);
        return;
    }
    char excerpt[FIELD_EXCERPT];
    flaw_add(flaws, path, type, "must be %s; got \"%s\"", wanted,
             field_excerpt(excerpt, text, len));
}

static bool in_range(const struct field *field, double value, const char *shown, size_t shown_len,
                     struct flaws *flaws, const struct field_path *path)
{
    bool above = field->flags & FIELD_ABOVE_MIN, below = field->flags & FIELD_BELOW_MAX;
    bool low = field_has_min(field) && (above ? value <= field->min : value < field->min);
    bool high = field_has_max(field) && (below ? value >= field->max : value > field->max);
    if (!low && !high)
        return true;
    char limit[NUMBER_TEXT], excerpt[FIELD_EXCERPT];
    number_text(limit, low ? field->min : field->max);
    flaw_add(flaws, path, "out_of_range", "must be %s %s, got %s",
             high    ? below ? "less than" : "at most"
             : above ? "greater than"
                     : "at least",
             limit, field_excerpt(excerpt, shown, shown_len));
    return false;
}

/* neither a fraction nor beyond 64 bits; INT_NONE is the one value that cannot be told from none */
static bool is_int(const struct json_number *number, const char *shown, size_t shown_len,
                   struct flaws *flaws, const struct field_path *path)
{
    if (number->is_integer && number->integer != INT_NONE)
        return true;
    char excerpt[FIELD_EXCERPT];
    field_excerpt(excerpt, shown, shown_len);
    if (fabs(number->value) < 9223372036854775808.0) /* 2^63 */
        flaw_add(flaws, path, "type_error", "must be a whole number, got %s", excerpt);
    else
        flaw_add(flaws, path, "out_of_range", "must fit 64 bits, got %s", excerpt);
    return false;
}

void field_take_number(const struct field *field, enum field_kind kind, void *place,
                       const struct json_number *number, const char *shown, size_t shown_len,
                       struct flaws *flaws, const struct field_path *path)
{
    if (kind == FIELD_INT) {
        if (is_int(number, shown, shown_len, flaws, path) &&
            in_range(field, (double)number->integer, shown, shown_len, flaws, path))
            *(int64_t *)place = number->integer;
    } else if (!isfinite(number->value)) {
        char excerpt[FIELD_EXCERPT];
        flaw_add(flaws, path, "out_of_range", "must fit a double, got %s",
                 field_excerpt(excerpt, shown, shown_len));
    } else if (in_range(field, number->value, shown, shown_len, flaws, path)) {
        *(double *)place = number->value;
    }
}

void field_flag_missing(const struct field_plan *plan, const uint64_t *given, struct flaws *flaws,
                        const struct field_path *path)
{
    for (size_t word = 0; word < plan->words; word++)
        for (uint64_t left = plan->required[word] & ~given[word]; left; left &= left - 1) {
            size_t i = word * 64 + (size_t)__builtin_ctzll(left);
            flaw_add_at(flaws, path, plan->shape->fields[i].name, "missing", "is required");
        }
}
