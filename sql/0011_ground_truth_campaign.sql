-- SPDX-License-Identifier: GPL-3.0-or-later
-- What was promoted of a campaign is found by the campaign, so that it can follow the decisions made again.

ALTER TABLE ground_truth_item
    ADD KEY ground_truth_item_campaign (org_id, campaign_id);
