#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The service while its database goes and comes, and while workers are killed in the middle of transactions.
. "$(dirname "$0")/lib.sh"

status_of() { curl -s -m 20 -o "$work/body" -D "$work/head" -w '%{http_code}' -H "X-API-Key: $key" "$url$1"; }
is_status() { [ "$(status_of "$2")" = "$1" ]; }
list=/api/v1/parts/environments

start database --workers 4
master=$(master)
check "a key reads" is_status 200 $list
check "the service is ready" is_status 200 /readyz

"$top/tests/stack" db stop "$dir"
check "without its database it answers 503" is_status 503 $list
check "in the envelope" grep -q '"code":"unavailable"' "$work/body"
check "with Retry-After" grep -qi '^retry-after: [0-9]' "$work/head"
check "it is not ready" wait_for 3 is_status 503 /readyz
check "but alive" is_status 200 /healthz
"$top/tests/stack" db start "$dir"
check "it recovers by itself" wait_for 5 is_status 200 $list
check "and is ready again" wait_for 5 is_status 200 /readyz
check "no worker died of it" [ -z "$(grep -E 'died|ended with' "$dir/logs/costwrightd.log")" ]

# --- exactly once, whatever is killed
once() { node "$top/tests/proc/exactly_once.mjs" "$url" "$key" "$1"; }
running() { [ -d "/proc/$1" ] && ! is_gone "$1"; }

once 1500 >"$work/once" &
load=$!
kills=0
while running $load && [ $kills -lt 12 ]; do
    victims=$(workers "$master")
    set -- $victims
    if [ $# -gt 0 ]; then
        shift $(($(od -An -N1 -tu1 /dev/urandom) % $#))
        kill -9 "$1" 2>/dev/null && kills=$((kills + 1))
    fi
    sleep 0.1
done
wait $load
ended $? "1500 effects exactly once under $kills kills of workers: $(head -n 1 "$work/once")"
sed 1d "$work/once"
check "at least three were killed" [ $kills -ge 3 ]

once 1500 >"$work/once" &
load=$!
restarts=0
while running $load && [ $restarts -lt 4 ]; do
    sleep 0.3
    "$top/tests/stack" db kill "$dir"
    sleep 0.2
    "$top/tests/stack" db start "$dir"
    restarts=$((restarts + 1))
done
wait $load
ended $? "1500 effects exactly once under $restarts kills of the database: $(head -n 1 "$work/once")"
sed 1d "$work/once"

once 1500 >"$work/once" &
load=$!
while running $load; do
    kill -HUP "$master"
    sleep 0.3
done
wait $load
ended $? "1500 effects under reloads: $(head -n 1 "$work/once")"
check "none of them repeated" grep -q 'answers: {"201":1500}' "$work/once"

# --- TERM while busy, and again
created() { grep -c 'operation=environment_create status=201' "$dir/logs/costwrightd.log"; }
before=$(created)
begun() { [ "$(created)" -gt "$before" ]; }
once 2000 >"$work/once" &
load=$!
wait_for 10 begun
kill -TERM "$master"
check "TERM while busy ends the master" wait_for 10 is_gone "$master"
"$build/costwrightd" --config "$dir/costwright.conf" </dev/null >>"$dir/logs/costwrightd.log" 2>&1 &
wait $load
ended $? "2000 effects exactly once over a restart: $(head -n 1 "$work/once")"
sed 1d "$work/once"
"$top/tests/stack" stop "$dir"

finish
