#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What goes wrong around the service, one thing at a time: what the client sees, and that nothing acknowledged is lost
# nor anything repeated doubled. Full disks and hanging databases are in tests/long/faults.sh.
. "$(dirname "$0")/lib.sh"

sql() { mariadb --no-defaults -S "$dir/run/db.sock" -u root -N costwright -e "$1"; }
# call METHOD PATH [CURL-ARGUMENT...]: prints the status; $work/body and $work/head are the answer
call() {
    method=$1 path=$2
    shift 2
    curl -s -m 20 -X "$method" -o "$work/body" -D "$work/head" -w '%{http_code}' -H "X-API-Key: $key" \
        -H 'Content-Type: application/json' "$@" "$url$path"
}
is() { [ "$1" = "$2" ] || { echo "saw $1"; return 1; }; }
api=/api/v1/parts
environment() { echo "{\"name\": \"$1\", \"valid_from\": \"2026-01-01\"}"; }
# stored NAME TIMES
stored() { is "$(sql "SELECT COUNT(*) FROM environment WHERE name = '$1'")" "$2"; }
ready() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" = "$1" ]; }

start faults --workers 2
master=$(master)

# --- deadlocks: another transaction holds the part and asks for what the request holds; the request is the victim
id=$(node -e '
    const text = "x".repeat(5000);
    const parts = Array.from({ length: 400 }, (_, i) => ({ part_number: `F-${i}`, attributes: { text },
        process_plan: { material_ref: "S235", gross_mass_kg: 1, operations: [] } }));
    const answer = await fetch(process.argv[1] + "/api/v1/parts/import", { method: "POST", body: JSON.stringify({ parts }),
        headers: { "X-API-Key": process.argv[2], "Content-Type": "application/json" } });
    console.log((await answer.json()).data[0].part_id);' --input-type=module "$url" "$key")
mkfifo "$work/statements"
mariadb --no-defaults -S "$dir/run/db.sock" -u root -N costwright <"$work/statements" >"$work/other" 2>&1 &
other=$!
exec 9>"$work/statements"
echo "BEGIN; UPDATE part SET name = 'held'; SELECT 'holds';" >&9
wait_for 5 grep -q holds "$work/other"
call PATCH "$api/$id" -H 'Idempotency-Key: deadlock' -d '{"name": "mine"}' >"$work/status" &
request=$!
wait_for 5 sh -c "[ \$(mariadb --no-defaults -S '$dir/run/db.sock' -u root -N -e \
    \"SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'\") = 1 ]"
echo "SELECT COUNT(*) FROM idempotency FOR UPDATE; COMMIT;" >&9
exec 9>&-
wait $other $request
check "a deadlock is invisible to the client" is "$(cat "$work/status")" 200
check "its transaction was run again" grep -q 'operation=part_update.*retries=[1-9]' "$dir/logs/costwrightd.log"
check "and took effect" is "$(sql "SELECT name FROM part WHERE part_number = 'F-0'")" mine

# --- a COMMIT whose answer is lost, and one that never arrived
: >"$work/cut"
node "$top/tests/proc/cut_commit.mjs" "$dir/run/cut.sock" "$dir/run/db.sock" "$work/cut" &
proxy=$!
wait_for 5 [ -S "$dir/run/cut.sock" ]
sed -i "s|^db_socket = .*|db_socket = $dir/run/cut.sock|" "$dir/costwright.conf"
before=$(workers "$master")
kill -HUP "$master"
old_gone() { for pid in $before; do is_gone "$pid" || return 1; done; }
wait_for 10 old_gone
# cut WHEN NAME [KEY]: creates an environment while its COMMIT is cut
cut() {
    echo "$1" >"$work/cut"
    call POST $api/environments -d "$(environment "$2")" ${3:+-H "Idempotency-Key: $3"}
}
check "answer lost, with a key: the stored answer is found" is "$(cut after lost-1 k1)" 201
check "it is stored once" stored lost-1 1
check "answer lost, without a key: 503" is "$(cut after lost-2)" 503
check "which says that the outcome is unknown" grep -q '"reason":"outcome_unknown"' "$work/body"
check "with Retry-After" grep -qi '^retry-after: [0-9]' "$work/head"
check "(it was stored)" stored lost-2 1
check "never arrived, with a key: 503" is "$(cut before lost-3 k3)" 503
check "the same again is answered" is "$(call POST $api/environments -d "$(environment lost-3)" -H 'Idempotency-Key: k3')" 201
check "and stored once" stored lost-3 1

# --- a worker that dies when its change is stored and not yet answered: nginx passes a PUT or DELETE to the next one
# killed CALL-ARGUMENT...: the workers die in the middle of this call
killed() {
    echo kill $(workers "$master") >"$work/cut"
    call "$@"
}
replayed() { grep -qi '^idempotent-replayed: true' "$work/head"; }
id_of() { sql "SELECT id FROM environment WHERE name = '$1'"; }
check "a DELETE whose worker died after COMMIT is answered as done" is "$(killed DELETE "$api/environments/$(id_of lost-1)")" 200
check "by what the first worker had stored" replayed
check "it is gone" stored lost-1 0
check "the next one says so" is "$(call DELETE "$api/environments/$(sql 'SELECT UUID()')")" 404
machine='{"name": "Mill", "klass": "milling.3axis_vmc", "subclass": "small", "hourly_rate_eur": 80, "valid_from": "2026-01-01"}'
call POST "$api/environments/$(id_of lost-2)/machines" -d "{\"new_machine\": $machine}" >/dev/null
mill=$(sql "SELECT id FROM machine WHERE name = 'Mill'")
etag=$(call GET "$api/machines/$mill" >/dev/null && sed -n 's/^ETag: //Ip' "$work/head" | tr -d '\r')
check "a PUT, too, in spite of its If-Match" is \
    "$(killed PUT "$api/machines/$mill" -H "If-Match: $etag" -d "$(echo "$machine" | sed 's/80/90/')")" 200
check "it took effect" is "$(sql "SELECT ROUND(hourly_rate_eur) FROM machine WHERE name = 'Mill'")" 90
# --- a quote that is stored without a transaction of its own; and what workers keep for it
call POST $api/environments/$(id_of lost-2)/rates -d '{"kind": "material", "valid_from": "2026-01-01",
    "fields": {"material_ref": "S235", "price_per_kg": 1}}' >/dev/null
