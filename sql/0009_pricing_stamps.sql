-- SPDX-License-Identifier: GPL-3.0-or-later
-- How a worker knows that the machines and rates it has read are still those of an environment.

CREATE TABLE pricing_stamp (
    org_id UUID NOT NULL COMMENT 'tenant',
    env_id UUID NOT NULL COMMENT 'environment',
    stamp UUID NOT NULL COMMENT 'another one with every change of the environment, its memberships, their machines, its rates',
    PRIMARY KEY (org_id, env_id),
    CONSTRAINT pricing_stamp_env FOREIGN KEY (org_id, env_id) REFERENCES environment (org_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='states of what environments price with';

INSERT IGNORE INTO pricing_stamp (org_id, env_id, stamp) SELECT org_id, id, UUID() FROM environment;
