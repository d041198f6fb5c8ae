/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backups: one gzip file with the text of mariadb-dump and a last line that says what it holds.
   That line is made from the dump itself, so it is of the same snapshot; a file that lacks it is no
   backup. By hand: zcat FILE | mariadb DATABASE. */
#ifndef COSTWRIGHT_CTL_BACKUP_H
#define COSTWRIGHT_CTL_BACKUP_H

#include "buf.h"

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ctl;

#define BACKUP_TABLES 128
#define BACKUP_NAME   65 /* a table's name and NUL */
#define BACKUP_DIGEST 32 /* BLAKE2b-256 */

struct backup_table {
    char name[BACKUP_NAME];
    int64_t rows;
    uint8_t digest[BACKUP_DIGEST]; /* of its rows as the dump writes them */
};

/* The text of a dump as it passes by. */
struct backup_sum {
    struct backup_table tables[BACKUP_TABLES];
    size_t n;
    int64_t bytes;
    bool overflow; /* more tables than that */
    crypto_generichash_state all, table;
    bool in_rows, in_row; /* within an INSERT; within a line of it that is a row */
    char head[96];        /* how the present line begins */
    size_t head_len, line_len;
    struct buf last; /* the present line, if it is the last line of a backup */
    int after_last;  /* something follows it */
};

void backup_sum_init(struct backup_sum *sum);
void backup_sum_add(struct backup_sum *sum, const char *text, size_t len);
/* What the last line says of the contents; appended to out. Call once, at the end. */
void backup_sum_end(struct backup_sum *sum, struct buf *out);
void backup_sum_clear(struct backup_sum *sum);

#define BACKUP_MARK "-- costwright backup 1, "

/* What a backup's last line tells beside the contents. */
struct backup_head {
    int schema;
    char database[65], made_at[32];
};

/* Reads a backup to its end and checks it against its last line; its text goes to the descriptor
   sink (-1: nowhere). What is wrong is said. sum is for the caller to clear in any case. */
bool backup_read(const char *path, int sink, struct backup_sum *sum, struct backup_head *head);

#endif
