-- SPDX-License-Identifier: GPL-3.0-or-later
-- Ids that others have made. The type UUID holds those of RFC 9562 only, and gives a quarter of all
-- others back as different ones; sixteen bytes hold each. On the way labeling_task is copied.

ALTER TABLE machine
    MODIFY parent_template_id BINARY(16) NULL COMMENT 'template of a catalogue elsewhere: a UUID''s bytes';

ALTER TABLE labeling_project
    MODIFY guideline_id BINARY(16) NULL COMMENT 'what annotators read, kept elsewhere: a UUID''s bytes',
    MODIFY ontology_id BINARY(16) NULL COMMENT 'what the labels mean, kept elsewhere: a UUID''s bytes';

ALTER TABLE labeling_task
    MODIFY feature_id BINARY(16) NULL COMMENT 'target: feature, a UUID''s bytes',
    MODIFY face_uuid BINARY(16) NULL COMMENT 'target: face, a UUID''s bytes',
    MODIFY pmi_id BINARY(16) NULL COMMENT 'target: product manufacturing information, a UUID''s bytes',
    MODIFY dfm_issue_id BINARY(16) NULL COMMENT 'target: manufacturability issue, a UUID''s bytes';
