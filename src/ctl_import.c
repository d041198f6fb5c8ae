/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl import-erp: an export of finished work orders becomes evidence, chunk by chunk. */
#include "ctl_import.h"

#include "arena.h"
#include "buf.h"
#include "ctl_erp.h"
#include "json_in.h"
#include "memory.h"
#include "store_environment.h"
#include "store_org.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REJECTS_SHOWN 10 /* on stderr where no file takes them */
#define TICK          1000

enum option { ORG, ENVIRONMENT, MAP, DRY_RUN, MODE, REJECTS, ALPHA, FROM_LINE, DECIMAL };

struct import {
    struct ctl *ctl;
    struct store_org org;
    struct store_environment environment;
    struct erp_file file;
    struct import_reading reading;
    size_t from_line;
    FILE *rejects;
    bool terminal, replace; /* replace: until rows were sent */

    struct arena *arena; /* of the chunk */
    struct erp_record *records;
    struct import_row *rows;
    size_t n;

    size_t read, rejected, accepted, chunks, activated, last_line;
    bool kept, stored;
    struct uuid run;
    char *status, *message, *left_out; /* of the last call; owned */
    long long samples, applied;
    off_t size; /* of the file; 0: unknown */
};

/* One line that is written over, on a terminal. */
static void progress(const struct import *import, const char *what)
{
    if (!import->terminal)
        return;
    fprintf(stderr, "\r%zu rows, line %zu", import->read, import->file.line);
    off_t at = import->size ? ftello(import->file.in) : 0;
    if (at > 0 && at <= import->size) {
        int tenths = (int)(10 * at / import->size);
        fprintf(stderr, " [%.*s%.*s] %d %%", tenths, "##########", 10 - tenths, "----------",
                (int)(100 * at / import->size));
    }
    fprintf(stderr, " %s\033[K", what);
}

static void progress_end(const struct import *import)
{
    if (import->terminal)
        fputs("\r\033[K", stderr);
}

static void reject(struct import *import, const struct erp_record *record, const char *reason)
{
    char sign = import->file.separator;
    import->rejected++;
    if (!import->rejects) {
        if (import->rejected <= REJECTS_SHOWN)
            fprintf(stderr, "line %zu: %s\n", record->line, reason);
        return;
    }
    fprintf(import->rejects, "%zu%c\"", record->line, sign);
    for (const char *p = reason; *p; p++)
        fputs(*p == '"' ? "\"\"" : (char[]){*p, '\0'}, import->rejects);
    fprintf(import->rejects, "\"%c%s\n", sign, record->text);
}

/* Reasons and numbers of the rows that were not fitted, as the fit tells them; owned. */
static char *left_out_of(const struct field_raw *fit)
{
    static const char key[] = "\"left_out\":{";
    const char *at = fit->len ? strstr(fit->text, key) : NULL;
    if (!at)
        return memory_text("");
    char *text = memory_text(at + strlen(key));
    text[strcspn(text, "}")] = '\0'; /* reasons are words, counts numbers */
    return text;
}

static void note_answer(struct import *import, const struct import_call *call)
{
    const struct calibration_result *result = &call->result;
    import->chunks++;
    import->kept |= !uuid_is_nil(&result->run_id);
    import->stored |= call->stored;
    import->activated += call->stored && status_is(result->status, STATUS_ACTIVATED);
    import->run = result->run_id;
    import->samples = result->samples;
    import->applied = result->samples_applied;
    free(import->status);
    free(import->message);
    free(import->left_out);
    import->left_out = left_out_of(&result->fit);
    import->status = memory_text(result->status);
    import->message = memory_text(result->message);
}

static int send_chunk(struct import *import)
{
    struct buf out = {0};
    if (!import->n)
        return CTL_OK;
    if (import->reading.decimal == ERP_DECIMAL_UNKNOWN)
        import->reading.decimal = import_decimal(&import->reading, import->records, import->n);
    import->reading.day_first =
        import->reading.day_first ||
        import_day_first(&import->reading, import->arena, import->records, import->n);
    for (size_t i = 0; i < import->n; i++) {
        struct import_row *row = &import->rows[i];
        row->reason =
            import_row_read(&import->reading, import->arena, &import->records[i], row, &out);
    }
    buf_clear(&out);
    struct import_call call = {.ctl = import->ctl,
                               .arena = import->arena,
                               .operation = import->reading.operation,
                               .org = import->org.id,
                               .env = import->environment.id,
                               .replace = import->replace,
                               .dry_run = import->ctl->options[DRY_RUN],
                               .alpha = import->ctl->options[ALPHA],
                               .rows = import->rows,
                               .n = import->n};
    progress(import, "fitting");
    int status = import_send(&call);
    progress_end(import);
    if (status)
        return status;
    for (size_t i = 0; i < import->n; i++)
        if (import->rows[i].reason)
            reject(import, &import->records[i], import->rows[i].reason);
        else
            import->accepted++;
    if (call.sent) {
        import->replace = false;
        note_answer(import, &call);
    }
    import->last_line = import->file.line;
    import->n = 0;
    arena_reset(import->arena);
    return CTL_OK;
}

