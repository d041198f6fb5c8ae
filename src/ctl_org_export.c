/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl org export. */
#include "buf.h"
#include "config.h"
#include "ctl.h"
#include "ctl_file.h"
#include "store_db.h"
#include "store_org.h"
#include "store_schema.h"
#include "store_tenant.h"
#include "when.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FLUSH ((size_t)1 << 20)

struct exporting {
    struct ctl *ctl;
    struct store_org org;
    struct ctl_file file;
    struct buf out;
    const char *table;
    size_t tables;
    int schema;
    int64_t rows;
    bool failed; /* the file cannot be written: said */
};

static enum err flush(struct exporting *exporting)
{
    if (!ctl_write(exporting->file.fd, exporting->out.data, exporting->out.len)) {
        ctl_fail("%s cannot be written: %s", exporting->file.path, strerror(errno));
        exporting->failed = true;
        return ERR_INTERNAL;
    }
    buf_reset(&exporting->out, exporting->out.cap);
    return ERR_OK;
}

static enum err take_row(void *context, struct buf *row)
{
    struct exporting *exporting = context;
    buf_printf(&exporting->out, "{\"table\":\"%s\",\"row\":", exporting->table);
    buf_add(&exporting->out, row->data, row->len);
    buf_adds(&exporting->out, "}\n");
    return exporting->out.len > FLUSH ? flush(exporting) : ERR_OK;
}

static void begin(struct exporting *exporting)
{
    struct ctl *ctl = exporting->ctl;
    struct buf head = {0}; /* by itself: the JSON writer looks at what stands before */
    json_object(&head);
    json_put_text(&head, "export", PACKAGE_NAME);
    json_put_uuid(&head, "organisation", &exporting->org.id);
    json_put_text(&head, "name", exporting->org.name);
    json_put_int(&head, "schema", exporting->schema);
    json_put_text(&head, "made_at", ctl_time(ctl, time_now()));
    json_object_end(&head);
    buf_add(&exporting->out, head.data, head.len);
    buf_addc(&exporting->out, '\n');
    buf_clear(&head);
}

/* From the start: a transaction may be run again. */
static enum err write_rows(void *context)
{
    struct exporting *exporting = context;
    struct ctl *ctl = exporting->ctl;
    struct tenant_table *tables;
    exporting->rows = 0;
    buf_reset(&exporting->out, exporting->out.cap);
    if (ftruncate(exporting->file.fd, 0) || lseek(exporting->file.fd, 0, SEEK_SET))
        return ERR_INTERNAL;
    enum err err = store_schema_version(ctl->db, &exporting->schema);
    if (err)
        return err;
    begin(exporting);
    err = store_tenant_tables(ctl->db, ctl->arena, &tables, &exporting->tables);
    for (size_t i = exporting->tables; !err && i-- > 0;) { /* parents first */
        int64_t count;
        exporting->table = tables[i].name;
        err = store_tenant_rows(ctl->db, &tables[i], exporting->org.id, ctl->arena, take_row,
                                exporting, &count);
        exporting->rows += count;
    }
    if (err)
        return err;
    buf_printf(&exporting->out, "{\"end\":true,\"tables\":%zu,\"rows\":%lld}\n", exporting->tables,
               (long long)exporting->rows);
    return flush(exporting);
}

static int run(struct ctl *ctl)
{
    struct exporting exporting = {.ctl = ctl};
    int status = CTL_FAILED;
    bool unknown;
    if (!ctl_org(ctl, ctl->options[0], &exporting.org, &status))
        return status;
    if (ctl_file_open(&exporting.file, ctl->argument)) {
        enum err err = db_transact(ctl->db, write_rows, &exporting, &unknown);
        if (err && !exporting.failed)
            ctl_fail_database(ctl, err);
        else if (!err && ctl_file_keep(&exporting.file))
            status = CTL_OK;
    }
    ctl_file_drop(&exporting.file);
    buf_clear(&exporting.out);
    if (status == CTL_OK)
        printf("%s: %zu tables, %lld rows\n", ctl->argument, exporting.tables,
               (long long)exporting.rows);
    return status;
}

const struct ctl_command ctl_org_export = {
    .name = "org export",
    .argument = "FILE",
    .summary = "Write all rows of an organisation into FILE, as JSON Lines.",
    .help =
        "Every table that has rows of organisations, as the database's schema lists them, of\n"
        "one moment; bytes in base64. The last line says how many rows there are. FILE appears\n"
        "only when it is whole and is readable by its owner only: it holds e-mail addresses\n"
        "and hashes of keys, but no key.",
    .need = CTL_DATABASE,
    .run = run,
    .options = {CTL_OPTION_ORG},
};
