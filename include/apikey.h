/* SPDX-License-Identifier: GPL-3.0-or-later */
/* API keys and other bearer secrets: their form, their keyed hash, the pepper. */
#ifndef COSTWRIGHT_APIKEY_H
#define COSTWRIGHT_APIKEY_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;

#define APIKEY_PREFIX 8 /* characters */
#define APIKEY_TEXT                                                                                \
    80 /* "ak_live_" + prefix + '_' + 43 base64url characters, and NUL; a kind <= 8 */
#define APIKEY_DIGEST 32

/* Secrets derived from the pepper, each for one purpose only. */
struct pepper {
    uint8_t key[32];    /* hashes API keys and tokens */
    uint8_t seal[32];   /* seals stored answers that hold a secret */
    uint8_t choice[32]; /* keyed choices nobody may predict (gold tasks) */
};

/* Reads credential key.pepper or settings' pepper_file (at least 32 bytes). ERR_NOT_FOUND,
   ERR_VALIDATION_ERROR (too short), ERR_UNAVAILABLE (cannot be read). Wipe with pepper_clear. */
enum err pepper_load(const struct settings *settings, struct pepper *pepper);
void pepper_clear(struct pepper *pepper);

/* A new key ak_<kind>_<prefix>_<secret>: 8 characters [A-Za-z0-9] public, 32 random bytes secret.
 */
void apikey_make(const char *kind, char text[APIKEY_TEXT]);
/* Well formed (of any kind)? Then prefix gets its 8 characters and NUL; else it is left alone. */
bool apikey_prefix(const char *text, char prefix[APIKEY_PREFIX + 1]);
/* crypto_generichash of text under the pepper: what is stored and compared (sodium_memcmp). */
void apikey_digest(const struct pepper *pepper, const char *text, uint8_t digest[APIKEY_DIGEST]);
/* A bare token of 32 random bytes in base64url (magic links, annotator sessions), hashed the same
 * way. */
void token_make(char text[APIKEY_TEXT]);

#endif
