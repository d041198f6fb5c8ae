/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a dump holds, counted line by line: mariadb-dump writes every row on a line of its own. */
#include "ctl_backup.h"

#include <string.h>

static const char create[] = "CREATE TABLE `", insert[] = "INSERT INTO `";

void backup_sum_init(struct backup_sum *sum)
{
    memset(sum, 0, sizeof *sum);
    crypto_generichash_init(&sum->all, NULL, 0, BACKUP_DIGEST);
}

void backup_sum_clear(struct backup_sum *sum)
{
    buf_clear(&sum->last);
}

static bool begins(const struct backup_sum *sum, const char *text)
{
    return !strncmp(sum->head, text, strlen(text));
}

static void end_table(struct backup_sum *sum)
{
    if (sum->n)
        crypto_generichash_final(&sum->table, sum->tables[sum->n - 1].digest, BACKUP_DIGEST);
}

static void begin_table(struct backup_sum *sum, const char *name)
{
    size_t len = strcspn(name, "`");
    end_table(sum);
    if (sum->n == BACKUP_TABLES || len >= BACKUP_NAME) {
        sum->overflow = true;
        return;
    }
    struct backup_table *table = &sum->tables[sum->n++];
    memcpy(table->name, name, len);
    crypto_generichash_init(&sum->table, NULL, 0, BACKUP_DIGEST);
}

/* The line is known by its head: what is it? */
static void judge(struct backup_sum *sum)
{
    sum->head[sum->head_len] = '\0';
    if (begins(sum, create))
        begin_table(sum, sum->head + strlen(create));
    bool row = sum->in_rows && sum->head[0] == '(' && sum->n;
    sum->in_rows = row || begins(sum, insert);
    sum->in_row = row;
    if (row)
        sum->tables[sum->n - 1].rows++;
}

static bool is_last(const struct backup_sum *sum)
{
    return sum->head_len >= strlen(BACKUP_MARK) && begins(sum, BACKUP_MARK);
}

/* Part of one line, its newline at most at the end. */
static void add_piece(struct backup_sum *sum, const char *text, size_t len)
{
    size_t room = sizeof sum->head - 1;
    if (sum->head_len < room && sum->line_len == sum->head_len) {
        size_t some = len < room - sum->head_len ? len : room - sum->head_len;
        memcpy(sum->head + sum->head_len, text, some);
        sum->head_len += some;
        sum->line_len += some;
        text += some;
        len -= some;
        bool whole = sum->head_len == room || sum->head[sum->head_len - 1] == '\n';
        if (!whole)
            return;
        judge(sum);
        if (is_last(sum)) {
            buf_add(&sum->last, sum->head, sum->head_len);
        } else {
            sum->after_last |= sum->last.len > 0;
            crypto_generichash_update(&sum->all, (const uint8_t *)sum->head, sum->head_len);
            sum->bytes += (int64_t)sum->head_len;
            if (sum->in_row)
                crypto_generichash_update(&sum->table, (const uint8_t *)sum->head, sum->head_len);
        }
    }
    sum->line_len += len;
    if (!len)
        return;
    if (is_last(sum)) {
        buf_add(&sum->last, text, len);
        return;
    }
    crypto_generichash_update(&sum->all, (const uint8_t *)text, len);
    sum->bytes += (int64_t)len;
    if (sum->in_row)
        crypto_generichash_update(&sum->table, (const uint8_t *)text, len);
}

void backup_sum_add(struct backup_sum *sum, const char *text, size_t len)
{
    while (len) {
        const char *newline = memchr(text, '\n', len);
        size_t piece = newline ? (size_t)(newline + 1 - text) : len;
        add_piece(sum, text, piece);
        if (newline)
            sum->head_len = sum->line_len = 0;
        text += piece;
        len -= piece;
    }
}

static void put_digest(struct buf *out, const char *key, const uint8_t digest[BACKUP_DIGEST])
{
    char text[2 * BACKUP_DIGEST + 1];
    json_put_text(out, key, sodium_bin2hex(text, sizeof text, digest, BACKUP_DIGEST));
}

void backup_sum_end(struct backup_sum *sum, struct buf *out)
{
    uint8_t digest[BACKUP_DIGEST];
    sum->after_last |= sum->head_len > 0; /* a line without an end */
    end_table(sum);
    crypto_generichash_final(&sum->all, digest, sizeof digest);
    json_object(out);
    json_put_int(out, "bytes", sum->bytes);
    put_digest(out, "blake2b", digest);
    json_key(out, "tables");
    json_object(out);
    for (size_t i = 0; i < sum->n; i++) {
        json_key(out, sum->tables[i].name);
        json_object(out);
        json_put_int(out, "rows", sum->tables[i].rows);
        put_digest(out, "blake2b", sum->tables[i].digest);
        json_object_end(out);
    }
    json_object_end(out);
    json_object_end(out);
}
