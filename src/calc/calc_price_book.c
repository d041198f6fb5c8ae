/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_price_book.c: effective-dated rates and exchange rates of an environment */
#include "calc_price.h"

#include "calc_order.h"

#include <string.h>

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int compare_keys(const struct price_rate *rate, const char *key, const char *key2)
{
    int order = compare_texts(rate->key, key);

    return order ? order : compare_texts(rate->key2, key2);
}

static int compare_rates(const void *left, const void *right)
{
    const struct price_rate *a = left, *b = right;
    int order = compare_keys(a, b->key, b->key2);

    if (order)
        return order;
    if (a->valid_from != b->valid_from)
        return a->valid_from < b->valid_from ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

void calc_price_order(struct price_book *book)
{
    for (size_t kind = 0; kind < PRICE_KINDS; kind++)
        calc_order_sort(book->rates[kind], book->n_rates[kind], sizeof *book->rates[kind],
                        compare_rates);
}

uint32_t calc_price_rate(const struct price_book *book, enum price_kind kind, const char *key,
                         const char *key2, int32_t date)
{
    const struct price_rate *rates = book->rates[kind];
    size_t low = 0, high = book->n_rates[kind];

    /* the first row behind those of the keys with valid_from <= date */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_keys(&rates[middle], key, key2);

        if (order < 0 || (order == 0 && rates[middle].valid_from <= date))
            low = middle + 1;
        else
            high = middle;
    }
    while (low-- > 0 && compare_keys(&rates[low], key, key2) == 0)
        if (rates[low].valid_to == PRICE_OPEN || rates[low].valid_to >= date)
            return (uint32_t)low;
    return PRICE_NONE;
}

bool calc_price_fx(const struct price_book *book, const char *currency, int32_t date,
                   double *factor, uint32_t *index)
{
    *index = PRICE_NONE;
    if (strcmp(currency, book->currency) == 0) {
        *factor = 1.0;
        return true;
    }
    *index = calc_price_rate(book, PRICE_FX, currency, book->currency, date);
    if (*index != PRICE_NONE) {
        *factor = book->rates[PRICE_FX][*index].value;
        return true;
    }
    *index = calc_price_rate(book, PRICE_FX, book->currency, currency, date);
    if (*index == PRICE_NONE)
        return false;
    *factor = 1.0 / book->rates[PRICE_FX][*index].value;
    return true;
}

const char *calc_price_failure_text(enum price_failure failure)
{
    static const char *const texts[PRICE_FAILURES] = {
        [PRICE_OK] = "ok",
        [PRICE_ENVIRONMENT_NOT_VALID] = "environment_not_valid",
        [PRICE_NO_MATERIAL_RATE] = "missing_material_rate",
        [PRICE_NO_LABOUR_RATE] = "missing_labour_rate",
        [PRICE_NO_FX] = "missing_fx_rate",
        [PRICE_NO_MACHINE] = "missing_machine",
        [PRICE_MACHINE_UNKNOWN] = "unknown_machine",
        [PRICE_MACHINE_NOT_VALID] = "machine_not_valid",
        [PRICE_MACHINE_DISABLED] = "machine_disabled",
        [PRICE_NO_TOOLING_UNITS] = "missing_tooling_units",
        [PRICE_NEGATIVE_MATERIAL] = "negative_material_cost",
        [PRICE_NOT_FINITE] = "out_of_range",
    };

    return failure < PRICE_FAILURES ? texts[failure] : "unknown";
}
