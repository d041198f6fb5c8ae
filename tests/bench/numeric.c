/* SPDX-License-Identifier: GPL-3.0-or-later */
/* numeric ROUNDS NAME N [NAME N]...: CPU time of the numeric functions on made-up rows. A line of
   JSON for each pair: {"name", "n", "ms": [one a round], "iterations", "check"}; check is a figure
   of the result that another implementation of the same function has to meet. "numeric list" prints
   the names. The rows are a function of their index (mix), so that peer.py makes the same ones. */
#include "numeric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct numeric_work work;
static const struct function *const tables[] = {cost_functions, label_functions};

uint64_t mix(uint64_t z)
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double uniform(uint64_t i, uint64_t stream)
{
    return ((double)(mix(i * 16 + stream) >> 11) + 0.5) / 9007199254740992.0;
}

double normal(uint64_t i, uint64_t stream)
{
    return sqrt(-2 * log(uniform(i, stream))) * cos(2 * M_PI * uniform(i, stream + 1));
}

void must(enum calc_status status)
{
    if (status == CALC_OK)
        return;
    fprintf(stderr, "numeric: status %d\n", (int)status);
    exit(2);
}

void *block(size_t size)
{
    work.size = size;
    return arena_alloc(work.arena, size);
}

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void measure(const struct function *function, size_t n, int rounds)
{
    printf("{\"name\":\"%s\",\"n\":%zu,\"ms\":[", function->name, n);
    for (int round = 0; round < rounds; round++) {
        memset(&work, 0, sizeof work);
        work.arena = arena_new();
        work.n = n;
        function->prepare();
        double begun = cpu_ms();
        function->run();
        printf("%s%.4f", round ? "," : "", cpu_ms() - begun);
        arena_free(work.arena);
    }
    printf("],\"iterations\":%u,\"check\":%.12g}\n", work.iterations, work.check);
    fflush(stdout);
}

static const struct function *find(const char *name)
{
    for (size_t t = 0; t < 2; t++)
        for (const struct function *at = tables[t]; at->name; at++)
            if (!strcmp(at->name, name))
                return at;
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "list")) {
        for (size_t t = 0; t < 2; t++)
            for (const struct function *at = tables[t]; at->name; at++)
                puts(at->name);
        return 0;
    }
    for (int i = 2; i + 1 < argc; i += 2) {
        const struct function *function = find(argv[i]);
        if (!function)
            return 2;
        measure(function, strtoull(argv[i + 1], NULL, 10), atoi(argv[1]));
    }
    return argc < 4 ? 2 : 0;
}
