-- SPDX-License-Identifier: GPL-3.0-or-later
-- Labeling: projects, campaigns, tasks, submissions, annotators, ground truth.

CREATE TABLE labeling_project (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'project; version 7: newer sorts later',
    name VARCHAR(200) NOT NULL COMMENT 'not unique',
    description TEXT NULL COMMENT 'free text',
    guideline_id UUID NULL COMMENT 'what annotators read, kept elsewhere',
    ontology_id UUID NULL COMMENT 'what the labels mean, kept elsewhere',
    target_kinds JSON NOT NULL COMMENT 'array: kinds of predictions it asks about; empty: all',
    selection_policy JSON NOT NULL COMMENT 'object: which predictions become tasks',
    uses_platform_pool TINYINT NOT NULL COMMENT '1: platform annotators may be assigned',
    status ENUM ('active', 'archived') NOT NULL COMMENT 'state',
    created_by_user_id UUID NULL COMMENT 'user whose key made it',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    CONSTRAINT labeling_project_org FOREIGN KEY (org_id) REFERENCES org (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='labeling projects';

CREATE TABLE labeling_campaign (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'campaign; version 7: newer sorts later',
    project_id UUID NULL COMMENT 'project it belongs to',
    name VARCHAR(200) NOT NULL COMMENT 'not unique',
    description TEXT NULL COMMENT 'free text',
    status ENUM ('open', 'closed', 'promoted') NOT NULL COMMENT 'only open ones serve tasks and take submissions',
    consensus_method VARCHAR(32) NOT NULL COMMENT 'dawid_skene, majority, weighted_majority',
    acceptance_alpha DOUBLE NOT NULL COMMENT 'least alpha that promotes',
    gold_fraction DOUBLE NOT NULL COMMENT 'share of honeypots among what an annotator is served',
    target_redundancy INT NOT NULL COMMENT 'n_required of tasks that name none',
    adaptive_redundancy TINYINT NOT NULL COMMENT '1: labels per task after its posterior',
    created_by_user_id UUID NULL COMMENT 'user whose key made it',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    closed_at DATETIME(6) NULL COMMENT 'UTC; NULL while open',
    PRIMARY KEY (org_id, id),
    KEY labeling_campaign_project (org_id, project_id, id),
    CONSTRAINT labeling_campaign_org FOREIGN KEY (org_id) REFERENCES org (id),
    CONSTRAINT labeling_campaign_project FOREIGN KEY (org_id, project_id) REFERENCES labeling_project (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='labeling campaigns; what is counted of them stands in labeling_seat';

CREATE TABLE labeling_task (
    org_id UUID NOT NULL COMMENT 'tenant',
    campaign_id UUID NOT NULL COMMENT 'campaign',
    id UUID NOT NULL COMMENT 'task; version 4: the order of creation would give honeypots away',
    status ENUM ('open', 'resolved', 'needs_adjudication', 'adjudicated') NOT NULL COMMENT 'honeypots stay open',
    is_gold TINYINT NOT NULL COMMENT '1: honeypot, its answer is known',
    rnd BIGINT NOT NULL COMMENT 'place in the queue: random; adaptive campaigns: most uncertain, then oldest first',
    claimed_by_user_id UUID NULL COMMENT 'lease: a user',
    claimed_by_annotator_account_id UUID NULL COMMENT 'lease: or an annotator',
    claimed_at DATETIME(6) NULL COMMENT 'UTC: when the lease began',
    claim_expires_at DATETIME(6) NULL COMMENT 'UTC: when it ends by itself; not indexed: it changes with every claim',
    n_required INT NOT NULL COMMENT 'labels that decide it',
    submission_count INT NOT NULL COMMENT 'submissions it has',
    counted INT NOT NULL COMMENT 'of these, how many count toward n_required: unsure once',
    unsure_count INT NOT NULL COMMENT 'of these, how many said unsure',
    target_kind VARCHAR(32) NOT NULL COMMENT 'what is asked about',
    subject BINARY(16) NULL COMMENT 'hash of revision and target: the same question has the same; NULL without revision',
    part_revision_id UUID NULL COMMENT 'revision the prediction is about',
    calculation_id UUID NULL COMMENT 'quote behind it',
    feature_id UUID NULL COMMENT 'target: feature',
    face_uuid UUID NULL COMMENT 'target: face',
    pmi_id UUID NULL COMMENT 'target: product manufacturing information',
    dfm_issue_id UUID NULL COMMENT 'target: manufacturability issue',
    detail_kind VARCHAR(200) NULL COMMENT 'finer kind, as the caller names it',
    field_name VARCHAR(200) NULL COMMENT 'field, for people',
    field_path TEXT NULL COMMENT 'field, as a path into the extraction',
    drawing_bbox JSON NULL COMMENT 'array of numbers: region of the drawing',
    position JSON NULL COMMENT 'array of numbers: place on the part',
    prompt TEXT NULL COMMENT 'what the annotator is asked',
    predicted_value JSON NULL COMMENT 'what is to be checked',
    predicted_confidence DOUBLE NULL COMMENT '0 to 1; never shown to annotators',
    gold_answer TEXT NULL COMMENT 'honeypot: a verdict or the right value; never shown to annotators',
    consensus_verdict ENUM ('confirm', 'reject', 'correct') NULL COMMENT 'decision, provisional while needs_adjudication',
    consensus_value JSON NULL COMMENT 'value it stands for',
    agreement DOUBLE NULL COMMENT 'share of the submissions equal to the consensus',
    confidence DOUBLE NULL COMMENT 'largest posterior',
    resolved_at DATETIME(6) NULL COMMENT 'UTC: when resolved or adjudicated',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC; the tasks of one call a microsecond apart, in request order',
    PRIMARY KEY (org_id, campaign_id, id),
    UNIQUE KEY labeling_task_id (org_id, id),
    KEY labeling_task_queue (org_id, campaign_id, status, is_gold, rnd),
    KEY labeling_task_created (org_id, campaign_id, created_at),
    KEY labeling_task_subject (org_id, subject),
    CONSTRAINT labeling_task_campaign FOREIGN KEY (org_id, campaign_id) REFERENCES labeling_campaign (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='labeling tasks';

CREATE TABLE labeling_submission (
    org_id UUID NOT NULL COMMENT 'tenant',
    campaign_id UUID NOT NULL COMMENT 'campaign',
    task_id UUID NOT NULL COMMENT 'task',
    annotator_id UUID NOT NULL COMMENT 'user or annotator account: one submission per task and annotator',
    id UUID NOT NULL COMMENT 'submission; version 7',
    is_user TINYINT NOT NULL COMMENT '1: annotator_id is a user; 0: an annotator account',
    verdict ENUM ('confirm', 'reject', 'correct', 'unsure') NOT NULL COMMENT 'what was said',
    corrected_value JSON NULL COMMENT 'the right value, with correct',
    confidence DOUBLE NULL COMMENT '0 to 1, as the annotator feels',
    duration_ms BIGINT NULL COMMENT 'time on the task',
    is_imported TINYINT NOT NULL COMMENT '1: made elsewhere',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC; of an import: submitted_at, if given',
    PRIMARY KEY (org_id, campaign_id, task_id, annotator_id),
    CONSTRAINT labeling_submission_task FOREIGN KEY (org_id, campaign_id, task_id) REFERENCES labeling_task (org_id, campaign_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='labels; a campaign''s lie together, by task';

CREATE TABLE labeling_seat (
    org_id UUID NOT NULL COMMENT 'tenant',
    campaign_id UUID NOT NULL COMMENT 'campaign',
    actor_id UUID NOT NULL COMMENT 'user or annotator account; only its own calls change this row',
    is_user TINYINT NOT NULL COMMENT '1: actor_id is a user; 0: an annotator account',
    turn BIGINT NOT NULL COMMENT 'raised when a task is served: two calls of one annotator do not both get one',
    task_id UUID NULL COMMENT 'task served last; NULL once it was answered',
    has_lapsed TINYINT NOT NULL DEFAULT 0 COMMENT '1: labeling_lapse has rows of this actor',
    n_served BIGINT NOT NULL COMMENT 'distinct tasks served, honeypots included',
    n_gold_served BIGINT NOT NULL COMMENT 'of these, honeypots',
    sweep_from BIGINT NULL COMMENT 'rnd at which the full look at the queue began; NULL: none under way',
    sweep_at BIGINT NULL COMMENT 'rnd from which it goes on; NULL: it is complete',
    sweep_wrapped TINYINT NOT NULL COMMENT '1: it has passed the end of the queue and goes on from its start',
    sweep_tasks BIGINT NULL COMMENT 'normal tasks there were when it began: later ones make it void',
    gold_mark BIGINT NOT NULL COMMENT 'honeypots up to this rank stand in labeling_pending or were there',
    gold_tasks BIGINT NULL COMMENT 'honeypots there were when all had been put there; NULL: not all yet',
    n_tasks BIGINT NOT NULL COMMENT 'normal tasks added by this actor',
    n_gold_tasks BIGINT NOT NULL COMMENT 'honeypots added by this actor',
    n_resolved BIGINT NOT NULL COMMENT 'tasks that became resolved or adjudicated by this actor''s calls, less those that ceased to be',
    n_submissions BIGINT NOT NULL COMMENT 'submissions made or imported by this actor''s calls',
    n_changes BIGINT NOT NULL COMMENT 'raised by whatever changes the campaign''s quality: the sum dates what is kept of it',
    gold_answered BIGINT NOT NULL COMMENT 'honeypots answered, unsure left out',
    gold_correct BIGINT NOT NULL COMMENT 'of these, right',
    blocked_at DATETIME(6) NULL COMMENT 'UTC; NULL: may be served',
    PRIMARY KEY (org_id, campaign_id, actor_id),
    CONSTRAINT labeling_seat_campaign FOREIGN KEY (org_id, campaign_id) REFERENCES labeling_campaign (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='an actor in a campaign; the sums over a campaign are its counts';

CREATE TABLE labeling_pending (
    org_id UUID NOT NULL COMMENT 'tenant',
    campaign_id UUID NOT NULL COMMENT 'campaign',
    annotator_id UUID NOT NULL COMMENT 'user or annotator account',
    is_gold TINYINT NOT NULL COMMENT '1: its next honeypots; 0: normal tasks somebody held when its sweep came by',
    place BIGINT NOT NULL COMMENT 'honeypot: keyed rank; normal: rnd',
    task_id UUID NOT NULL COMMENT 'task',
    PRIMARY KEY (org_id, campaign_id, annotator_id, is_gold, place, task_id),
    CONSTRAINT labeling_pending_campaign FOREIGN KEY (org_id, campaign_id) REFERENCES labeling_campaign (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='tasks an annotator comes back to';

CREATE TABLE labeling_lapse (
    org_id UUID NOT NULL COMMENT 'tenant',
    campaign_id UUID NOT NULL COMMENT 'campaign',
    task_id UUID NOT NULL COMMENT 'task',
    annotator_id UUID NOT NULL COMMENT 'user or annotator account',
    PRIMARY KEY (org_id, campaign_id, task_id, annotator_id),
    CONSTRAINT labeling_lapse_campaign FOREIGN KEY (org_id, campaign_id) REFERENCES labeling_campaign (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='tasks served and let go without an answer: served again they do not count again';

CREATE TABLE annotator_account (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'annotator; version 7',
    email VARCHAR(254) NOT NULL COMMENT 'lower case',
    display_name VARCHAR(200) NULL COMMENT 'shown to people',
    is_platform TINYINT NOT NULL COMMENT '1: flagged by the operator: may be assigned in projects that use the platform pool',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    UNIQUE KEY annotator_account_email (org_id, email),
    KEY annotator_account_platform (is_platform, email),
    CONSTRAINT annotator_account_org FOREIGN KEY (org_id) REFERENCES org (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='annotators without API key';

CREATE TABLE labeling_assignment (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'assignment; version 7: newer sorts later',
    campaign_id UUID NOT NULL COMMENT 'campaign',
    email VARCHAR(254) NOT NULL COMMENT 'lower case: who was invited',
    display_name VARCHAR(200) NULL COMMENT 'shown to people',
    annotator_account_id UUID NULL COMMENT 'account; NULL until the link was used, unless the address has one',
    status ENUM ('invited', 'active', 'revoked') NOT NULL COMMENT 'state',
    link_digest BINARY(32) NULL COMMENT 'crypto_generichash of the magic link token under the pepper; NULL: used or void',
    link_expires_at DATETIME(6) NULL COMMENT 'UTC',
    invited_at DATETIME(6) NOT NULL COMMENT 'UTC: last invitation',
    PRIMARY KEY (org_id, id),
    UNIQUE KEY labeling_assignment_email (org_id, campaign_id, email),
    UNIQUE KEY labeling_assignment_link (link_digest),
    CONSTRAINT labeling_assignment_campaign FOREIGN KEY (org_id, campaign_id) REFERENCES labeling_campaign (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='annotators invited to campaigns';

CREATE TABLE annotator_session (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'session; version 7',
    assignment_id UUID NOT NULL COMMENT 'assignment it was opened for',
    digest BINARY(32) NOT NULL COMMENT 'crypto_generichash of the token under the pepper',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC; ends 30 days later at the latest',
    last_used_at DATETIME(6) NOT NULL COMMENT 'UTC, to the minute; ends after 12 hours without use',
    ended_at DATETIME(6) NULL COMMENT 'UTC; NULL: not ended by anybody',
    PRIMARY KEY (org_id, id),
    UNIQUE KEY annotator_session_digest (digest),
    KEY annotator_session_assignment (org_id, assignment_id),
    CONSTRAINT annotator_session_assignment FOREIGN KEY (org_id, assignment_id) REFERENCES labeling_assignment (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='annotator sessions';

CREATE TABLE labeling_model (
    org_id UUID NOT NULL COMMENT 'tenant',
    campaign_id UUID NOT NULL COMMENT 'campaign',
    basis BIGINT NOT NULL COMMENT 'sum of labeling_seat.n_changes when it was fitted',
    weights LONGBLOB NULL COMMENT 'packed, versioned, checksummed: classes, priors, matrices; decides tasks between fits',
    quality LONGTEXT NULL COMMENT 'answer of the quality call at this basis',
    fitted_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, campaign_id),
    CONSTRAINT labeling_model_campaign FOREIGN KEY (org_id, campaign_id) REFERENCES labeling_campaign (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='last fit of a campaign';

CREATE TABLE ground_truth_dataset (
    org_id UUID NOT NULL COMMENT 'tenant',
    id UUID NOT NULL COMMENT 'dataset; version 7: newer sorts later',
    name VARCHAR(200) NOT NULL COMMENT 'of the project or campaign it came from',
    project_id UUID NULL COMMENT 'project whose campaigns fill it',
    campaign_id UUID NULL COMMENT 'campaign that fills it, without a project',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, id),
    UNIQUE KEY ground_truth_dataset_project (org_id, project_id),
    UNIQUE KEY ground_truth_dataset_campaign (org_id, campaign_id),
    CONSTRAINT ground_truth_dataset_project FOREIGN KEY (org_id, project_id) REFERENCES labeling_project (org_id, id),
    CONSTRAINT ground_truth_dataset_campaign FOREIGN KEY (org_id, campaign_id) REFERENCES labeling_campaign (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='collections of promoted answers';

CREATE TABLE ground_truth_item (
    org_id UUID NOT NULL COMMENT 'tenant',
    dataset_id UUID NOT NULL COMMENT 'dataset',
    task_id UUID NOT NULL COMMENT 'task it was promoted from: each once',
    id UUID NOT NULL COMMENT 'item; version 7',
    campaign_id UUID NOT NULL COMMENT 'campaign of the task',
    subject BINARY(16) NULL COMMENT 'as in labeling_task',
    verdict ENUM ('confirm', 'reject', 'correct') NOT NULL COMMENT 'consensus',
    value JSON NULL COMMENT 'value the consensus stands for',
    confidence DOUBLE NULL COMMENT 'largest posterior; NULL: adjudicated',
    agreement DOUBLE NULL COMMENT 'share of the submissions equal to the consensus',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (org_id, dataset_id, task_id),
    UNIQUE KEY ground_truth_item_task (org_id, task_id),
    KEY ground_truth_item_subject (org_id, subject),
    CONSTRAINT ground_truth_item_dataset FOREIGN KEY (org_id, dataset_id) REFERENCES ground_truth_dataset (org_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='promoted answers; the target stands in the task';
