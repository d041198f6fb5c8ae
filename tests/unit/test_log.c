/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log lines: one line each, whatever the caller's text holds. */
#include "log.h"

#include <CUnit/CUnit.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void suite_log(void);

static char text[16384];

/* What `act` writes on stderr, in `text`. */
static void capture(void (*act)(void))
{
    int ends[2], saved = dup(STDERR_FILENO);
    if (pipe(ends) != 0 || saved < 0)
        abort();
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    act();
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    text[n > 0 ? n : 0] = '\0';
}

static void say_nasty(void)
{
    log_line(LOG_LEVEL_WARNING, "a\nb\x1b[31m %s", "\xc3\xbc\"\\");
}

static void say_debug(void)
{
    log_line(LOG_LEVEL_DEBUG, "unheard");
}

static void say_long(void)
{
    char *word = malloc(20001);
    memset(word, '\n', 20000);
    word[20000] = '\0';
    log_line(LOG_LEVEL_ERROR, "%s", word);
    log_request(&(struct log_request){
        .request_id = "req_1", .method = word, .path = word, .remote = "127.0.0.1", .status = 200});
    free(word);
}

static void say_request(void)
{
    log_request(&(struct log_request){
        .request_id = "req_0123",
        .method = "POST",
        .path = "/api/v1/parts/\xff\n\"x y",
        .operation = "part_create",
        .code = "conflict",
        .key_prefix = "ak_test_12345678",
        .remote = "127.0.0.1",
        .status = 409,
        .bytes_in = 12,
        .bytes_out = 345,
        .microseconds = 6789,
        .retries = 2,
    });
}

static size_t count(char c)
{
    size_t n = 0;
    for (const char *p = text; *p; p++)
        n += *p == c;
    return n;
}

static bool is_ascii(void)
{
    for (const unsigned char *p = (unsigned char *)text; *p; p++)
        if (*p > 0x7e || (*p < 0x20 && *p != '\n'))
            return false;
    return true;
}

static void test_text(void)
{
    log_setup(false, LOG_LEVEL_INFO);
    capture(say_nasty);
    CU_ASSERT_EQUAL(count('\n'), 1);
    CU_ASSERT(is_ascii());
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " warning: a\\u000ab\\u001b[31m \\u00c3\\u00bc\"\\\n"));
    capture(say_request);
    CU_ASSERT(is_ascii());
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " request_id=req_0123 method=POST operation=part_create "
                                        "status=409 code=conflict us=6789 in=12 out=345 "
                                        "retries=2 key=ak_test_12345678 remote=127.0.0.1 "
                                        "path=\"/api/v1/parts/\\u00ff\\u000a\\\"x y\"\n"));
}

static void test_level(void)
{
    log_setup(false, LOG_LEVEL_INFO);
    capture(say_debug);
    CU_ASSERT_STRING_EQUAL(text, "");
    log_setup(false, LOG_LEVEL_ERROR);
    capture(say_nasty);
    CU_ASSERT_STRING_EQUAL(text, "");
    capture(say_request); /* a 409 is no fault of the service */
    CU_ASSERT_STRING_EQUAL(text, "");
    log_setup(false, LOG_LEVEL_DEBUG);
    capture(say_debug);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "unheard"));
}

static void test_json(void)
{
    static void (*const acts[])(void) = {say_nasty, say_request, say_long};
    log_setup(true, LOG_LEVEL_INFO);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        capture(acts[i]);
        CU_ASSERT(is_ascii());
        size_t lines = 0;
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
            CU_ASSERT(strlen(line) < 4096);
            struct json_object *object = json_tokener_parse(line);
            CU_ASSERT_PTR_NOT_NULL(object);
            CU_ASSERT(json_object_object_get_ex(object, "ts", NULL));
            if (json_object_object_get_ex(object, "status", NULL)) {
                CU_ASSERT_PTR_NOT_NULL(strstr(line, "\"remote\":\"127.0.0.1\",\"path\":\""));
                CU_ASSERT_PTR_NULL(strstr(line, "\"path\":\"\""));
            }
            json_object_put(object);
        }
        CU_ASSERT_EQUAL(lines, acts[i] == say_long ? 2 : 1);
    }
    log_setup(false, LOG_LEVEL_ERROR);
}

static void say_to_journal(void)
{
    char stream[64];
    struct stat here;
    fstat(STDERR_FILENO, &here);
    snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)here.st_dev,
             (unsigned long long)here.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_setup(false, LOG_LEVEL_INFO);
    say_nasty();
}

static void say_elsewhere(void)
{
    log_setup(false, LOG_LEVEL_INFO);
    say_nasty();
}

static void test_journal(void)
{
    capture(say_to_journal);
    CU_ASSERT_EQUAL(strncmp(text, "<4>warning: ", 12), 0);
    capture(say_elsewhere); /* the journal's name is inherited, stderr is something else */
    CU_ASSERT_EQUAL(strncmp(text, "20", 2), 0);
    unsetenv("JOURNAL_STREAM");
    log_setup(false, LOG_LEVEL_ERROR);
}

void suite_log(void)
{
    CU_pSuite suite = CU_add_suite("log", NULL, NULL);
    CU_add_test(suite, "text", test_text);
    CU_add_test(suite, "level", test_level);
    CU_add_test(suite, "json", test_json);
    CU_add_test(suite, "journal", test_journal);
}