static int send_file(struct import *import)
{
    struct erp_record record;
    int status = CTL_OK;
    while (!status && erp_file_next(&import->file, import->arena, &record)) {
        if (record.line < import->from_line) {
            if (!import->n)
                arena_reset(import->arena);
            continue;
        }
        import->records[import->n++] = record;
        if (++import->read % TICK == 0)
            progress(import, "");
        if (import->n == IMPORT_CHUNK)
            status = send_chunk(import);
    }
    if (!status && import->file.fault)
        return ctl_fail("line %zu %s", import->file.line, import->file.fault);
    return status ? status : send_chunk(import);
}

/* The header tells the columns; the file of rejects gets it too, so that it can be imported. */
static int take_header(struct import *import)
{
    struct ctl *ctl = import->ctl;
    struct erp_record header;
    if (!erp_file_next(&import->file, ctl->arena, &header))
        return ctl_fail("%s: %s", ctl->argument,
                        import->file.fault ? import->file.fault : "there is no header line");
    import->reading.cells = header.n;
    const char *fault =
        erp_columns_find(&import->reading.columns, &header, ctl->listed, ctl->n_listed, ctl->arena);
    if (fault)
        return ctl_fail("%s", fault);
    for (enum erp_field field = 0; field < ERP_FIELDS; field++)
        if (import->reading.columns.at[field] != ERP_NO_COLUMN)
            fprintf(stderr, "%s is \"%s\"\n", erp_field_names[field],
                    header.cells[import->reading.columns.at[field]]);
    const char *name = ctl->options[REJECTS];
    struct stat in, out;
    if (!name)
        return CTL_OK;
    if (!fstat(fileno(import->file.in), &in) && !stat(name, &out) && in.st_dev == out.st_dev &&
        in.st_ino == out.st_ino)
        return ctl_fail("%s is the file that is read", name);
    import->rejects = fopen(name, "we");
    if (!import->rejects)
        return ctl_fail("%s: %s", name, strerror(errno));
    char sign = import->file.separator;
    fprintf(import->rejects, "%simport_line%cimport_reason%c%s\n",
            import->file.mark ? "\xef\xbb\xbf" : "", sign, sign, header.text);
    return CTL_OK;
}

static int find_environment(struct import *import)
{
    struct ctl *ctl = import->ctl;
    const struct store_page all = {INT_NONE, 0};
    struct store_environment *list;
    size_t n;
    int64_t total;
    int status;
    if (!ctl_org(ctl, ctl->options[ORG], &import->org, &status))
        return status;
    enum err err =
        store_environment_list(ctl->db, ctl->arena, import->org.id, &all, &list, &n, &total);
    if (err)
        return ctl_fail_database(ctl, err);
    for (size_t i = 0; i < n; i++) {
        char id[UUID_TEXT];
        uuid_text(&list[i].id, id);
        if (strcmp(ctl->options[ENVIRONMENT], id) &&
            strcmp(ctl->options[ENVIRONMENT], list[i].name))
            continue;
        import->environment = list[i];
        return CTL_OK;
    }
    return ctl_fail("\"%s\" has no environment with the id or name \"%s\"", import->org.name,
                    ctl->options[ENVIRONMENT]);
}

static int check_options(struct import *import)
{
    const char *const *options = import->ctl->options;
    const char *why;
    char *end = NULL;
    size_t where;
    import->replace = options[MODE] && !strcmp(options[MODE], "replace");
    if (options[MODE] && !import->replace && strcmp(options[MODE], "add"))
        return ctl_misused("--mode %s: it is add or replace", options[MODE]);
    if (options[ALPHA] && !json_check(options[ALPHA], strlen(options[ALPHA]), &why, &where))
        return ctl_misused("--alpha %s is not a number", options[ALPHA]);
    if (options[FROM_LINE])
        import->from_line = strtoul(options[FROM_LINE], &end, 10);
    if (end && (*end || !import->from_line || *options[FROM_LINE] == '-'))
        return ctl_misused("--from-line %s is not the number of a line", options[FROM_LINE]);
    if (import->replace && end)
        return ctl_misused("--mode replace with --from-line would drop the rows before that line");
    if (options[DECIMAL])
        import->reading.decimal = strcmp(options[DECIMAL], "comma") ? ERP_POINT : ERP_COMMA;
    if (import->reading.decimal == ERP_POINT && strcmp(options[DECIMAL], "point"))
        return ctl_misused("--decimal %s: it is point or comma", options[DECIMAL]);
    return CTL_OK;
}

static void print_undo(const struct import *import)
{
    const char *path = operation_find("calibration_revert", strlen("calibration_revert"))->path;
    const char *hole = strchr(path, '{'), *rest = strchr(path, '}');
    char id[UUID_TEXT];
    uuid_text(&import->environment.id, id);
    printf("undo: POST %.*s%s%s {\"slot\":\"unit_cost\"}", (int)(hole - path), path, id, rest + 1);
    uuid_text(&import->run, id);
    printf(" takes run %s back", id);
    if (import->activated > 1)
        printf("; %zu runs were activated, each call takes one back", import->activated);
    puts("");
}

