-- SPDX-License-Identifier: GPL-3.0-or-later
-- What calibration asks of the earlier quotes of a revision is read from their index, without the documents.

ALTER TABLE calculation
    DROP KEY calculation_revision,
    ADD KEY calculation_revision (org_id, env_id, part_revision_id, id, status, model_version, unit_cost,
        uncalibrated_unit_cost, c_material, c_run, c_setup, c_other, lot_size, created_at);
