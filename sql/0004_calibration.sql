-- SPDX-License-Identifier: GPL-3.0-or-later
-- Evidence, calibration runs, what is active, drift.

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
    slot VARCHAR(64) NOT NULL COMMENT 'what it can be active as, see calibration_active',
    metric TINYINT UNSIGNED NOT NULL COMMENT 'as in evidence',
    subject_id UUID NULL COMMENT 'learning curve: part revision',
    posterior_count INT UNSIGNED NOT NULL COMMENT 'quantities it corrects: what status sums over active runs',
    status VARCHAR(32) NOT NULL COMMENT 'activated, not_improved, insufficient_data, no_learning',
    base_run_id UUID NULL COMMENT 'run that was active when the fit began',
    basis BINARY(32) NOT NULL COMMENT 'hash of evidence, plans, rates, alpha, holdout_pct: same basis, same answer',
    document LONGTEXT NOT NULL COMMENT 'the answer without what counts the rows of one call',
    record MEDIUMBLOB NULL COMMENT 'packed, versioned, checksummed: the rows fitted; its first piece',
    posterior MEDIUMBLOB NULL COMMENT 'packed, versioned, checksummed: what quotes use; its first piece',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    KEY calibration_run_env (org_id, env_id, id),
    KEY calibration_run_basis (org_id, env_id, slot, basis, id),
    CONSTRAINT calibration_run_env FOREIGN KEY (org_id, env_id) REFERENCES environment (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='immutable calibration runs';

CREATE TABLE calibration_piece (
    org_id UUID NOT NULL COMMENT 'tenant',
    run_id UUID NOT NULL COMMENT 'run',
    kind TINYINT UNSIGNED NOT NULL COMMENT '0 record, 1 posterior',
    seq INT UNSIGNED NOT NULL COMMENT '1, 2, ...: what follows the first piece',
    bytes MEDIUMBLOB NOT NULL COMMENT 'at most 4 MiB, so that no packet outgrows max_allowed_packet',
    PRIMARY KEY (org_id, run_id, kind, seq),
    CONSTRAINT calibration_piece_run FOREIGN KEY (org_id, run_id) REFERENCES calibration_run (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='what large records and posteriors have beyond their first piece';

CREATE TABLE calibration_active (
    org_id UUID NOT NULL COMMENT 'tenant',
    env_id UUID NOT NULL COMMENT 'environment',
    slot VARCHAR(64) NOT NULL COMMENT 'metric, conformal:<metric>, machine_choice, curve:<part revision>',
    run_id UUID NULL COMMENT 'what is active; NULL: nothing',
    version BIGINT UNSIGNED NOT NULL COMMENT 'raised by every change of this slot or of its evidence',
    changed_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, env_id, slot),
    CONSTRAINT calibration_active_env FOREIGN KEY (org_id, env_id) REFERENCES environment (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='what quotes use; also the lock a fit takes';

CREATE TABLE drift_state (
    org_id UUID NOT NULL COMMENT 'tenant',
    env_id UUID NOT NULL COMMENT 'environment',
    metric TINYINT UNSIGNED NOT NULL COMMENT 'as in evidence',
    bin VARCHAR(200) NOT NULL COMMENT 'as in evidence',
    run_id UUID NOT NULL COMMENT 'run that the observations are compared with; another run starts anew',
    state VARBINARY(255) NOT NULL COMMENT 'running statistics, packed, versioned',
    updated_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, env_id, metric, bin),
    CONSTRAINT drift_state_env FOREIGN KEY (org_id, env_id) REFERENCES environment (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='does the active calibration still hold: state as observations arrive';

CREATE TABLE drift_alert (
    org_id UUID NOT NULL COMMENT 'tenant',
    env_id UUID NOT NULL COMMENT 'environment',
    id UUID NOT NULL COMMENT 'alert; version 7: newer sorts later',
    metric TINYINT UNSIGNED NOT NULL COMMENT 'as in evidence',
    bin VARCHAR(200) NOT NULL COMMENT 'as in evidence',
    drift_signal VARCHAR(16) NOT NULL COMMENT 'bias, coverage, shift',
    run_id UUID NOT NULL COMMENT 'run that no longer holds',
    severity TINYINT UNSIGNED NOT NULL COMMENT 'worst so far: 1 info, 2 warning, 3 critical',
    statistic DOUBLE NULL COMMENT 'at the worst: ratio to the limit, or p',
    log_shift DOUBLE NULL COMMENT 'estimated shift, log units',
    n BIGINT UNSIGNED NOT NULL COMMENT 'observations when it was worst',
    opened_at DATETIME(6) NOT NULL COMMENT 'UTC',
    updated_at DATETIME(6) NOT NULL COMMENT 'UTC',
    resolved_at DATETIME(6) NULL COMMENT 'UTC; a new fit resolves; NULL: open',
    PRIMARY KEY (org_id, env_id, id),
    UNIQUE KEY drift_alert_one (org_id, env_id, metric, bin, drift_signal, run_id),
    CONSTRAINT drift_alert_env FOREIGN KEY (org_id, env_id) REFERENCES environment (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='one a metric, bin and signal of a run';

-- The platform is a tenant of its own with one environment, where platform-scope calibration is kept. It has no user and no key.
INSERT IGNORE INTO org (id, name, created_at)
VALUES ('01900000-0000-7000-8000-000000000001', '(platform)', UTC_TIMESTAMP(6));

INSERT IGNORE INTO environment (org_id, id, name, currency, valid_from, enabled_extractors, is_baseline, attributes, created_at)
VALUES ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', 'platform', 'EUR', '1970-01-01', '["arcnm"]', 1, '{}', UTC_TIMESTAMP(6));
