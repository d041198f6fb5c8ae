-- SPDX-License-Identifier: GPL-3.0-or-later
-- Parts, their revisions, calculations (quotes).

CREATE TABLE part (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'part',
    part_number VARCHAR(200) NOT NULL COMMENT 'unique in the tenant, exact',
    folded_number VARCHAR(200) NOT NULL COMMENT 'part_number in lower case without white space',
    name VARCHAR(200) NULL COMMENT 'shown to people',
    attributes JSON NOT NULL COMMENT 'object, free',
    current_revision_id UUID NULL COMMENT 'newest revision',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    UNIQUE KEY part_number (org_id, part_number),
    KEY part_folded (org_id, folded_number),
    CONSTRAINT part_org FOREIGN KEY (org_id) REFERENCES org (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='parts';

CREATE TABLE part_revision (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'revision; version 7: newer sorts later',
    part_id UUID NOT NULL COMMENT 'part',
    revision_code VARCHAR(200) NULL COMMENT 'as the drawing says',
    process_plan JSON NOT NULL COMMENT 'object: cost drivers',
    predictions JSON NOT NULL COMMENT 'array: what extractors claimed',
    content_hash BINARY(32) NOT NULL COMMENT 'crypto_generichash of plan and predictions as stored',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    KEY part_revision_part (org_id, part_id, id),
    CONSTRAINT part_revision_part FOREIGN KEY (org_id, part_id) REFERENCES part (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='immutable revisions of parts';

CREATE TABLE calculation (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'calculation; version 7: newer sorts later',
    part_id UUID NOT NULL COMMENT 'part',
    part_revision_id UUID NOT NULL COMMENT 'revision that was priced',
    env_id UUID NOT NULL COMMENT 'environment; stays after the environment is gone',
    status VARCHAR(16) NOT NULL COMMENT 'succeeded, failed',
    unit_cost DOUBLE NULL COMMENT 'calibrated median, environment currency',
    uncalibrated_unit_cost DOUBLE NULL COMMENT 'before calibration',
    c_material DOUBLE NULL COMMENT 'uncalibrated driver with its overheads',
    c_run DOUBLE NULL COMMENT 'uncalibrated driver with its overheads',
    c_setup DOUBLE NULL COMMENT 'uncalibrated driver with its overheads',
    c_other DOUBLE NULL COMMENT 'uncalibrated driver with its overheads',
    lot_size DOUBLE NOT NULL COMMENT 'pieces',
    model_version VARCHAR(32) NOT NULL COMMENT 'version of the pricing model',
    document LONGTEXT NOT NULL COMMENT 'the answer as it was given: the snapshot',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    KEY calculation_revision (org_id, env_id, part_revision_id, id),
    KEY calculation_part (org_id, part_id, id),
    KEY calculation_status (org_id, status, id),
    CONSTRAINT calculation_org FOREIGN KEY (org_id) REFERENCES org (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='quotes';
