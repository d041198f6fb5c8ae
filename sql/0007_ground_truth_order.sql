-- SPDX-License-Identifier: GPL-3.0-or-later
-- Ground truth in the order of promotion: an export of any length is read along its index, nothing is sorted.

ALTER TABLE ground_truth_item
    ADD KEY ground_truth_item_order (org_id, dataset_id, id);