call POST $api/import -d '{"parts": [{"part_number": "Q-1", "process_plan": {"material_ref": "S235", "gross_mass_kg": 1,
    "operations": [{"sequence": 10, "klass": "milling.3axis_vmc", "setup_time_s": 60, "cycle_time_s": 60}]}}]}' >/dev/null
order="{\"part_revision_id\": \"$(sql "SELECT current_revision_id FROM part WHERE part_number = 'Q-1'")\",
    \"costing_environment_id\": \"$(id_of lost-2)\", \"priced_on\": \"2026-02-01\"}"
quote() { call POST $api/calculations/quote -d "$order" "$@"; }
quotes() { sql "SELECT COUNT(*) FROM calculation"; }
warm() { for _ in 1 2 3 4 5 6 7 8; do quote; done; }
warm >/dev/null
n=$(quotes)
echo after-quote >"$work/cut"
check "a quote's answer lost, without a key: 503" is "$(quote)" 503
check "which says that the outcome is unknown, too" grep -q '"reason":"outcome_unknown"' "$work/body"
check "(it was stored, once)" is "$(quotes)" $((n + 1))
warm >/dev/null
n=$(quotes)
echo before-quote >"$work/cut"
check "a quote that never arrived: 503" is "$(quote)" 503
check "(it was not stored)" is "$(quotes)" "$n"
echo after-quote >"$work/cut"
check "a quote's connection lost inside its transaction, with a key" is "$(quote -H 'Idempotency-Key: q1')" 201
check "one more is stored" is "$(quotes)" $((n + 1))
rate_quoted() { quote >/dev/null && sed -n 's/.*"hourly_rate_eur":\([0-9.]*\).*/\1/p' "$work/body"; }
stale=0
for rate in 101 102 103 104 105 106; do
    warm >/dev/null
    echo kill $(workers "$master" | awk -v i=$((rate % 2 + 1)) '{ print $i }') >"$work/cut"
    call PUT "$api/machines/$mill" -d "$(echo "$machine" | sed "s/80/$rate/")" >/dev/null
    true_rate=$(sql "SELECT ROUND(hourly_rate_eur) FROM machine WHERE name = 'Mill'")
    for _ in 1 2 3 4; do [ "$(rate_quoted)" = "$true_rate" ] || stale=$((stale + 1)); done
