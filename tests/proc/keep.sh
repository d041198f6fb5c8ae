#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Keeping the data: backup, restore and verify with faults in between; export and erasure of one organisation.
. "$(dirname "$0")/lib.sh"

sql() { mariadb --no-defaults -S "$dir/run/db.sock" -u root -N -e "$1"; }
ctl() { "$build/costwrightctl" --config "$dir/costwright.conf" "$@" >"$work/said" 2>&1 </dev/null; }
copy() { ctl --set db_name=copy "$@"; }
fails() { ! "$@"; }
says() { grep -qE -- "$1" "$work/said" || { cat "$work/said"; return 1; }; }
contents() { gzip -dc "$1" | tail -n 1 | sed 's/.*, contents //'; }
same() { [ "$(contents "$1")" = "$(contents "$2")" ]; }
nothing_new() { [ -z "$(ls -A "$work/new")" ] || { ls -A "$work/new"; return 1; }; }
# fake PROGRAM: a program of that name before the real one, its text on standard input
fake() {
    mkdir -p "$work/bin"
    { echo '#!/bin/sh'; cat; } >"$work/bin/$1"
    chmod 755 "$work/bin/$1"
}
faked() { PATH=$work/bin:$PATH "$@"; }

start keep
for which in "$key" "$key_other"; do
    node "$top/tests/proc/keep_fill.mjs" "$url" "$which" >"$work/filled" || exit 2
done
sql 'GRANT ALL ON copy.* TO costwright_migrate@localhost;
    GRANT SELECT, INSERT, UPDATE, DELETE ON copy.* TO costwright@localhost'
mkdir "$work/new" "$work/many"

# --- a backup, and what may go wrong with one
check "the rows are consistent" ctl verify --database
check "backup" ctl backup "$work/a.gz"
check "it is its owner's alone" [ "$(stat -c %a "$work/a.gz")" = 600 ]
check "of the schema's version" ctl verify --file "$work/a.gz"
check "as verify says" says "whole; database costwright, schema version $(sql 'SELECT MAX(version) FROM costwright.schema_migration'),"
check "every table is in it" [ "$(grep -c 'rows$' "$work/said")" = \
    "$(sql "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'costwright'")" ]
