#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Exports of any length: one state of the database, in little memory, and a transfer that breaks is seen as broken.
# EXPORT_LABELS=1000000: measured with more.
. "$(dirname "$0")/lib.sh"

labels=${EXPORT_LABELS:-200000}
P=/api/v1/parts
sql() { mariadb --no-defaults -S "$dir/run/db.sock" -u root -N costwright -e "$1"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
lines() { wc -l <"$1"; }
# fetch FILE PATH OPTION...: an export into a file
fetch() {
    to=$1 from=$2
    shift 2
    curl -sS -o "$to" -H "X-API-Key: $key" "$@" "$url$P$from" 2>>"$work/said"
}
# begins FILE: some of it is there
begins() { [ -s "$1" ]; }
logged() { grep "operation=$1 " "$dir/logs/costwrightd.log" | tail -n 1; }

start export --workers 1 --heavy 1
campaign=$(curl -s -H "X-API-Key: $key" -H 'Content-Type: application/json' "$url$P/labeling/campaigns" \
    -d '{"name": "large"}' | field id)
org="(SELECT id FROM org WHERE name = 'stack')"
tasks=$((labels / 4))
# the order of ids is not the order of making
sql "
INSERT INTO labeling_task (org_id, campaign_id, id, status, is_gold, rnd, n_required, submission_count, counted, unsure_count,
    target_kind, field_name, predicted_value, consensus_verdict, consensus_value, agreement, confidence, created_at)
SELECT $org, '$campaign', UUID_v4, 'resolved', 0, seq, 4, 4, 4, 0, 'field', CONCAT('=field ', seq), '\"0.5\"', 'confirm', '\"0.5\"', 1, 0.9,
    NOW(6) FROM (SELECT seq, CAST(CONCAT(LEFT(MD5(seq), 8), '-', SUBSTR(MD5(seq), 9, 4), '-4', SUBSTR(MD5(seq), 14, 3), '-a',
    SUBSTR(MD5(seq), 18, 3), '-', RIGHT(MD5(seq), 12)) AS UUID) AS UUID_v4 FROM seq_1_to_$tasks) made;
INSERT INTO annotator_account (org_id, id, email, is_platform, created_at)
SELECT $org, CONCAT('0190a6c1-7f3e-7c2a-9d54-00000000000', seq), CONCAT('someone', seq, '@example.org'), 0, NOW(6) FROM seq_1_to_5;
INSERT INTO labeling_seat (org_id, campaign_id, actor_id, is_user, turn, n_served, n_gold_served, sweep_wrapped, gold_mark, n_tasks,
    n_gold_tasks, n_resolved, n_submissions, n_changes, gold_answered, gold_correct)
SELECT $org, '$campaign', CONCAT('0190a6c1-7f3e-7c2a-9d54-00000000000', seq), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0 FROM seq_1_to_5;
INSERT INTO labeling_submission (org_id, campaign_id, task_id, annotator_id, id, is_user, verdict, corrected_value, confidence,
    duration_ms, is_imported, created_at)
SELECT t.org_id, t.campaign_id, t.id, CONCAT('0190a6c1-7f3e-7c2a-9d54-00000000000', seq), UUID(), 0, 'correct',
    CONCAT('\"value ', seq, '\"'), 0.7, 4321, 0, NOW(6) FROM labeling_task t JOIN seq_1_to_4 WHERE t.campaign_id = '$campaign';
INSERT INTO ground_truth_dataset (org_id, id, name, campaign_id, created_at) VALUES ($org, '0190a6c1-7f3e-7c2a-9d54-0000000000d1', 'large', '$campaign', NOW(6));
INSERT INTO ground_truth_item (org_id, dataset_id, task_id, id, campaign_id, verdict, value, confidence, agreement, created_at)
SELECT org_id, '0190a6c1-7f3e-7c2a-9d54-0000000000d1', id, CONCAT('0190a6c1-', LPAD(HEX(rnd DIV 65536), 4, '0'), '-7', LPAD(HEX(rnd DIV 16 MOD 4096), 3, '0'),
    '-9d54-', LPAD(HEX(rnd), 12, '0')), campaign_id, consensus_verdict, consensus_value, confidence, agreement, NOW(6)
    FROM labeling_task WHERE campaign_id = '$campaign';
ANALYZE TABLE labeling_task, labeling_submission, ground_truth_item" >"$work/filled" || cat "$work/filled"
submissions=/labeling/campaigns/$campaign/submissions
items=/ground-truth/datasets/0190a6c1-7f3e-7c2a-9d54-0000000000d1/items

# one state: what comes meanwhile, where the reading has not come yet, is not in it
(
    wait_for 20 begins "$work/all"
    sql "INSERT INTO labeling_submission SELECT org_id, campaign_id, task_id, '0190a6c1-7f3e-7c2a-9d54-000000000005', UUID(), 0, verdict, corrected_value,
        confidence, duration_ms, 0, created_at FROM labeling_submission WHERE campaign_id = '$campaign'
        AND annotator_id = '0190a6c1-7f3e-7c2a-9d54-000000000001' ORDER BY task_id DESC LIMIT 100"
) &
times=$(fetch "$work/all" "$submissions" -D "$work/head" -H 'Accept: application/x-ndjson' \
    -w '%{time_starttransfer} s to the first byte, %{time_total} s in all')
check "$labels labels: $times" [ "$(lines "$work/all")" = "$labels" ]
wait
check "what came meanwhile is stored" [ "$(sql "SELECT COUNT(*) FROM labeling_submission")" = $((labels + 100)) ]
check "in chunks" grep -qi '^transfer-encoding: chunked' "$work/head"
pairs() { sed 's/.*task_id":"\([^"]*\)","annotator_email":"\([^"]*\)".*/\1 \2/' "$1"; }
sql "SELECT CONCAT(task_id, ' someone', RIGHT(annotator_id, 1), '@example.org') FROM labeling_submission
    WHERE campaign_id = '$campaign' AND annotator_id <> '0190a6c1-7f3e-7c2a-9d54-000000000005' ORDER BY task_id, annotator_id" >"$work/stored"
pairs "$work/all" >"$work/pairs"
check "each once, by task, then annotator as the server orders them" cmp "$work/pairs" "$work/stored"
check "every line is JSON" node -e "
    const lines = require('fs').readFileSync('$work/all', 'utf8').split('\n');
    if (lines.pop() !== '' || !lines.every((line) => JSON.parse(line).corrected_value.startsWith('value '))) process.exit(1);"
times=$(fetch "$work/csv" "$submissions" -H 'Accept: text/csv' -w '%{time_starttransfer} s to the first byte, %{time_total} s in all')
check "as CSV: $times" [ "$(lines "$work/csv")" = $((labels + 101)) ]
times=$(fetch "$work/items" "$items" -H 'Accept: application/x-ndjson' -w '%{time_starttransfer} s to the first byte, %{time_total} s in all')
check "$tasks items of ground truth: $times" [ "$(lines "$work/items")" = "$tasks" ]
check "in the order of promotion" sh -c "sed 's/^{\"id\":\"\([^\"]*\)\".*/\1/' '$work/items' | sort -c -u"
fetch "$work/items.csv" "$items" -H 'Accept: text/csv'
check "a formula is text" sh -c "sed 1d '$work/items.csv' | grep -c \",'=field [0-9]*,\" | grep -qx $tasks"
fetch "$work/few" "$submissions?limit=3&offset=5" -D "$work/head" -H 'Accept: application/x-ndjson'
check "a short one has its length" grep -qi "^content-length: $(wc -c <"$work/few")" "$work/head"
fetch "$work/far" "$submissions?offset=$((labels + 95))" -H 'Accept: application/x-ndjson'
check "from an offset to the end" [ "$(lines "$work/far")" = 5 ]
fetch "$work/none" "/labeling/campaigns/0190a6c1-7f3e-7c2a-9d54-0000000000d1/submissions" -D "$work/head" -H 'Accept: text/csv'
check "an error before the first byte is an answer" sh -c "grep -q ' 404 ' '$work/head' && grep -q '\"not_found\"' '$work/none'"

# evidence: 20,000 rows come in one call, and so at one moment
environment=$(curl -s -H "X-API-Key: $key" -H 'Content-Type: application/json' "$url$P/environments" \
    -d '{"name": "large", "valid_from": "2024-01-01"}' | field id)
sql "INSERT INTO evidence (org_id, env_id, metric, natural_key, content, source, reference, bin, predicted, actual, model_version, applied,
    received_at) SELECT $org, '$environment', seq MOD 2, UNHEX(MD5(seq)), UNHEX(MD5(seq)), ELT(1 + seq MOD 3, 'teach', 'erp', 'an oracle'),
    CONCAT('=order ', seq), 'north', 10, 11, 'm', 1, '2026-01-01' + INTERVAL seq DIV 20000 SECOND FROM seq_1_to_$labels"
