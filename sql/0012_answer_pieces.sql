-- SPDX-License-Identifier: GPL-3.0-or-later
-- An answer to a body of the largest size may be larger than a packet of the server.

CREATE TABLE idempotency_piece (
    org_id UUID NOT NULL COMMENT 'tenant',
    caller_id UUID NOT NULL COMMENT 'as in idempotency',
    key_hash BINARY(32) NOT NULL COMMENT 'as in idempotency',
    seq INT UNSIGNED NOT NULL COMMENT '1, 2, ...: what follows a first piece that is full',
    bytes MEDIUMBLOB NOT NULL COMMENT 'at most 4 MiB',
    PRIMARY KEY (org_id, caller_id, key_hash, seq),
    CONSTRAINT idempotency_piece_answer FOREIGN KEY (org_id, caller_id, key_hash)
        REFERENCES idempotency (org_id, caller_id, key_hash) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='what large answers have beyond their first piece';