check "with all its rows" sh -c "sed -n 's/ *\([0-9]*\) rows\$/ \1/p' '$work/said' | while read -r table rows; do
    [ \$rows = \$(mariadb --no-defaults -S '$dir/run/db.sock' -u root -N costwright -e \"SELECT COUNT(*) FROM \$table\") ] || exit 1
    done"
check "a second one, same rows: same contents" ctl backup "$work/b.gz"
check "equal" same "$work/a.gz" "$work/b.gz"
check "a file is not overwritten" fails ctl backup "$work/b.gz"
check "it says why" says 'there already'
check "into a directory" ctl backup "$work/many"
check "named after database and moment" says "^$work/many/costwright-[0-9]{8}T[0-9]{6}Z.sql.gz\$"
check "no such directory" fails ctl backup "$work/none/a.gz"
check "not without a choice" fails ctl verify

# NFS knows no rename that refuses to replace; to the name late.gz somebody else comes first
${CC:-cc} -shared -fPIC -o "$work/nfs.so" -x c - <<'END'
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
int renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
    if (strstr(new, "/late.gz"))
        close(creat(new, 0600));
    errno = EINVAL;
    return -1;
}
END
on_nfs() { LD_PRELOAD=$work/nfs.so "$@"; }
check "backup on NFS" on_nfs ctl backup "$work/nfs.gz"
check "is whole" ctl verify --file "$work/nfs.gz"
check "not over a file that came meanwhile" fails on_nfs ctl backup "$work/new/late.gz"
check "which is as it was" [ "$(ls -A "$work/new")$(stat -c %s "$work/new/late.gz")" = late.gz0 ]
rm "$work/new/late.gz"

# the caller has closed what there is to read and write: nothing else is read or written in its place
closed() { timeout 20 "$build/costwrightctl" --config "$dir/costwright.conf" "$@" <&- >&- 2>&-; [ $? = 1 ]; }
check "a backup that cannot print its name" closed backup "$work/closed.gz"
check "is whole all the same" ctl verify --file "$work/closed.gz"

# a client writes while the snapshot is taken: what is dumped is of one moment
( i=0; while [ $i -lt 400 ]; do
    i=$((i + 1))
    curl -s -o /dev/null -H "X-API-Key: $key_other" -H 'Content-Type: application/json' "$url/api/v1/parts/import" \
        -d "{\"parts\": [{\"part_number\": \"L-$i\", \"process_plan\": {\"material_ref\": \"S355\", \"gross_mass_kg\": 1, \"operations\": []}}]}"
done ) &
writer=$!
check "backup under writes" ctl backup "$work/load.gz"
check "rows under writes are consistent" ctl verify --database
kill $writer
wait $writer 2>/dev/null

# what the dump is given: no password among the arguments or in the environment
real=$(command -v mariadb-dump)
fake mariadb-dump <<END
tr '\\0' '\\n' </proc/\$\$/cmdline >"$work/seen"
tr '\\0' '\\n' </proc/\$\$/environ >>"$work/seen"
exec "$real" "\$@"
END
check "backup with a witness" faked ctl backup "$work/witness.gz"
check "who saw the arguments" grep -q single-transaction "$work/seen"
check "but no password" sh -c "! grep -qF \"\$(cat '$dir/secret/db.password')\" '$work/seen'"
check "nor a file with it" sh -c "! grep -rqF \"\$(cat '$dir/secret/db.password')\" '$work/many' '$dir/tmp'"

# faults: no file that looks whole
fake mariadb-dump <<END
"$real" "\$@" | head -c 20000
exit 3
END
check "the dump fails" fails faked ctl backup "$work/new/x.gz"
check "with its status" says 'mariadb-dump ended with status 3'
check "nothing is left" nothing_new
fake mariadb-dump <<END
"$real" "\$@" | head -c 20000
kill -9 \$\$
END
check "the dump is killed" fails faked ctl backup "$work/new/x.gz"
check "nothing is left of that" nothing_new
rm "$work/bin/mariadb-dump"
fake gzip <<'END'
head -c 1000
exit 1
END
check "gzip fails" fails faked ctl backup "$work/new/x.gz"
check "nothing is left of that one" nothing_new
rm "$work/bin/gzip"
check "the disk is full" fails sh -c "ulimit -f 2; PATH='$PATH' exec '$build/costwrightctl' --config '$dir/costwright.conf' backup '$work/new/x.gz' 2>/dev/null"
check "nothing is left there" nothing_new
fake mariadb-dump <<END
"$real" "\$@" | { head -c 20000; sleep 5; }
END
PATH=$work/bin:$PATH "$build/costwrightctl" --config "$dir/costwright.conf" backup "$work/new/x.gz" >/dev/null 2>&1 &
backup=$!
check "a backup is under way" wait_for 5 sh -c "ls -A '$work/new' | grep -q x.gz"
kill -9 $backup
wait $backup 2>/dev/null
check "killed: no file of its name" [ ! -e "$work/new/x.gz" ]
for hidden in "$work"/new/.x.gz.*; do
    check "what is left is no backup" fails ctl verify --file "$hidden"
done
rm -f "$work"/new/.x.gz.* "$work/bin/mariadb-dump"

# damaged files
bytes=$(stat -c %s "$work/a.gz")
head -c $((bytes - 40)) "$work/a.gz" >"$work/cut.gz"
gzip -dc "$work/a.gz" | sed '$d' | gzip >"$work/no-end.gz"
gzip -dc "$work/a.gz" | sed "s/'K-1'/'K-X'/" | gzip >"$work/changed.gz"
gzip -dc "$work/a.gz" | sed '/^(.*K-1/d' | gzip >"$work/fewer.gz"
{ gzip -dc "$work/a.gz"; echo 'DROP TABLE org;'; } | gzip >"$work/more.gz"
{ gzip -dc "$work/a.gz"; printf 'DROP TABLE org;'; } | gzip >"$work/half-line.gz"
: >"$work/empty.gz"
cp "$work/a.gz" "$work/flipped.gz"
printf '\377' | dd of="$work/flipped.gz" bs=1 seek=$((bytes / 2)) conv=notrunc 2>/dev/null
for damaged in cut no-end changed fewer more half-line empty flipped none; do
    check "damaged: $damaged" fails ctl verify --file "$work/$damaged.gz"
    check "not restored: $damaged" fails copy restore "$work/$damaged.gz"
done
check "and nothing was made" [ "$(sql "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'copy'")" = 0 ]

# --- restore
check "restore" copy restore "$work/a.gz"
check "all rows" says 'tables, [0-9]+ rows, schema version'
check "backup of what was restored" copy backup "$work/copy.gz"
check "the same contents" same "$work/a.gz" "$work/copy.gz"
check "its rows are consistent" copy verify --database
check "not over rows" fails copy restore "$work/b.gz"
check "without being told" says '--force'
real=$(command -v mariadb)
fake mariadb <<END
head -c 150000 | "$real" "\$@"
exit 1
END
check "a restore that is cut off" fails faked copy restore --force "$work/a.gz"
check "is said to be so" says 'not whole'
check "and no program takes it for whole" fails copy org list
check "not even to purge it" fails copy purge
rm "$work/bin/mariadb"
check "again" copy restore --force "$work/load.gz"
check "rows of a moment under writes are consistent" copy verify --database
newer=$(gzip -dc "$work/a.gz" | tail -n 1 | sed 's/schema [0-9]*,/schema 999,/')
{ gzip -dc "$work/a.gz" | sed '$d'; echo "$newer"; } | gzip >"$work/newer.gz"
check "a newer schema is refused" fails copy restore --force "$work/newer.gz"
check "in words" says 'install the newer one'
check "before anything is dropped" copy verify --database

sql 'CREATE DATABASE by_hand'
check "by hand, without this program" sh -c "zcat '$work/a.gz' | mariadb --no-defaults -S '$dir/run/db.sock' -u root by_hand"
check "gives the same rows" [ "$(sql 'SELECT COUNT(*) FROM by_hand.labeling_task')" = "$(sql 'SELECT COUNT(*) FROM costwright.labeling_task')" ]

# --- verify: every promise broken once, found, and nothing else
in_copy() { mariadb --no-defaults -S "$dir/run/db.sock" -u root -N copy -e "$1"; }
broken=0
# breaks WORDS SQL [MEND]: verify finds it; MEND puts it right, else the rows are restored
breaks() {
    broken=$((broken + 1))
    in_copy "SET foreign_key_checks = 0, check_constraint_checks = 0; $2"
    check "found: $1" fails copy verify --database
    check "named, with how to mend: $1" sh -c "grep -A1 '^broken: $1' '$work/said' | grep -q '^ *mend: .'"
    check "and nothing else: $1" [ "$(grep -c ^broken "$work/said")" = 1 ]
    in_copy "SET foreign_key_checks = 0, check_constraint_checks = 0; $3"
}
task="org_id = (SELECT MIN(org_id) FROM labeling_submission) AND id = (SELECT MIN(task_id) FROM (SELECT * FROM labeling_submission) s
    WHERE s.org_id = (SELECT MIN(org_id) FROM labeling_submission))"
