-- SPDX-License-Identifier: GPL-3.0-or-later
-- Evidence where there is much of it: a page in the order of arrival is read from its index instead of sorted, sources
-- are counted without the rows themselves, and whether a part has any is one look instead of all rows of the tenant.

ALTER TABLE evidence
    DROP KEY evidence_newest,
    ADD KEY evidence_newest (org_id, env_id, received_at, metric, natural_key),
    DROP KEY evidence_source,
    ADD KEY evidence_source (org_id, env_id, source, metric, applied, observation_type, received_at),
    ADD KEY evidence_part (org_id, part_id);
