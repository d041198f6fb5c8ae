-- SPDX-License-Identifier: GPL-3.0-or-later
-- Evidence, calibration runs, what is active.

CREATE TABLE evidence (
    org_id UUID NOT NULL COMMENT 'tenant',
    env_id UUID NOT NULL COMMENT 'environment',
    metric TINYINT UNSIGNED NOT NULL COMMENT '0 unit_cost, 1 cycle_time_s, 2 setup_time_s, 3 machine_choice',
    natural_key BINARY(16) NOT NULL COMMENT 'hash of what identifies the row, DOMAIN: natural keys',
    content BINARY(16) NOT NULL COMMENT 'hash of what the row says',
    source VARCHAR(64) NOT NULL COMMENT 'auto_calibrate, erp, teach, or the name of an oracle',
    observation_type VARCHAR(64) NULL COMMENT 'outcomes: slug',
    reference VARCHAR(200) NULL COMMENT 'work order or external reference',
    part_id UUID NULL COMMENT 'part',
    part_revision_id UUID NULL COMMENT 'revision',
    bin VARCHAR(200) NOT NULL COMMENT 'supplier, plant, operation klass; empty: none',
    operation_sequence INT NULL COMMENT 'times: which operation',
    lot_size DOUBLE NULL COMMENT 'pieces of the order',
    annual_volume DOUBLE NULL COMMENT 'pieces a year, for tooling',
    tooling_lifetime_units DOUBLE NULL COMMENT 'pieces a tool lasts',
    predicted DOUBLE NULL COMMENT 'times: planned seconds; totals: unit cost',
    actual DOUBLE NULL COMMENT 'unit cost in environment currency, or seconds',
    c_material DOUBLE NULL COMMENT 'components taken from a stored quote (teach); NULL: priced at the fit',
    c_run DOUBLE NULL COMMENT 'see c_material',
    c_setup DOUBLE NULL COMMENT 'see c_material',
    c_other DOUBLE NULL COMMENT 'see c_material',
    choice JSON NULL COMMENT 'machine_choice: chosen id and candidates',
    occurred_on DATE NULL COMMENT 'when it was made: the rates of that day price it',
    model_version VARCHAR(32) NOT NULL COMMENT 'pricing model the row belongs to',
    applied TINYINT NOT NULL COMMENT '1: a fit has used it',
    received_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, env_id, metric, natural_key),
    KEY evidence_newest (org_id, env_id, metric, received_at, natural_key),
    KEY evidence_source (org_id, env_id, source, metric, applied),
    CONSTRAINT evidence_env FOREIGN KEY (org_id, env_id) REFERENCES environment (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='actuals that calibrations are fitted on';

CREATE TABLE calibration_run (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'run; version 7: newer sorts later',
    env_id UUID NOT NULL COMMENT 'environment',
    kind VARCHAR(32) NOT NULL COMMENT 'operation that made it',
    metric TINYINT UNSIGNED NOT NULL COMMENT 'as in evidence',
    subject_id UUID NULL COMMENT 'learning curve: part revision',
    status VARCHAR(32) NOT NULL COMMENT 'activated, not_improved, insufficient_data, no_learning',
    base_run_id UUID NULL COMMENT 'run that was active when the fit began',
    basis BINARY(32) NOT NULL COMMENT 'hash of evidence, plans, rates, alpha, holdout_pct: same basis, same answer',
    document LONGTEXT NOT NULL COMMENT 'the answer without what counts the rows of one call',
    record LONGBLOB NULL COMMENT 'packed, versioned, checksummed: the rows fitted',
    posterior LONGBLOB NULL COMMENT 'packed, versioned, checksummed: what quotes use',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    KEY calibration_run_env (org_id, env_id, id),
    CONSTRAINT calibration_run_env FOREIGN KEY (org_id, env_id) REFERENCES environment (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='immutable calibration runs';

CREATE TABLE calibration_active (
    org_id UUID NOT NULL COMMENT 'tenant',
    env_id UUID NOT NULL COMMENT 'environment',
    slot VARCHAR(64) NOT NULL COMMENT 'metric, conformal:<metric>, policy, curve:<part revision>',
    run_id UUID NULL COMMENT 'what is active; NULL: nothing',
    version BIGINT UNSIGNED NOT NULL COMMENT 'raised by every change of this slot or of its evidence',
    changed_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, env_id, slot),
    CONSTRAINT calibration_active_env FOREIGN KEY (org_id, env_id) REFERENCES environment (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='what quotes use; also the lock a fit takes';