of_task='(SELECT COUNT(*) FROM labeling_submission s WHERE s.org_id = t.org_id AND s.campaign_id = t.campaign_id AND s.task_id = t.id'
seat="ORDER BY org_id, campaign_id, actor_id LIMIT 1"
breaks 'all schema files' "UPDATE schema_migration SET state = 'running' WHERE version = 1" "UPDATE schema_migration SET state = 'applied'"
breaks 'an organisation has one baseline' "UPDATE environment SET is_baseline = 1 WHERE name = 'Kept'" \
    "UPDATE environment SET is_baseline = 0 WHERE name = 'Kept'"
breaks "a part.s current revision" "UPDATE part SET current_revision_id = UUID() WHERE part_number = 'K-1'" \
    "UPDATE part p SET current_revision_id = (SELECT MAX(id) FROM part_revision r WHERE r.org_id = p.org_id AND r.part_id = p.id)"
breaks 'an active calibration' "CREATE TABLE kept SELECT * FROM calibration_active; UPDATE calibration_active SET run_id = UUID() LIMIT 1" \
    'REPLACE INTO calibration_active SELECT * FROM kept; DROP TABLE kept'
breaks 'a run has all pieces' "INSERT INTO calibration_piece SELECT org_id, id, 1, 2, 'x' FROM calibration_run LIMIT 1" \
    'DELETE FROM calibration_piece'
breaks 'no stored answer' 'UPDATE idempotency SET status = 0 LIMIT 1' 'UPDATE idempotency SET status = 201'
# the mends below are those that verify prints
breaks 'a task counts its submissions' "UPDATE labeling_task SET submission_count = submission_count + 1, unsure_count = unsure_count,
    counted = submission_count - unsure_count + (unsure_count > 0) WHERE $task" \
    "UPDATE labeling_task t SET submission_count = $of_task);
    UPDATE labeling_task SET counted = submission_count - unsure_count + (unsure_count > 0)"
breaks 'a task counts who was unsure' "UPDATE labeling_task SET unsure_count = unsure_count + 1,
    counted = submission_count - unsure_count + (unsure_count > 0) WHERE $task" \
    "UPDATE labeling_task t SET unsure_count = $of_task AND s.verdict = 'unsure');
    UPDATE labeling_task SET counted = submission_count - unsure_count + (unsure_count > 0)"
