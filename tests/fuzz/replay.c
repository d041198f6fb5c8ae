/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay.c: runs a fuzz target over files and directories of files, without a fuzzer */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LARGEST (1 << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int files;

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    uint8_t *data = malloc(LARGEST);
    size_t size = data ? fread(data, 1, LARGEST, file) : 0;
    fclose(file);
    if (data)
        LLVMFuzzerTestOneInput(data, size);
    free(data);
    files++;
    return !data;
}

static int run(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return run_file(path);
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        char inside[4096];
        if (entry->d_name[0] == '.')
            continue;
        int len = snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        failed |= len < 0 || (size_t)len >= sizeof inside || run_file(inside);
    }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= run(argv[i]);
    printf("replay: %d passed, %d failed\n", files, failed || !files);
    return failed || !files; /* a broken target has aborted by now */
}