evidence=/calibration/environments/$environment/evidence
references() { sed 's/.*external_ref":"=order \([0-9]*\)".*/\1/' "$1"; }
ordered() { sql "SELECT SUBSTR(reference, 8) FROM evidence WHERE env_id = '$environment' $1 ORDER BY received_at, metric, natural_key"; }
times=$(fetch "$work/rows" "$evidence" -H 'Accept: application/x-ndjson' -w '%{time_starttransfer} s to the first byte, %{time_total} s in all')
references "$work/rows" >"$work/said_rows"
ordered "" >"$work/stored"
check "$labels rows of evidence in the order of arrival: $times" cmp "$work/said_rows" "$work/stored"
fetch "$work/rows" "$evidence?source=erp&target_metric=cycle_time_s" -H 'Accept: application/x-ndjson'
references "$work/rows" >"$work/said_rows"
ordered "AND source = 'erp' AND metric = 1" >"$work/stored"
check "those of one source and metric" cmp "$work/said_rows" "$work/stored"
check "which are some" [ "$(lines "$work/stored")" -gt $((labels / 7)) ]
fetch "$work/rows" "$evidence" -H 'Accept: text/csv'
check "as CSV, a formula is text" sh -c "sed 1d '$work/rows' | grep -c \",'=order [0-9]*,\" | grep -qx $labels"

