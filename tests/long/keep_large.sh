#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Keeping many rows: backup, verify, export and erasure in memory that does not grow with them; seconds are reported.
. "$(dirname "$0")/../proc/lib.sh"
rows=${KEEP_ROWS:-200000}

sql() { mariadb --no-defaults -S "$dir/run/db.sock" -u root -N costwright -e "$1"; }
# within TEXT ARGUMENT...: costwrightctl in 100 MB of address space, children apart
within() {
    text=$1
    shift
    began=$(date +%s%3N)
    check "$text" sh -c 'ulimit -v 100000; "$@" >"$0" 2>&1 </dev/null' "$work/said" \
        "$build/costwrightctl" --config "$dir/costwright.conf" "$@"
    echo "$text: $((($(date +%s%3N) - began) / 1000)) s for $rows rows of evidence, tasks and submissions each"
}

start large
node "$top/tests/proc/keep_fill.mjs" "$url" "$key" >/dev/null || exit 2
org=$(sql "SELECT id FROM org WHERE name = 'stack'")
sql "INSERT INTO evidence (org_id, env_id, metric, natural_key, content, source, bin, actual, model_version, applied, received_at)
    SELECT '$org', (SELECT id FROM environment WHERE name = 'Kept'), 0, UNHEX(MD5(seq)), UNHEX(MD5(seq)), 'erp', '', seq, 'x', 0,
    UTC_TIMESTAMP(6) FROM seq_1_to_$rows"
campaign=$(sql "SELECT campaign_id FROM labeling_task WHERE is_gold = 0 AND status = 'resolved' LIMIT 1")
# a task n has the id that ends with n, and one submission
sql "CREATE TEMPORARY TABLE model SELECT * FROM labeling_task WHERE campaign_id = '$campaign' AND is_gold = 0 AND status = 'resolved' LIMIT 1;
    ALTER TABLE model DROP COLUMN id, DROP COLUMN submission_count, DROP COLUMN counted, DROP COLUMN unsure_count;
    SET @columns = (SELECT GROUP_CONCAT(column_name) FROM information_schema.columns WHERE table_schema = 'costwright'
        AND table_name = 'labeling_task' AND column_name NOT IN ('id', 'submission_count', 'counted', 'unsure_count'));
    EXECUTE IMMEDIATE CONCAT('INSERT INTO labeling_task (', @columns, ', id, submission_count, counted, unsure_count) SELECT ', @columns,
        ', CONCAT(''00000000-0000-4000-8000-'', LPAD(HEX(seq), 12, ''0'')), 1, 1, 0 FROM model, seq_1_to_$rows');
    INSERT INTO labeling_submission (org_id, campaign_id, task_id, annotator_id, id, is_user, verdict, is_imported, created_at)
        SELECT '$org', '$campaign', CONCAT('00000000-0000-4000-8000-', LPAD(HEX(seq), 12, '0')), UUID(), UUID(), 0, 'confirm', 1,
        UTC_TIMESTAMP(6) FROM seq_1_to_$rows;
    UPDATE labeling_seat SET n_tasks = n_tasks + $rows, n_resolved = n_resolved + $rows, n_submissions = n_submissions + $rows
        WHERE campaign_id = '$campaign' LIMIT 1" || exit 2
within "verify --database" verify --database
within "backup" backup "$work/a.gz"
within "verify --file" verify --file "$work/a.gz"
echo "the file has $(($(stat -c %s "$work/a.gz") / 1000)) kB"
within "org export" org export "$work/a.jsonl" --org stack
for table in evidence labeling_task labeling_submission; do
    check "all rows of $table" [ "$(grep -c "^{\"table\":\"$table\"" "$work/a.jsonl")" -gt "$rows" ]
done
within "org erase" org erase stack --yes
check "none is left" [ "$(sql "SELECT (SELECT COUNT(*) FROM evidence) + (SELECT COUNT(*) FROM labeling_task)")" = 0 ]
within "restore" restore --force "$work/a.gz"
within "verify --database again" verify --database

finish
