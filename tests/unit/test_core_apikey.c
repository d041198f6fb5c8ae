/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_apikey.c: form of API keys, their hash, the secrets derived from the pepper */
#include "apikey.h"
#include "settings.h"

#include <CUnit/CUnit.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void suite_core_apikey(void);

#define A43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct {
    const char *text, *prefix; /* prefix NULL: not well formed */
} forms[] = {
    {"ak_live_AbCd1234_" A43, "AbCd1234"},
    {"ak_test_00000000_-_aZ9AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-", "00000000"},
    {"ak_a_zzzzzzzz_" A43, "zzzzzzzz"},
    {"ak_abcdefgh_AbCd1234_" A43, "AbCd1234"},
    {"", NULL},
    {"ak_", NULL},
    {"ak__AbCd1234_" A43, NULL},          /* no kind */
    {"ak_abcdefghi_AbCd1234_" A43, NULL}, /* kind too long */
    {"ak_Live_AbCd1234_" A43, NULL},
    {"sk_live_AbCd1234_" A43, NULL},
    {"AK_live_AbCd1234_" A43, NULL},
    {" ak_live_AbCd1234_" A43, NULL},
    {"ak_live_AbCd123_" A43, NULL},
    {"ak_live_AbCd12345_" A43, NULL},
    {"ak_live_AbCd123-_" A43, NULL},
    {"ak_live_AbCd1234-" A43, NULL},
    {"ak_live_AbCd1234_" A43 "A", NULL},
    {"ak_live_AbCd1234_" A43 " ", NULL},
    {"ak_live_AbCd1234_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL},
    {"ak_live_AbCd1234_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A", NULL},
    {"ak_live_AbCd1234_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", NULL},
    {"ak_live_AbCd1234_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\xc3\xbc", NULL},
    {"ak_live_AbCd1234", NULL},
};

static void test_form(void)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char prefix[APIKEY_PREFIX + 1] = "before..";
        CU_ASSERT_EQUAL(apikey_prefix(forms[i].text, prefix), forms[i].prefix != NULL);
        CU_ASSERT_STRING_EQUAL(prefix, forms[i].prefix ? forms[i].prefix : "before..");
    }
}

