#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Sixteen annotators empty a campaign while workers are killed (COSTWRIGHT_LONG=yes: 20,000 tasks); links, sessions and
# leases end by themselves; annotators of the platform's pool.
. "$(dirname "$0")/lib.sh"

running() { [ -d "/proc/$1" ] && ! is_gone "$1"; }
tasks=1500
if [ "${COSTWRIGHT_LONG-}" = yes ]; then
    tasks=20000
fi

start drain --workers 8
master=$(master)
node "$top/tests/proc/labeling_drain.mjs" "$url" "$key" $tasks 16 3 >"$work/said" 2>&1 &
load=$!
kills=0
while running $load; do
    victims=$(workers "$master")
    set -- $victims
    if [ $# -gt 0 ]; then
        shift $(($(od -An -N1 -tu1 /dev/urandom) % $#))
        kill -9 "$1" 2>/dev/null && kills=$((kills + 1))
    fi
    sleep 0.3
done
wait $load
ended $? "$tasks tasks, 3 answers each, by 16 annotators under $kills kills: $(head -n 1 "$work/said")"
sed 1d "$work/said"
check "at least three were killed" [ $kills -ge 3 ]
stop_stacks

# --- what time ends, with the clock of its rows put back
start ends --workers 2 --set lease_seconds=2
labeling=$url/api/v1/parts/labeling
sql() { mariadb --no-defaults -S "$dir/run/db.sock" -u root -N costwright -e "$1"; }
ctl() { "$build/costwrightctl" --config "$dir/costwright.conf" "$@"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
# call AUTHORIZATION PATH BODY: prints the status; $work/body is the answer
call() { curl -s -X POST -o "$work/body" -w '%{http_code}' -H "$1" -H 'Content-Type: application/json' -d "$3" "$labeling$2"; }
owner() { call "X-API-Key: $key" "$@" >/dev/null; }
invite() { owner "/campaigns/$1/assignments" "{\"email\": \"$2@example.org\"}" && field magic_link_token <"$work/body"; }
redeem() { call 'X-Nobody: 1' /annotator-sessions "{\"token\": \"$1\"}"; }
session() { redeem "$(invite "$1" "$2")" >/dev/null && field annotator_token <"$work/body"; }
next() { call "Authorization: Bearer $1" "/campaigns/$2/next-task" ''; }
owner /campaigns '{"name": "ends", "gold_fraction": 0}'
campaign=$(field id <"$work/body")
owner "/campaigns/$campaign/tasks" '{"tasks": [{"predicted_value": 1}]}'

link=$(invite "$campaign" ann)
check "a link lasts 7 days" [ "$(sql 'SELECT ROUND(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), link_expires_at) / 60) FROM labeling_assignment')" = 10080 ]
sql 'UPDATE labeling_assignment SET link_expires_at = UTC_TIMESTAMP(6)'
check "and no longer" [ "$(redeem "$link")" = 401 ]
ann=$(session "$campaign" ann)
bob=$(session "$campaign" bob)
# aged STATUS SET: what Ann's session is answered when its row is set back
aged() {
    sql "UPDATE annotator_session SET $2"
    seen=$(next "$ann" "$campaign")
    [ "$seen" = "$1" ]
}
check "a session lasts 12 hours without use" aged 200 'last_used_at = UTC_TIMESTAMP(6) - INTERVAL 719 MINUTE'
check "and slides with it" [ "$(sql 'SELECT MIN(TIMESTAMPDIFF(MINUTE, last_used_at, UTC_TIMESTAMP(6))) FROM annotator_session')" = 0 ]
check "and no longer" aged 401 'last_used_at = UTC_TIMESTAMP(6) - INTERVAL 12 HOUR'
check "30 days with use" aged 200 'last_used_at = UTC_TIMESTAMP(6), created_at = UTC_TIMESTAMP(6) - INTERVAL 43199 MINUTE'
check "and no longer" aged 401 'created_at = UTC_TIMESTAMP(6) - INTERVAL 30 DAY'
sql 'UPDATE annotator_session SET created_at = UTC_TIMESTAMP(6)'

next "$ann" "$campaign" >/dev/null
task=$(field id <"$work/body")
check "Ann holds the only task" [ ${#task} = 36 ]
next "$bob" "$campaign" >/dev/null
check "Bob gets none" [ "$(cat "$work/body")" = null ]
gets() { next "$bob" "$campaign" >/dev/null && [ "$(field id <"$work/body")" = "$task" ]; }
check "until her lease ends by itself" wait_for 5 gets
check "her answer comes too late" [ "$(call "Authorization: Bearer $ann" "/tasks/$task/submit" '{"verdict": "confirm"}')" = 409 ]
check "his is taken" [ "$(call "Authorization: Bearer $bob" "/tasks/$task/submit" '{"verdict": "confirm"}')" = 201 ]
next "$ann" "$campaign" >/dev/null
sleep 2.1
check "nor is one taken that nobody waits for" [ "$(call "Authorization: Bearer $ann" "/tasks/$task/submit" '{"verdict": "confirm"}')" = 409 ]
check "which says why" grep -q '"reason":"lease_expired"' "$work/body"

# --- labels that decide no task leave alone what was promoted of their campaign
owner /campaigns '{"name": "open", "gold_fraction": 0}'
open=$(field id <"$work/body")
ask() { owner "/campaigns/$open/tasks" '{"tasks": [{"predicted_value": 1}]}' && field id <"$work/body"; }
owner "/tasks/$(ask)/adjudicate" '{"verdict": "confirm"}'
owner "/campaigns/$open/promote?force=true" ''
check "one is promoted" grep -q '"promoted":1' "$work/body"
asked=$(ask)
sql 'START TRANSACTION; SELECT task_id FROM ground_truth_item FOR UPDATE; SELECT SLEEP(5)' >"$work/held" &
holder=$!
held() { [ "$(sql 'SELECT COUNT(*) FROM information_schema.processlist WHERE state = "User sleep"')" = 1 ]; }
check "somebody holds it" wait_for 5 held
check "labels are imported" [ "$(call "X-API-Key: $key" "/campaigns/$open/submissions/import" \
    "{\"submissions\": [{\"task_id\": \"$asked\", \"annotator_email\": \"ann@example.org\", \"verdict\": \"confirm\"}]}")" = 201 ]
check "meanwhile" running $holder
wait $holder

# --- an annotator of the platform's pool is one and the same account, in projects that use the pool only
pooled=$(ctl annotator flag --org other --email pool@example.org)
# in_pool USES: the account that an invitation to a project with that setting reaches
in_pool() {
    owner /projects "{\"name\": \"pool $1\", \"uses_platform_pool\": $1}"
    owner /campaigns "{\"name\": \"pool\", \"project_id\": \"$(field id <"$work/body")\"}"
    invite "$(field id <"$work/body")" pool >/dev/null
    field annotator_account_id <"$work/body"
}
check "a project that uses the pool reaches it" [ "$(in_pool true)" = "$pooled" ]
check "one that does not does not" [ "$(in_pool false)" = "" ]
check "though it was invited" grep -q '"annotator_account_id":null,"annotator_email":"pool@example.org"' "$work/body"

finish
