/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error catalogue as lookups. */
#include "err.h"

static const struct {
    int status;
    const char *code;
    bool retry;
    const char *text, *mend;
} catalogue[ERR_COUNT] = {
    [ERR_OK] = {200, "ok", false, "", ""},
#define X(name, status, code, retry, text, mend) [ERR_##name] = {status, code, retry, text, mend},
    ERR_CATALOGUE(X)
#undef X
        [ERR_RETRY] = {503, "unavailable", true, "The service is busy; retry.", ""},
    [ERR_DUPLICATE] = {409, "conflict", false, "The resource exists already.", ""},
};

int err_status(enum err err)
{
    return catalogue[err].status;
}

const char *err_code(enum err err)
{
    return catalogue[err].code;
}

const char *err_message(enum err err)
{
    return catalogue[err].text;
}

const char *err_mend(enum err err)
{
    return catalogue[err].mend;
}

bool err_retry_safe(enum err err)
{
    return catalogue[err].retry;
}