static void test_make(void)
{
    static const char *const kinds[] = {"live", "test", "abcdefgh"};
    char last[APIKEY_TEXT] = "";
    bool seen[128] = {false};
    for (int i = 0; i < 300; i++) {
        const char *kind = kinds[i % 3];
        char text[APIKEY_TEXT], prefix[APIKEY_PREFIX + 1], want[16];
        apikey_make(kind, text);
        CU_ASSERT(apikey_prefix(text, prefix));
        CU_ASSERT_EQUAL(strlen(text), 3 + strlen(kind) + 1 + 8 + 1 + 43);
        snprintf(want, sizeof want, "ak_%s_", kind);
        CU_ASSERT_EQUAL(strncmp(text, want, strlen(want)), 0);
        CU_ASSERT_STRING_NOT_EQUAL(text, last);
        strcpy(last, text);
        for (const char *p = prefix; *p; p++)
            seen[(unsigned char)*p] = true;
    }
    /* 2,400 draws from 62 characters: each is missing with probability 1e-17 */
    for (const char *p = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"; *p; p++)
        CU_ASSERT(seen[(unsigned char)*p]);
    char token[APIKEY_TEXT], other[APIKEY_TEXT];
    token_make(token);
    token_make(other);
    CU_ASSERT_EQUAL(strlen(token), 43);
    CU_ASSERT_STRING_NOT_EQUAL(token, other);
}

/* settings with a pepper_file that holds content, or none */
static struct settings with_pepper(const char *content, char file[64])
{
    strcpy(file, "/tmp/costwright-pepper-XXXXXX");
    int fd = mkstemp(file);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
    return (struct settings){.pepper_file = file};
}

static void hex(const uint8_t bytes[32], const char *want)
{
    char text[65];
    sodium_bin2hex(text, sizeof text, bytes, 32);
    CU_ASSERT_STRING_EQUAL(text, want);
}

/* Expected values: BLAKE2b of Python's hashlib (digest_size 32; sub-keys with salt = number of
   the purpose and personalisation "costwrgt", as crypto_kdf defines them). */
static void test_pepper(void)
{
    char file[64];
    struct settings settings = with_pepper("correct horse battery staple 2.385\n", file);
    unsetenv("CREDENTIALS_DIRECTORY");
    struct pepper pepper;
    CU_ASSERT_EQUAL(pepper_load(&settings, &pepper), ERR_OK);
    hex(pepper.key, "20ff399fdb22eb69edded8499f0ffbad77645385d16428b6194c883b33e2198b");
    hex(pepper.seal, "b1af0bdaa570ed383d863cbb1067713755383c501aba438f48823d728ce3446d");
    hex(pepper.choice, "fb7874425673ea555d40e8b2a95ab3ee167f02bceb90c8999a1ce6beb1e6cacf");
    uint8_t digest[APIKEY_DIGEST];
    apikey_digest(&pepper, "ak_live_AbCd1234_" A43, digest);
    hex(digest, "fa1ce1120dd0b82c1511f1cc91cb7575f982f44eaf11a700ea5eb924474bb1bd");
    apikey_digest(&pepper, "", digest);
    hex(digest, "9bd53517a5bf95e712af213cca6ad83fcfc798ea15685c04c3da64b3fedd35b8");
    pepper_clear(&pepper);
    CU_ASSERT(sodium_is_zero((const unsigned char *)&pepper, sizeof pepper));
    unlink(file);
}

static void test_pepper_refused(void)
{
    char file[64];
    struct pepper pepper = {.key = {7}};
    struct settings settings = with_pepper("only thirty-one bytes, not more\n", file);
    CU_ASSERT_EQUAL(pepper_load(&settings, &pepper), ERR_VALIDATION_ERROR);
    CU_ASSERT_EQUAL(pepper.key[0], 7);
    unlink(file);
    CU_ASSERT_EQUAL(pepper_load(&settings, &pepper), ERR_NOT_FOUND);
    settings.pepper_file = "";
    CU_ASSERT_EQUAL(pepper_load(&settings, &pepper), ERR_NOT_FOUND);
}

static void test_credential(void)
{
    char file[64], directory[] = "/tmp/costwright-creds-XXXXXX", path[96];
    struct settings settings = with_pepper("the file that the credential overrides", file);
    CU_ASSERT_FATAL(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/key.pepper", directory);
    FILE *out = fopen(path, "w");
    CU_ASSERT_FATAL(out != NULL);
    fputs("correct horse battery staple 2.385", out);
    fclose(out);
    setenv("CREDENTIALS_DIRECTORY", directory, 1);
    struct pepper pepper;
    CU_ASSERT_EQUAL(pepper_load(&settings, &pepper), ERR_OK);
    hex(pepper.key, "20ff399fdb22eb69edded8499f0ffbad77645385d16428b6194c883b33e2198b");
    unsetenv("CREDENTIALS_DIRECTORY");
    CU_ASSERT_EQUAL(pepper_load(&settings, &pepper), ERR_OK);
    CU_ASSERT_NOT_EQUAL(pepper.key[0], 0x20);
    unlink(path);
    rmdir(directory);
    unlink(file);
}

void suite_core_apikey(void)
{
    CU_pSuite suite = CU_add_suite("core_apikey", NULL, NULL);
    CU_add_test(suite, "form", test_form);
    CU_add_test(suite, "make", test_make);
    CU_add_test(suite, "pepper and digest", test_pepper);
    CU_add_test(suite, "pepper refused", test_pepper_refused);
    CU_add_test(suite, "pepper from a credential", test_credential);
}
