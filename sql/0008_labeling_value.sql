-- SPDX-License-Identifier: GPL-3.0-or-later
-- What decides whether a campaign's labels are values or verdicts, known without reading the campaign.

CREATE TABLE labeling_value (
    org_id UUID NOT NULL COMMENT 'tenant',
    campaign_id UUID NOT NULL COMMENT 'campaign',
    digest BINARY(16) NOT NULL COMMENT 'first half of the SHA-256 of a value''s canonical JSON; zeros: verdicts for good, one is no label or they are more than 20',
    PRIMARY KEY (org_id, campaign_id, digest),
    CONSTRAINT labeling_value_campaign FOREIGN KEY (org_id, campaign_id) REFERENCES labeling_campaign (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='distinct values of an open campaign: predicted, right or given; no more than decide';

-- of the campaigns there are: the 21st of a campaign says as much as all behind it
INSERT IGNORE INTO labeling_value (org_id, campaign_id, digest)
SELECT org_id, campaign_id, digest FROM (
    SELECT org_id, campaign_id, digest, ROW_NUMBER() OVER (PARTITION BY org_id, campaign_id ORDER BY digest) AS place FROM (
        SELECT DISTINCT v.org_id, v.campaign_id, CASE JSON_TYPE(v.value)
            WHEN 'STRING' THEN UNHEX(LEFT(SHA2(JSON_QUOTE(JSON_UNQUOTE(v.value)), 256), 32))
            WHEN 'BOOLEAN' THEN UNHEX(LEFT(SHA2(JSON_COMPACT(v.value), 256), 32))
            ELSE REPEAT(CHAR(0), 16) END AS digest
        FROM labeling_campaign c JOIN (
            SELECT org_id, campaign_id, predicted_value AS value FROM labeling_task
            UNION ALL
            SELECT org_id, campaign_id, consensus_value FROM labeling_task
            WHERE status = 'adjudicated' AND consensus_verdict = 'correct'
            UNION ALL
            SELECT org_id, campaign_id, IF(JSON_VALID(gold_answer) AND JSON_TYPE(gold_answer) IN ('STRING', 'BOOLEAN'),
                gold_answer, JSON_QUOTE(gold_answer)) COLLATE utf8mb4_bin
            FROM labeling_task WHERE is_gold = 1 AND gold_answer NOT IN ('confirm', 'reject', 'correct', 'unsure')
            UNION ALL
            SELECT org_id, campaign_id, corrected_value FROM labeling_submission WHERE verdict = 'correct'
        ) v ON v.org_id = c.org_id AND v.campaign_id = c.id
        WHERE c.status = 'open' AND v.value IS NOT NULL
    ) one
) numbered WHERE place <= 21;
