-- SPDX-License-Identifier: GPL-3.0-or-later
-- Organisations, users, API keys, replayed answers.
-- Every table: InnoDB, the tenant first in the primary key, a comment on every column.

CREATE TABLE org (
    id UUID NOT NULL COMMENT 'organisation: the tenant',
    name VARCHAR(200) NOT NULL COMMENT 'shown to people; unique on this installation',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (id),
    UNIQUE KEY org_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='tenants';

CREATE TABLE app_user (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'user',
    email VARCHAR(254) NOT NULL COMMENT 'lower case',
    name VARCHAR(200) NULL COMMENT 'display name',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    UNIQUE KEY app_user_email (org_id, email),
    CONSTRAINT app_user_org FOREIGN KEY (org_id) REFERENCES org (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='people of a tenant';

CREATE TABLE api_key (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'key',
    user_id UUID NOT NULL COMMENT 'whose key it is',
    prefix CHAR(8) NOT NULL COMMENT 'public part of the key',
    digest BINARY(32) NOT NULL COMMENT 'crypto_generichash of the whole key under the pepper',
    name VARCHAR(200) NOT NULL COMMENT 'what it is for',
    scopes INT UNSIGNED NOT NULL COMMENT 'bits: 1 parts:read, 2 parts:label, 4 parts:write, 8 platform:admin',
    expires_at DATETIME(6) NULL COMMENT 'UTC; NULL: never',
    last_used_at DATETIME(6) NULL COMMENT 'UTC, to the minute',
    revoked_at DATETIME(6) NULL COMMENT 'UTC; NULL: not revoked',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    UNIQUE KEY api_key_prefix (prefix),
    CONSTRAINT api_key_user FOREIGN KEY (org_id, user_id) REFERENCES app_user (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='API keys';

CREATE TABLE idempotency (
    org_id UUID NOT NULL COMMENT 'tenant',
    caller_id UUID NOT NULL COMMENT 'API key or annotator session',
    key_hash BINARY(32) NOT NULL COMMENT 'crypto_generichash of the Idempotency-Key',
    fingerprint BINARY(32) NOT NULL COMMENT 'crypto_generichash of method, path, query and body',
    status SMALLINT UNSIGNED NOT NULL COMMENT 'HTTP status of the first answer; 0 inside its transaction',
    headers VARCHAR(1000) NULL COMMENT 'header lines to repeat with the answer',
    sealed TINYINT NOT NULL COMMENT '1: body is a crypto_secretbox, nonce first',
    body LONGBLOB NULL COMMENT 'first answer',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC; replayed for 24 hours',
    PRIMARY KEY (org_id, caller_id, key_hash),
    KEY idempotency_age (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='answers by Idempotency-Key';
