-- SPDX-License-Identifier: GPL-3.0-or-later
-- While no honeypot is due, a claim needs no look at the seat.

ALTER TABLE labeling_seat
    ADD COLUMN gold_next BIGINT NOT NULL DEFAULT 0 COMMENT 'n_served below which no honeypot is due; 0: not known';