static void print_summary(const struct import *import)
{
    bool dry = import->ctl->options[DRY_RUN];
    const char *rejects = import->ctl->options[REJECTS];
    printf("read      %zu rows\naccepted  %zu\nrejected  %zu%s%s\n", import->read, import->accepted,
           import->rejected, import->rejects ? ", see " : "", import->rejects ? rejects : "");
    if (import->chunks) {
        printf("evidence  %lld rows, %lld fitted\nstatus    %s: %s\n", import->samples,
               import->applied, import->status, import->message);
        if (*import->left_out)
            printf("left out  %s\n", import->left_out);
        if (dry && import->chunks > 1)
            printf("          each of the %zu calls was tried for itself\n", import->chunks);
    }
    if (import->kept && !import->stored) {
        char id[UUID_TEXT];
        uuid_text(&import->run, id);
        printf("nothing new: run %s was fitted to the same evidence before\n", id);
    } else if (import->activated) {
        print_undo(import);
    }
    if (import->stored)
        puts("a work order is known by its number: importing the file again adds nothing");
    if (!import->rejects && import->rejected > REJECTS_SHOWN)
        fprintf(stderr, "%zu more rejected rows: --rejects FILE lists them all\n",
                import->rejected - REJECTS_SHOWN);
}

static int import_file(struct import *import)
{
    struct stat stat;
    int status = take_header(import);
    if (status)
        return status;
    if (!fstat(fileno(import->file.in), &stat) && S_ISREG(stat.st_mode))
        import->size = stat.st_size;
    status = send_file(import);
    if (status && import->last_line && !import->ctl->options[DRY_RUN])
        fprintf(stderr,
                "what stands before line %zu is in; go on with --mode add --from-line %zu\n",
                import->last_line + 1, import->last_line + 1);
    if (import->rejects && (fflush(import->rejects) || ferror(import->rejects)))
        status = ctl_fail("%s cannot be written", import->ctl->options[REJECTS]);
    print_summary(import);
    bool done = import->ctl->options[DRY_RUN] ? import->applied > 0 : import->kept;
    return status ? status : import->rejected || !done ? CTL_FAILED : CTL_OK;
}

static int import_erp(struct ctl *ctl)
{
    struct import import = {.ctl = ctl, .terminal = isatty(STDERR_FILENO)};
    int status = check_options(&import);
    import.reading.operation =
        operation_find("calibration_from_erp", strlen("calibration_from_erp"));
    if (!status)
        status = find_environment(&import);
    if (status)
        return status;
    if (!erp_file_open(&import.file, ctl->argument))
        return ctl_fail("%s: %s", ctl->argument, strerror(errno));
    import.arena = arena_new();
    import.records = ARENA_ARRAY(ctl->arena, IMPORT_CHUNK, struct erp_record);
    import.rows = ARENA_ARRAY(ctl->arena, IMPORT_CHUNK, struct import_row);
    status = import_file(&import);
    if (import.rejects)
        fclose(import.rejects);
    erp_file_close(&import.file);
    arena_free(import.arena);
    free(import.status);
    free(import.message);
    free(import.left_out);
    return status;
}

const struct ctl_command ctl_import_erp = {
    .name = "import-erp",
    .argument = "FILE",
    .summary = "Calibrate unit cost from an ERP's export of finished work orders (CSV).",
    .help =
        "FILE, or - for standard input, has a header line and is separated by comma, semicolon or\n"
        "tab, in UTF-8 or Windows-1252. It holds part_number, work_order_id, quantity, total_cost\n"
        "or unit_cost and, where they are there, bin, occurred_on, annual_forecast; columns are\n"
        "recognised as SAP, Oracle, Odoo and ERPNext name them, --map says it for others. Dates\n"
        "are 2026-04-24, 20260424, 24.04.2026, 04/24/2026, or 24/04/2026 where the file's days\n"
        "show that order. Rows go in by calls of 20,000. A work order is known by its number:\n"
        "after an interruption run the same again, which adds nothing twice, or go on with\n"
        "--from-line. Exit status 1 when a row was rejected or no run was kept.",
    .need = CTL_DATABASE,
    .run = import_erp,
    .options = {[ORG] = CTL_OPTION_ORG,
                [ENVIRONMENT] = {"environment", "ENV", "Environment: id or exact name.", CTL_MUST},
                [MAP] = {"map", "FIELD=COLUMN",
                         "The column that holds a field; for each such field.", CTL_OFTEN},
                [DRY_RUN] = {"dry-run", NULL, "Say what would change and store nothing.", CTL_MAY},
                [MODE] = {"mode", "MODE", "add (default), or replace: earlier work orders go.",
                          CTL_MAY},
                [REJECTS] = {"rejects", "FILE",
                             "CSV that gets the rejected rows with line and reason.", CTL_MAY},
                [ALPHA] = {"alpha", "A", "Miscoverage the intervals aim at; default 0.1.", CTL_MAY},
                [FROM_LINE] = {"from-line", "N", "Pass over rows that begin before line N.",
                               CTL_MAY},
                [DECIMAL] = {"decimal", "SIGN", "point or comma; default: what the numbers prove.",
                             CTL_MAY}},
};
