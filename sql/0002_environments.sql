-- SPDX-License-Identifier: GPL-3.0-or-later
-- Environments, machines, memberships, rates.

CREATE TABLE environment (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'environment',
    name VARCHAR(200) NOT NULL COMMENT 'unique in the tenant',
    region VARCHAR(200) NULL COMMENT 'as the caller names it, DE-BY',
    currency CHAR(3) NOT NULL COMMENT 'ISO 4217: currency of its money',
    description TEXT NULL COMMENT 'free text',
    valid_from DATE NOT NULL COMMENT 'first day of validity',
    valid_to DATE NULL COMMENT 'last day of validity; NULL: open',
    enabled_extractors JSON NOT NULL COMMENT 'array of slugs, arcnm first',
    is_baseline TINYINT NOT NULL COMMENT '1: made with the tenant, cannot be deleted',
    attributes JSON NOT NULL COMMENT 'object, free',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    UNIQUE KEY environment_name (org_id, name),
    CONSTRAINT environment_org FOREIGN KEY (org_id) REFERENCES org (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='costing environments';

CREATE TABLE machine (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'machine definition',
    name VARCHAR(200) NOT NULL COMMENT 'not unique',
    klass VARCHAR(64) NOT NULL COMMENT '<process>.<type>',
    subclass VARCHAR(16) NOT NULL COMMENT 'small, medium, large',
    vendor VARCHAR(200) NULL COMMENT 'maker',
    model_no VARCHAR(200) NULL COMMENT 'maker''s model',
    hourly_rate_eur DOUBLE NOT NULL COMMENT 'machine rate EUR per hour, given or derived from VDI 3258, unrounded',
    rate_basis VARCHAR(16) NOT NULL COMMENT 'where hourly_rate_eur comes from: given, vdi_3258',
    burden_rate_eur DOUBLE NULL COMMENT 'EUR per hour beside the machine rate',
    capabilities JSON NOT NULL COMMENT 'object: what it can do, VDI 3258 block',
    parent_template_id UUID NULL COMMENT 'template it was made from',
    valid_from DATE NOT NULL COMMENT 'first day of validity',
    valid_to DATE NULL COMMENT 'last day of validity; NULL: open',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    CONSTRAINT machine_org FOREIGN KEY (org_id) REFERENCES org (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='machine definitions of a tenant';

CREATE TABLE environment_machine (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'membership',
    env_id UUID NOT NULL COMMENT 'environment',
    machine_id UUID NOT NULL COMMENT 'machine',
    fleet_priority INT NOT NULL COMMENT 'lower is tried first',
    is_enabled TINYINT NOT NULL COMMENT '0: never chosen',
    valid_from DATE NOT NULL COMMENT 'first day of membership',
    valid_to DATE NULL COMMENT 'last day of membership; NULL: open',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    KEY environment_machine_env (org_id, env_id, machine_id),
    KEY environment_machine_machine (org_id, machine_id),
    CONSTRAINT environment_machine_env FOREIGN KEY (org_id, env_id) REFERENCES environment (org_id, id) ON DELETE CASCADE,
    CONSTRAINT environment_machine_machine FOREIGN KEY (org_id, machine_id) REFERENCES machine (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='machines of an environment';

CREATE TABLE rate (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'rate',
    env_id UUID NOT NULL COMMENT 'environment',
    kind VARCHAR(16) NOT NULL COMMENT 'labour, overhead, material, fx',
    rate_key VARCHAR(420) NOT NULL COMMENT 'key fields joined by a unit separator',
    fields JSON NOT NULL COMMENT 'object: key fields and values',
    currency CHAR(3) NOT NULL COMMENT 'ISO 4217 of its money',
    valid_from DATE NOT NULL COMMENT 'first day',
    valid_to DATE NULL COMMENT 'last day; NULL: open',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    UNIQUE KEY rate_natural (org_id, env_id, kind, rate_key, valid_from),
    CONSTRAINT rate_env FOREIGN KEY (org_id, env_id) REFERENCES environment (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='effective-dated rates of an environment';