breaks 'a task counts what decides' "UPDATE labeling_task SET counted = counted + 1 WHERE $task" \
    'UPDATE labeling_task SET counted = submission_count - unsure_count + (unsure_count > 0)'
breaks 'a decided task' "UPDATE labeling_task SET resolved_at = NULL WHERE status = 'resolved' LIMIT 1" \
    "UPDATE labeling_task SET resolved_at = created_at WHERE status = 'resolved' AND resolved_at IS NULL"
breaks 'a lease has one holder' "UPDATE labeling_task SET claim_expires_at = '2026-01-01' WHERE status = 'resolved' LIMIT 1" \
    "UPDATE labeling_task SET claim_expires_at = NULL WHERE status = 'resolved'"
breaks 'a campaign counts its tasks' "UPDATE labeling_seat SET n_tasks = n_tasks + 1 $seat" "UPDATE labeling_seat SET n_tasks = n_tasks - 1 $seat"
breaks 'a campaign counts its honeypots' "UPDATE labeling_seat SET n_gold_tasks = n_gold_tasks + 1 $seat" \
    "UPDATE labeling_seat SET n_gold_tasks = n_gold_tasks - 1 $seat"
breaks 'a campaign counts its decided' "UPDATE labeling_seat SET n_resolved = n_resolved + 1 $seat" \
    "UPDATE labeling_seat SET n_resolved = n_resolved - 1 $seat"
breaks 'a campaign counts its submissions' "UPDATE labeling_seat SET n_submissions = n_submissions + 1 $seat" \
    "UPDATE labeling_seat SET n_submissions = n_submissions - 1 $seat"
breaks 'an open campaign knows' 'DELETE FROM labeling_value' "INSERT IGNORE INTO labeling_value (org_id, campaign_id, digest)
    SELECT DISTINCT org_id, campaign_id, UNHEX(LEFT(SHA2(JSON_QUOTE(JSON_UNQUOTE(value)), 256), 32)) FROM (SELECT org_id, campaign_id,
    predicted_value AS value FROM labeling_task UNION ALL SELECT org_id, campaign_id, corrected_value FROM labeling_submission) v
    WHERE value IS NOT NULL"
breaks 'a promoted answer' 'UPDATE ground_truth_item SET campaign_id = UUID() LIMIT 1' \
    "UPDATE ground_truth_item i SET campaign_id = (SELECT campaign_id FROM labeling_task t WHERE t.org_id = i.org_id AND t.id = i.task_id)"
breaks 'an active assignment' "UPDATE labeling_assignment SET status = 'active' WHERE email = 'idle@example.org' LIMIT 1" \
    "UPDATE labeling_assignment SET status = 'invited' WHERE email = 'idle@example.org'"
breaks 'what rate refers to is in environment' "UPDATE rate SET env_id = UUID() LIMIT 1" "UPDATE rate SET
    env_id = (SELECT MIN(id) FROM environment e WHERE e.org_id = rate.org_id AND e.name = 'Kept')"
