#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Master and workers, tested by what is done to them; the echo worker answers, so no database is needed.
. "$(dirname "$0")/lib.sh"

# --- bad configurations
"$build/tests/bench/echo" --set backlog=0 --set nonsense=1 --set workers_light=two 2>"$work/faults"
check "a faulty configuration ends with status 78" [ $? = 78 ]
check "and shows every fault" [ "$(grep -c -e '--set: ' "$work/faults")" = 3 ]
"$build/tests/bench/echo" --check --set state_dir=/tmp >/dev/null
check "--check accepts a good one" [ $? = 0 ]
"$build/tests/bench/echo" --bogus 2>/dev/null
check "an unknown option ends with status 2" [ $? = 2 ]

# --- a worker dies
start echo --echo --workers 3
master=$(master)
check "master and five workers run" [ "$(count $(workers "$master"))" = 5 ]
curl -s -o "$work/died" -w '%{http_code}' -d '{}' "$url/api/v1/x?crash=1" >"$work/status"
check "its request gets 502" [ "$(cat "$work/status")" = 502 ]
check "in the error envelope" grep -q '"code":"upstream_failed".*"request_id":"req_' "$work/died"
check "and it is replaced" wait_for 3 sh -c "[ \$(cat /proc/$master/task/$master/children | wc -w) = 5 ]"
get 200 && check "the next requests are answered" all_are 200 200

deaths() { grep -c 'died of signal 6' "$dir/logs/costwrightd.log"; }
check "a POST is tried once" [ "$(deaths)" = 1 ]
curl -s -o /dev/null "$url/api/v1/x?crash=1"
check "a GET whose worker died is tried once more" wait_for 2 sh -c \
    "[ \$(grep -c 'died of signal 6' '$dir/logs/costwrightd.log') = 3 ]"
kill -9 $(workers "$master")
check "all killed workers are replaced" wait_for 3 sh -c \
    "[ \$(cat /proc/$master/task/$master/children | wc -w) = 5 ]"

# --- HUP under load
old_gone() { for pid in $before; do is_gone "$pid" || return 1; done; }
: >"$work/loaded"
while [ -e "$work/loaded" ]; do
    get 500
    cat "$work/statuses" >>"$work/all"
done &
load=$!
reloads=0
for turn in 1 2 3; do
    wait_for 5 connected "$dir/run/light.sock" 1
    before=$(workers "$master")
    kill -HUP "$master"
    wait_for 10 old_gone && reloads=$((reloads + 1))
done
rm "$work/loaded"
wait $load
mv "$work/all" "$work/statuses"
check "three reloads under load refuse nothing" all_are 200 "$(wc -l <"$work/statuses")"
check "each replaced every worker" [ $reloads = 3 ]
check "and the pools are at strength" wait_for 5 sh -c \
    "[ \$(cat /proc/$master/task/$master/children | wc -w) = 5 ]"

echo 'nonsense = 1' >>"$dir/costwright.conf"
before=$(workers "$master")
kill -HUP "$master"
wait_for 3 grep -q 'reload refused' "$dir/logs/costwrightd.log"
check "a reload with faulty settings changes nothing" [ "$(workers "$master")" = "$before" ]
grep -v nonsense "$dir/costwright.conf" >"$work/conf" && cat "$work/conf" >"$dir/costwright.conf"
sed -i 's/^workers_light = .*/workers_light = 1/' "$dir/costwright.conf"
kill -HUP "$master"
check "a reload takes the new pool size" wait_for 5 sh -c \
    "[ \$(cat /proc/$master/task/$master/children | wc -w) = 3 ]"

# --- TERM while busy: answers in progress, one to a slow reader, and requests still queued
curl -s --limit-rate 20M -o "$work/large" "$url/api/v1/x?size=30000000" &
large=$!
rm -f "$work/queued"
for turn in 1 2 3 4 5 6; do
    curl -s -o /dev/null -w '%{http_code}\n' -d '{}' "$url/api/v1/x?sleep=200" >>"$work/queued" &