done
: >"$work/cut"
check "what a worker stored before it died is what the others quote by" is $stale 0
check "(the rates were stored)" is "$true_rate" 106
sql "DELETE FROM part WHERE part_number = 'Q-1'"
check "a POST is not passed on: 502" is "$(killed POST $api/environments -d "$(environment lost-4)" -H 'Idempotency-Key: k4')" 502
check "its key finds what was stored" is "$(call POST $api/environments -d "$(environment lost-4)" -H 'Idempotency-Key: k4')" 201
check "(once)" stored lost-4 1
kill $proxy
wait $proxy 2>/dev/null
sed -i "s|^db_socket = .*|db_socket = $dir/run/db.sock|" "$dir/costwright.conf"
before=$(workers "$master")
kill -HUP "$master"
wait_for 10 old_gone

# --- the primary becomes read-only
sql 'SET GLOBAL read_only = 1'
check "read-only: not ready" wait_for 5 ready 503
check "alive" is "$(call GET /healthz)" 200
check "reads are answered" is "$(call GET "$api/$id")" 200
check "writes get 503" is "$(call POST $api/environments -d "$(environment readonly)")" 503
check "with Retry-After" grep -qi '^retry-after: [0-9]' "$work/head"
sql 'SET GLOBAL read_only = 0'
check "and are taken again" wait_for 5 sh -c "[ \$(curl -s -o /dev/null -w '%{http_code}' -H 'X-API-Key: $key' \
    -H 'Content-Type: application/json' -d '$(environment readonly)' '$url$api/environments') = 201 ]"
check "once" stored readonly 1
check "ready" wait_for 5 ready 200

# --- the connections of the server are used up by others
password=$(cat "$dir/secret/db.password")
sql 'SET GLOBAL max_connections = 10'
sql "SELECT CONCAT('KILL ', id, ';') FROM information_schema.PROCESSLIST WHERE user = 'costwright'" >"$work/kills"
sql "$(cat "$work/kills")"
holders=
held() { sql "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE info = 'SELECT SLEEP(60)'"; }
turn=0
# one that comes while a killed connection is still counted is refused: another takes its place
until [ "$(held)" -ge 10 ] || [ $turn = 100 ]; do
    turn=$((turn + 1))
    MYSQL_PWD=$password mariadb --no-defaults -S "$dir/run/db.sock" -u costwright -e 'SELECT SLEEP(60)' >/dev/null 2>&1 &
    holders="$holders $!"
    sleep 0.05
done
check "no connection left: 503" wait_for 10 sh -c "[ \$(curl -s -o '$work/body' -D '$work/head' -w '%{http_code}' \
    -H 'X-API-Key: $key' '$url$api/environments') = 503 ]"
check "in the envelope, with Retry-After" sh -c \
    "grep -q '\"code\":\"unavailable\"' '$work/body' && grep -qi '^retry-after: [0-9]' '$work/head'"
check "not ready, but alive" sh -c "[ \$(curl -s -o /dev/null -w '%{http_code}' '$url/readyz')\$(curl -s -o /dev/null \
    -w '%{http_code}' '$url/healthz') = 503200 ]"