check "all promises were broken once" [ $((broken - 1)) = "$(sed -n '/written\[\] = {/,/^};/p' "$top/src/store/store_consistency.c" | grep -c '^    {"')" ]
check "all is mended" copy verify --database

# --- export
org=$(sql "SELECT id FROM costwright.org WHERE name = 'stack'")
tables=$(sql "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'costwright' AND column_name = 'org_id'")
check "export" ctl org export "$work/stack.jsonl" --org stack
check "for its owner only" [ "$(stat -c %a "$work/stack.jsonl")" = 600 ]
check "no other organisation's id" sh -c "! grep -qF '$(sql "SELECT id FROM costwright.org WHERE name = 'other'")' '$work/stack.jsonl'"
for table in $tables; do
    check "export has all of $table" [ "$(grep -c "^{\"table\":\"$table\"," "$work/stack.jsonl")" = \
        "$(sql "SELECT COUNT(*) FROM costwright.$table WHERE org_id = '$org'")" ]
done
check "every line is JSON and the last one counts them" node -e "
    const lines = require('fs').readFileSync('$work/stack.jsonl', 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    const end = lines.pop(); process.exit(end.end && end.rows === lines.length - 1 && lines[0].organisation === '$org' ? 0 : 1);"
check "not over a file" fails ctl org export "$work/stack.jsonl" --org stack

# --- erase, while the organisation's client goes on
dump() { mariadb-dump --no-defaults -S "$dir/run/db.sock" -u root --skip-comments --hex-blob --order-by-primary --skip-extended-insert \
    --no-create-info costwright | grep -vE "'$org'|last_used_at" | grep '^INSERT' | grep -v '^INSERT INTO .api_key'; }
check "not by mistake" fails ctl org erase stack
check "not the platform" fails ctl org erase '(platform)' --yes
check "not nobody" fails ctl org erase nobody --yes
dump >"$work/before"
( while :; do curl -s -o /dev/null -H "X-API-Key: $key" -H 'Content-Type: application/json' "$url/api/v1/parts/import" \
    -d "{\"parts\": [{\"part_number\": \"E-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')\", \"process_plan\": {\"material_ref\": \"S355\", \"gross_mass_kg\": 1, \"operations\": []}}]}"; done ) &
writer=$!
cuts=0
until [ $cuts -ge 3 ]; do # cut off before it is done
    cuts=$((cuts + 1))
    timeout -s KILL 0.04 "$build/costwrightctl" --config "$dir/costwright.conf" org erase "$org" --yes >/dev/null 2>&1
done
# one that was to be cut off may have come to its end
erase() { ctl org erase "$org" --yes || [ "$(sql "SELECT COUNT(*) FROM costwright.org WHERE id = '$org'")" = 0 ]; }
check "erase" wait_for 10 erase
check "its key is no key any more" wait_for 5 sh -c \
    "[ \$(curl -s -o /dev/null -w '%{http_code}' -H 'X-API-Key: $key' '$url/api/v1/parts/environments') = 401 ]"
kill $writer
wait $writer 2>/dev/null
check "no row of any table has its id" sh -c "! mariadb-dump --no-defaults -S '$dir/run/db.sock' -u root --skip-comments --hex-blob costwright |
    grep -qiE '$org|$(echo "$org" | tr -d -)'"
dump >"$work/after"
check "the others' rows are as they were" cmp -s "$work/before" "$work/after"
check "there are some" [ "$(wc -l <"$work/after")" -gt 200 ]
check "the rows are consistent without it" ctl verify --database
check "erased: it is not there" fails ctl org erase "$org" --yes

# --- the recipes of the operator's guide, line by line; what systemd and apt do is done by hand
ctl org create 'Our Shop'
file=none
serves() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" = 200 ]; }
recipe() {
    case $1 in
    'systemctl stop costwright-light.socket costwright-heavy.socket costwright')
        service=$(master)
        kill -TERM "$service" && wait_for 10 is_gone "$service" &&
            sql 'DROP DATABASE costwright' # the new host has none
        ;;
    'systemctl start costwright')
        setsid "$build/costwrightd" --config "$dir/costwright.conf" </dev/null >>"$dir/logs/costwrightd.log" 2>&1 &
        wait_for 10 serves
        ;;
    'systemctl restart costwright')
        service=$(master)
        kill -TERM "$service" && wait_for 10 is_gone "$service" && recipe 'systemctl start costwright'
        ;;
    'systemctl reload nginx') kill -HUP "$(cat "$dir/run/nginx.pid")" ;;
    'apt install '*) ;;
    'install -d '*/var/backups/costwright) install -d -m 0700 "$work/backups" ;;
    'costwrightctl doctor') ctl doctor --user "$(id -un)" --web-user "$(id -un)" --nginx-conf "$dir/nginx.conf" ;;
    'costwrightctl '*)
        case $1 in *' backup '*) sleep 1 ;; esac # the file is named after the second
        (
            cd "$work" || exit 1
            eval "ctl $(echo "${1#costwrightctl }" | sed "s|/var/backups/costwright|$work/backups|; s|FILE|$file|")"
        ) || { cat "$work/said"; return 1; }
        case $1 in *' backup '*) file=$(tail -n 1 "$work/said") ;; esac
        ;;
    *) return 1 ;;
    esac
}
sed -n '/<pre/,/<\/pre>/p' "$top/nginx/html/docs/operate.html" | sed 's/<[^>]*>//g; s/ *#.*//' >"$work/recipes"
while IFS= read -r line <&4; do
    check "guide: $line" recipe "$line"
done 4<"$work/recipes"
check "all recipes were read" [ "$(wc -l <"$work/recipes")" = 17 ]
check "served from what was restored" [ "$(curl -s -o /dev/null -w '%{http_code}' -H "X-API-Key: $key_other" "$url/api/v1/parts/environments")" = 200 ]
check "the shop was exported" grep -q '"name":"Our Shop"' "$work/shop.jsonl"
check "and erased" [ "$(sql "SELECT COUNT(*) FROM costwright.org WHERE name = 'Our Shop'")" = 0 ]

finish
