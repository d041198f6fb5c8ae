/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings: file and overrides, every kind of fault, secrets. */
#include "settings.h"

#include "buf.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void suite_settings(void);

static char path[] = "/tmp/costwright-settings-XXXXXX";

static void write_file(const char *text, size_t len)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_EQUAL(fwrite(text, 1, len, file), len);
    fclose(file);
}

static enum err load(struct settings *settings, const char *text, struct buf *faults)
{
    write_file(text, strlen(text));
    return settings_load(settings, path, NULL, 0, faults);
}

static void test_defaults(void)
{
    struct settings settings;
    struct buf faults = {0};
    CU_ASSERT_EQUAL(settings_load(&settings, NULL, NULL, 0, &faults), ERR_OK);
    CU_ASSERT_EQUAL(faults.len, 0);
    CU_ASSERT_EQUAL(settings.workers_light, 4);
    CU_ASSERT_EQUAL(settings.body_bytes, 16777216);
    CU_ASSERT_STRING_EQUAL(settings.db_name, "costwright");
    CU_ASSERT_STRING_EQUAL(settings.db_password_file, "");
    settings_clear(&settings);
    buf_clear(&faults);
}

static void test_file_and_overrides(void)
{
    static const char text[] = "# comment\n\n  workers_light = 7  \r\n\tdb_name=a b # no comment\n"
                               "key_kind = test\nlog_level = warning";
    static const char *const overrides[] = {"workers_light=9", "hosts = 3", "hosts=4"};
    struct settings settings;
    struct buf faults = {0};
    write_file(text, strlen(text));
    CU_ASSERT_EQUAL(settings_load(&settings, path, overrides, 3, &faults), ERR_OK);
    CU_ASSERT_STRING_EQUAL(buf_text(&faults), "");
    CU_ASSERT_EQUAL(settings.workers_light, 9);
    CU_ASSERT_EQUAL(settings.hosts, 4);
    CU_ASSERT_STRING_EQUAL(settings.db_name, "a b # no comment");
    CU_ASSERT_STRING_EQUAL(settings.key_kind, "test");
    CU_ASSERT_STRING_EQUAL(settings.log_level, "warning");
    settings_clear(&settings);
    buf_clear(&faults);
}

static const struct {
    const char *line, *says;
} faulty[] = {
    {"workers_light = 0", ":2: workers_light must be from 1 to 128, not 0"},
    {"workers_light = 129", "from 1 to 128, not 129"},
    {"workers_light = 99999999999999999999", "from 1 to 128"},
    {"workers_light = 4x", "must be a whole number, not \"4x\""},
    {"workers_light = +4", "must be a whole number"},
    {"workers_light = \v4", "must be a whole number"},
    {"workers_light = 4.0", "must be a whole number"},
    {"workers_light =", "must be a whole number, not \"\""},
    {"workers_light", "not of the form name = value"},
    {"worker_light = 4", "there is no setting \"worker_light\""},
    {" = 4", "there is no setting \"\""},
    {"log_format = xml", "log_format cannot be \"xml\""},
    {"key_kind = live ish", "key_kind cannot be"},
    {"db_name =", "db_name must have 1 to 64 characters, not 0"},
    {"hosts = 2\nhosts = 2", ":3: hosts is set a second time"},
};

static void test_faults(void)
{
    for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++) {
        char text[256];
        struct settings settings;
        struct buf faults = {0};
        snprintf(text, sizeof text, "# one\n%s\n", faulty[i].line);
        CU_ASSERT_EQUAL(load(&settings, text, &faults), ERR_VALIDATION_ERROR);
        CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&faults), faulty[i].says));
        settings_clear(&settings);
        buf_clear(&faults);
    }
}

static void test_all_faults_in_one_run(void)
{
    struct settings settings;
    struct buf faults = {0};
    CU_ASSERT_EQUAL(load(&settings, "hosts = 0\nbogus = 1\nbacklog = x\n", &faults),
                    ERR_VALIDATION_ERROR);
    size_t lines = 0;
    for (const char *p = buf_text(&faults); *p; p++)
        lines += *p == '\n';
    CU_ASSERT_EQUAL(lines, 3);
    settings_clear(&settings);
    buf_reset(&faults, 0);
    CU_ASSERT_EQUAL(settings_load(&settings, "/nonexistent/file", NULL, 0, &faults),
                    ERR_VALIDATION_ERROR);
    CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&faults), "No such file"));
    settings_clear(&settings);
    buf_reset(&faults, 0);
    write_file("hosts = 2\0x\n", 12);
    CU_ASSERT_EQUAL(settings_load(&settings, path, NULL, 0, &faults), ERR_VALIDATION_ERROR);
    settings_clear(&settings);
    buf_clear(&faults);
}

static void test_help_names_every_setting(void)
{
    struct buf help = {0};
    settings_help(&help);
    const char *text = buf_text(&help);
#define X(member, kind, otherwise, min, max, about)                                                \
    CU_ASSERT_PTR_NOT_NULL(strstr(text, #member " ="));                                            \
    CU_ASSERT_PTR_NOT_NULL(strstr(text, about));
    SETTINGS_TABLE(X)
#undef X
    buf_clear(&help);
}

static void test_secret(void)
{
    struct buf secret = {0};
    unsetenv("CREDENTIALS_DIRECTORY");
    write_file("s3cret\n\n", 8);
    CU_ASSERT_EQUAL(settings_secret("db.password", path, &secret), ERR_OK);
    CU_ASSERT_EQUAL(secret.len, 7); /* one newline dropped */
    CU_ASSERT_EQUAL(memcmp(secret.data, "s3cret\n", 7), 0);
    buf_reset(&secret, 0);
    CU_ASSERT_EQUAL(settings_secret("db.password", "", &secret), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(settings_secret(NULL, "/nonexistent", &secret), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(settings_secret(NULL, "/tmp", &secret), ERR_UNAVAILABLE);
    /* a credential wins over the file */
    setenv("CREDENTIALS_DIRECTORY", "/tmp", 1);
    CU_ASSERT_EQUAL(settings_secret(strrchr(path, '/') + 1, "/nonexistent", &secret), ERR_OK);
    CU_ASSERT_EQUAL(secret.len, 7);
    unsetenv("CREDENTIALS_DIRECTORY");
    buf_clear(&secret);
}

static int make_file(void)
{
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    return 0;
}

static int remove_file(void)
{
    return unlink(path);
}

void suite_settings(void)
{
    CU_pSuite suite = CU_add_suite("settings", make_file, remove_file);
    CU_add_test(suite, "defaults", test_defaults);
    CU_add_test(suite, "file and overrides", test_file_and_overrides);
    CU_add_test(suite, "faults", test_faults);
    CU_add_test(suite, "all faults in one run", test_all_faults_in_one_run);
    CU_add_test(suite, "help names every setting", test_help_names_every_setting);
    CU_add_test(suite, "secret", test_secret);
}
