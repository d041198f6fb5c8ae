/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bearer secrets: made, recognised, hashed; the pepper they are hashed under. */
#include "apikey.h"

#include "buf.h"
#include "settings.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEAST_PEPPER = 32,
    SECRET = 32,
    SECRET_TEXT = 43, /* of 32 bytes in base64url without padding */
    LONGEST_KIND = 8,
};

static const char start[] = "ak_";
#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char alphanumeric[] = ALPHANUMERIC, base64url[] = ALPHANUMERIC "-_";

/* The pepper of any length becomes one key, that one key per purpose: who learns one of them (a
   sealed answer's, say) learns nothing about the others. */
static void derive(const void *secret, size_t len, struct pepper *pepper)
{
    _Static_assert(crypto_kdf_CONTEXTBYTES == 8, "context is eight characters");
    static const char context[] = "costwrgt";
    uint8_t root[crypto_kdf_KEYBYTES];
    crypto_generichash(root, sizeof root, secret, len, NULL, 0);
    crypto_kdf_derive_from_key(pepper->key, sizeof pepper->key, 1, context, root);
    crypto_kdf_derive_from_key(pepper->seal, sizeof pepper->seal, 2, context, root);
    crypto_kdf_derive_from_key(pepper->choice, sizeof pepper->choice, 3, context, root);
    sodium_memzero(root, sizeof root);
}

enum err pepper_load(const struct settings *settings, struct pepper *pepper)
{
    if (sodium_init() < 0)
        abort();
    struct buf secret = {0};
    enum err err = settings_secret("key.pepper", settings->pepper_file, &secret);
    if (!err && secret.len < LEAST_PEPPER)
        err = ERR_VALIDATION_ERROR;
    if (!err)
        derive(secret.data, secret.len, pepper);
    buf_wipe(&secret);
    return err;
}

void pepper_clear(struct pepper *pepper)
{
    sodium_memzero(pepper, sizeof *pepper);
}

void token_make(char text[APIKEY_TEXT])
{
    uint8_t secret[SECRET];
    randombytes_buf(secret, sizeof secret);
    sodium_bin2base64(text, APIKEY_TEXT, secret, sizeof secret,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof secret);
}

void apikey_make(const char *kind, char text[APIKEY_TEXT])
{
    char prefix[APIKEY_PREFIX + 1] = "", secret[APIKEY_TEXT];
    for (int i = 0; i < APIKEY_PREFIX; i++)
        prefix[i] = alphanumeric[randombytes_uniform(sizeof alphanumeric - 1)];
    token_make(secret);
    if (strlen(kind) > LONGEST_KIND)
        abort();
    snprintf(text, APIKEY_TEXT, "%s%s_%s_%.*s", start, kind, prefix, SECRET_TEXT, secret);
    sodium_memzero(secret, sizeof secret);
}

bool apikey_prefix(const char *text, char prefix[APIKEY_PREFIX + 1])
{
    if (strncmp(text, start, sizeof start - 1) != 0)
        return false;
    text += sizeof start - 1;
    size_t kind = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    if (kind == 0 || kind > LONGEST_KIND || text[kind] != '_')
        return false;
    const char *public = text + kind + 1;
    if (strspn(public, alphanumeric) != APIKEY_PREFIX || public[APIKEY_PREFIX] != '_')
        return false;
    const char *secret = public + APIKEY_PREFIX + 1;
    if (strspn(secret, base64url) != SECRET_TEXT || secret[SECRET_TEXT] != '\0')
        return false;
    memcpy(prefix, public, APIKEY_PREFIX);
    prefix[APIKEY_PREFIX] = '\0';
    return true;
}

void apikey_digest(const struct pepper *pepper, const char *text, uint8_t digest[APIKEY_DIGEST])
{
    crypto_generichash(digest, APIKEY_DIGEST, (const unsigned char *)text, strlen(text),
                       pepper->key, sizeof pepper->key);
}
