/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nginx's location of the heavy pool, written from the operation table: every path with an
   operation that has OP_HEAVY, with and without a slash at its end. usage: heavy DIRECTORY (where
   params.conf lies) */
#include "operation.h"

#include <stdio.h>
#include <string.h>

#define ROOT "/api/v1/parts"

static bool named_before(size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (operations[k].flags & OP_HEAVY &&
            operation_same_path(operations[k].path, operations[i].path))
            return true;
    return false;
}

/* {env_id} is any one segment. */
static void put_pattern(const char *path)
{
    size_t len = strlen(path);
    if (len > 1 && path[len - 1] == '/')
        len--;
    for (size_t i = 0; i < len; i++) {
        if (path[i] == '{') {
            fputs("[^/]+", stdout);
            i += strcspn(path + i, "}");
        } else if (path[i] == '.') {
            fputs("\\.", stdout);
        } else {
            putchar(path[i]);
        }
    }
}

/* Those below the root without it: nginx would compare it with each request once a path. */
static void put_alternatives(bool below, const char *indent)
{
    const char *between = "";
    for (size_t i = 0; i < n_operations; i++) {
        const char *path = operations[i].path;
        if (!(operations[i].flags & OP_HEAVY) || named_before(i) ||
            !strncmp(path, ROOT "/", sizeof ROOT) != below)
            continue;
        printf("%s%s", between, indent);
        put_pattern(below ? path + sizeof ROOT - 1 : path);
        between = " |";
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 2;
    }
    puts("# SPDX-License-Identifier: GPL-3.0-or-later\n"
         "# Written by the build from the operation table: fits, imports, batches, whole "
         "campaigns, and agents, whose\n"
         "# tool stands in the body. In the pattern blanks and ends of lines do not count.");
    fputs("location ~ \"(?x)^(?:", stdout);
    put_alternatives(false, "\n    ");
    fputs(" |\n    " ROOT "(?:", stdout);
    put_alternatives(true, "\n        ");
    printf("\n    )\n)/?$\" {\n"
           "    client_body_buffer_size 4m;\n"
           "    include %s/params.conf;\n"
           "    fastcgi_pass costwright_heavy;\n"
           "}\n",
           argv[1]);
    return fflush(stdout) || ferror(stdout);
}