kill $holders 2>/dev/null
wait $holders 2>/dev/null
sql 'SET GLOBAL max_connections = 400; SELECT 1' >/dev/null
check "it recovers by itself" wait_for 10 ready 200
check "all of it" is "$(call GET $api/environments)" 200

# --- clients that leave: in the middle of a body, and while queued
node "$top/tests/proc/half_bodies.mjs" "$url" "$key" 100 "$(environment half)" >"$work/half" &
halves=$!
wait_for 10 grep -q sent "$work/half"
check "100 half bodies hold no worker" is "$(call GET "$api/$id" -m 2)" 200
wait $halves
check "and change nothing" stored half 0
kill -STOP $(workers "$master")
leaving=
for turn in 1 2 3 4 5 6 7 8 9 10; do
    curl -s -m 0.5 -o /dev/null -H "X-API-Key: $key" -H 'Content-Type: application/json' \
        -d "$(environment "queued-$turn")" "$url$api/environments" &
    leaving="$leaving $!"
done
wait $leaving
kill -CONT $(workers "$master")
check "who waited is served" is "$(call POST $api/environments -d "$(environment patient)")" 201
check "who left while queued is not" is "$(sql "SELECT COUNT(*) FROM environment WHERE name LIKE 'queued-%'")" 0

# --- slow readers of a large answer, more than there are workers: more than the kernel's buffers take
sql "UPDATE part SET attributes = JSON_OBJECT('text', REPEAT('x', 50000))"
served() { [ "$(grep -c 'operation=part_list status=200' "$dir/logs/costwrightd.log")" -ge "$1" ]; }
lists=$(grep -c 'operation=part_list' "$dir/logs/costwrightd.log")
readers=
for turn in 1 2 3; do
    curl -s -H "X-API-Key: $key" "$url$api?limit=500" | { wait_for 20 [ -e "$work/read" ]; cat >"$work/slow-$turn"; } &
    readers="$readers $!"
done
check "slow readers hold no worker" wait_for 10 served $((lists + 3))
check "another is answered" is "$(call GET "$api/$id" -m 2)" 200
: >"$work/read"
wait $readers
whole() {
    node -e 'const { readFileSync } = require("fs");
        for (const file of process.argv.slice(1)) if (JSON.parse(readFileSync(file)).data.length !== 400) process.exit(1);' \
        "$work"/slow-? 2>/dev/null
}
check "each gets all" whole

# --- the master is killed, again and again, and started at once
timeout 100 node "$top/tests/proc/exactly_once.mjs" "$url" "$key" 1500 >"$work/once" &
load=$!
kills=0
while [ -d "/proc/$load" ] && ! is_gone $load && [ $kills -lt 3 ]; do
    sleep 0.5
    before=$(workers "$master")
    kill -9 "$master"
    "$build/costwrightd" --config "$dir/costwright.conf" </dev/null >>"$dir/logs/costwrightd.log" 2>&1 &
    master=$!
    kills=$((kills + 1))
    wait_for 5 old_gone || echo "workers outlive their master: $before"
done
wait $load
ended $? "1500 effects exactly once under $kills kills of the master: $(head -n 1 "$work/once")"
sed 1d "$work/once"
check "at least two" [ $kills -ge 2 ]
"$top/tests/stack" stop "$dir"

# --- a request that waited longer than anybody waits for it
start late --workers 2 --set queue_seconds=1
late=$(workers "$(master)")
kill -STOP $late
call POST $api/environments -d "$(environment late)" >"$work/status" &
waiting=$!
sleep 1.5
kill -CONT $late
wait $waiting
check "who waited too long gets 503" is "$(cat "$work/status")" 503
check "is told when to come again" grep -qi '^retry-after: [0-9]' "$work/head"
check "nothing was done for it" stored late 0
check "the next one is served at once" is "$(call POST $api/environments -d "$(environment late)")" 201
"$top/tests/stack" stop "$dir"

finish