done
all_came() { [ -s "$work/large" ] && connected "$dir/run/light.sock" $((6 - $(wc -l <"$work/queued"))); }
wait_for 5 all_came
kill -TERM "$master"
check "the master ends by itself" wait_for 10 is_gone "$master"
wait
check "the large answer is whole" [ "$(wc -c <"$work/large")" = 30000000 ]
check "every queued request was answered" [ "$(sort "$work/queued" | uniq -c | tr -d ' \n')" = 6200 ]
check "its socket is gone" [ ! -e "$dir/run/light.sock" ]
check "nginx answers 502 in the envelope" sh -c \
    "curl -s '$url/api/v1/x' | grep -q '\"code\":\"upstream_failed\"'"
"$top/tests/stack" stop "$dir"

# --- the second TERM, and kill -9 of the master
start second --echo --workers 2 --set drain_seconds=30
master=$(master)
curl -s -o /dev/null "$url/api/v1/x?sleep=20000" &
wait_for 5 connected "$dir/run/light.sock" 1
kill -TERM "$master"
wait_for 5 grep -q 'ending: requests in progress' "$dir/logs/costwrightd.log"
check "the first TERM waits for a slow request" sh -c "sleep 0.3; [ -d /proc/$master ]"
kill -TERM "$master"
check "the second TERM does not" wait_for 3 is_gone "$master"
wait
"$top/tests/stack" stop "$dir"

start orphan --echo --workers 2
master=$(master)
before=$(workers "$master")
kill -9 "$master"
check "workers leave when the master is killed" wait_for 3 old_gone
"$build/tests/bench/echo" --config "$dir/costwright.conf" </dev/null 2>"$dir/logs/again.log" &
check "and a new master takes the sockets over" wait_for 3 answers
"$top/tests/stack" stop "$dir"
wait

# --- replacement with back-off
ECHO_DIE=$work/die
export ECHO_DIE
start backoff --echo --workers 2 --heavy 1
master=$(master)
: >"$ECHO_DIE"
kill -9 $(workers "$master")
sleep 3 # how often in that time
starts=$(grep -c 'ended with status 1' "$dir/logs/costwrightd.log")
check "workers that cannot start are tried a few times only ($starts in 3 s)" \
    [ "$starts" -ge 6 -a "$starts" -le 20 ]
check "meanwhile requests wait in the queue" sh -c \
    "curl -s -m 1 -o /dev/null '$url/api/v1/x'; [ \$? = 28 ]"
rm "$ECHO_DIE"
check "and they come back" wait_for 8 answers
"$top/tests/stack" stop "$dir"
unset ECHO_DIE

# --- bounded use
start bounded --echo --workers 2 --set worker_requests=100
master=$(master)
before=$(workers "$master")
get 2000
check "workers that leave after 100 requests lose none" all_are 200 2000
check "they did leave" wait_for 3 sh -c "for p in $before; do [ ! -d /proc/\$p ] && exit 0; done; exit 1"
"$top/tests/stack" stop "$dir"

start grown --echo --workers 1 --set worker_memory_mib=32
check "a request that takes much memory is answered" [ "$(curl -s -o /dev/null -w '%{http_code}' \
    "$url/api/v1/x?grow=64&sleep=20")" = 200 ]
check "then the worker leaves" wait_for 2 grep -q 'worker leaves: .* MiB resident' "$dir/logs/costwrightd.log"
check "without being missed" answers
"$top/tests/stack" stop "$dir"

# --- a stuck worker
start stuck --echo --workers 1 --set request_seconds=1
master=$(master)
curl -s -o "$work/stuck" -w '%{http_code}' -d '{}' "$url/api/v1/x?spin=1" >"$work/status" &
wait_for 5 connected "$dir/run/light.sock" 1
check "a queued request waits for the stuck worker's successor" sh -c \
    "[ \$(curl -s -o /dev/null -w '%{http_code}' '$url/api/v1/x') = 200 ]"
wait
check "the stuck request gets 502" [ "$(cat "$work/status")" = 502 ]

finish
