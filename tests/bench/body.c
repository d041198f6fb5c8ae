/* SPDX-License-Identifier: GPL-3.0-or-later */
/* body ROUNDS FILE: what reading the body of conformal-recalibrate costs beside the least one could
   do with it, a scan for every quote by memchr. A line of JSON: {"bytes", "rows", "arrays", "peak",
   "scan_us": [one a round], "read_us": [...]}; reading is parsing, checking and putting into
   arrays. peak is what the process grew by while it read, the body included; arrays is what the
   rows themselves take. */
#include "arena.h"
#include "field.h"
#include "json_in.h"
#include "observe_shapes.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double cpu_micros(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static size_t scan(const char *body, size_t len)
{
    size_t quotes = 0;
    for (const char *at = body; (at = memchr(at, '"', (size_t)(body + len - at))) != NULL; at++)
        quotes++;
    return quotes;
}

static size_t read_rows(char *body, size_t len)
{
    static const struct field_path root = {.key = "body"};
    struct arena *arena = arena_new();
    struct flaws flaws = {.arena = arena};
    struct recalibrate_body read;
    struct json_in in;
    json_in_open(&in, body, len);
    field_read(&in, &shape_recalibrate, &read, &flaws, &root);
    json_in_finish(&in);
    if (in.failed || flaws.total) {
        fprintf(stderr, "body: %s\n", in.failed ? in.why : flaws.kept[0].message);
        exit(2);
    }
    size_t n = read.samples.n;
    json_in_close(&in);
    arena_free(arena);
    return n;
}

static long memory_kib(const char *name)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, name, strlen(name)))
            kib = strtol(line + strlen(name), NULL, 10);
    if (file)
        fclose(file);
    return kib;
}

static void load(const char *path, char *body, size_t len)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, body, len) != (ssize_t)len)
        exit(2);
    close(fd);
    body[len] = 0;
}

/* in a process of its own, so that nothing is there before */
static long peak_bytes(const char *path, size_t len)
{
    int ends[2];
    long grown = 0;
    if (pipe(ends) != 0)
        exit(2);
    pid_t child = fork();
    if (!child) {
        long before = memory_kib("VmRSS:");
        char *body = malloc(len + 1);
        load(path, body, len);
        read_rows(body, len);
        grown = (memory_kib("VmHWM:") - before) * 1024;
        _exit(write(ends[1], &grown, sizeof grown) != sizeof grown);
    }
    if (read(ends[0], &grown, sizeof grown) != sizeof grown)
        exit(2);
    waitpid(child, NULL, 0);
    return grown;
}

int main(int argc, char **argv)
{
    struct stat stat_of;
    if (argc != 3 || stat(argv[2], &stat_of) != 0)
        return 2;
    size_t len = (size_t)stat_of.st_size, rows = 0, quotes = 0;
    int rounds = atoi(argv[1]);
    /* as a worker has it between two requests */
    mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
    long peak = peak_bytes(argv[2], len);
    char *body = malloc(len + 1), *copy = malloc(len + 1);
    double *taken = calloc((size_t)rounds, sizeof *taken);
    if (!body || !copy || !taken || rounds < 1)
        return 2;
    load(argv[2], body, len);
    printf("{\"scan_us\":[");
    for (int round = 0; round < rounds; round++) {
        double begun = cpu_micros();
        quotes += scan(body, len);
        double scanned = cpu_micros() - begun;
        memcpy(copy, body, len + 1); /* what is read is changed in place */
        begun = cpu_micros();
        rows = read_rows(copy, len);
        taken[round] = cpu_micros() - begun;
        printf("%s%.1f", round ? "," : "", scanned);
    }
    printf("],\"read_us\":[");
    for (int round = 0; round < rounds; round++)
        printf("%s%.1f", round ? "," : "", taken[round]);
    printf("],\"bytes\":%zu,\"quotes\":%zu,\"rows\":%zu,\"arrays\":%zu,\"peak\":%ld}\n", len,
           quotes / (size_t)rounds, rows, rows * sizeof(struct sample_row), peak);
    return 0;
}