worker=$(logged label_submission_list | sed 's/.* \[\([0-9]*\)\] .*/\1/')
most=$(awk '/^VmHWM:/ { print $2 }' "/proc/$worker/status")
check "the worker's memory never was over 24 MiB: $most KiB" [ "$most" -le 24576 ]

# the transfer breaks: nobody can take the part for the whole
kill_reading() {
    wait_for 20 begins "$work/part"
    mariadb --no-defaults -S "$dir/run/db.sock" -u root -N \
        -e "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE user = 'costwright'" |
        mariadb --no-defaults -S "$dir/run/db.sock" -u root 2>>"$work/said"
}
kill_reading &
fetch "$work/part" "$submissions" -H 'Accept: application/x-ndjson'
status=$?
wait
check "the database goes away: curl says $status after $(lines "$work/part") lines" [ $status != 0 ]
came=$(lines "$work/part")
check "something had come" [ "$came" -gt 0 ]
check "not everything" [ "$came" -lt "$labels" ]
check "logged as what it is" sh -c "grep 'operation=label_submission_list status=503' '$dir/logs/costwrightd.log' | grep -q 'code=unavailable'"
rm -f "$work/part"
(
    wait_for 20 begins "$work/part"
    kill -9 "$worker"
) &
fetch "$work/part" "$submissions" -H 'Accept: text/csv'
status=$?
wait
check "the worker dies: curl says $status after $(lines "$work/part") lines" [ $status != 0 ]
fetch "$work/part" "$submissions" --limit-rate 1M --max-time 0.1 -H 'Accept: text/csv'
check "the client goes away" [ $? != 0 ]
fetch "$work/all" "$submissions" -H 'Accept: application/x-ndjson'
check "the next export is whole" [ "$(lines "$work/all")" = $((labels + 100)) ]
check "none but the broken one failed" [ "$(grep -c 'operation=label_submission_list status=5' "$dir/logs/costwrightd.log")" = 1 ]
curl -sS -I -H "X-API-Key: $key" -H 'Accept: text/csv' "$url$P$submissions" >"$work/head" 2>&1
check "HEAD" grep -q ' 200 ' "$work/head"

finish
