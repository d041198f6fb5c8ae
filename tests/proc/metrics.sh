#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# /metrics while workers die, while the rate limiter refuses, and without a database.
. "$(dirname "$0")/lib.sh"

sample() { curl -s "$url/metrics" | sed -n "s/^$1 //p"; }
at_least() { [ "$(sample "$1")" -ge "$2" ]; }
absent() { ! curl -s "$url/metrics" | grep -q "^$1"; }

start counts --workers 4
node "$top/tests/api/metrics.mjs" "$work/out" $(workers "$(master)") >"$work/said" 2>&1
check "counts add up when every worker is killed: $(tail -n 1 "$work/said")" [ $? = 0 ]
grep FAIL "$work/said"

"$top/tests/stack" db kill "$dir"
check "without a database the counters are there" [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/metrics")" = 200 ]
check "it says so" [ "$(sample costwright_database_up)" = 0 ]
check "and shows no gauge of it" absent costwright_calibration_runs
check "errors are counted" at_least costwright_database_errors_total 2
"$top/tests/stack" db start "$dir"
check "it is back" wait_for 10 at_least costwright_database_up 1
stop_stacks

start limits --limits --set rate_key_per_minute=50
get 60 -H "X-API-Key: $key"
check "unknown paths are not weighed" [ "$(sample 'costwright_limiter_decisions_total{limit="key",decision="refused"}')" = 0 ]
curl -s -o /dev/null -H "X-API-Key: $key" "$url/api/v1/parts/environments?[1-60]"
check "allowed" [ "$(sample 'costwright_limiter_decisions_total{limit="key",decision="allowed"}')" -ge 50 ]
check "refused" at_least 'costwright_limiter_decisions_total{limit="key",decision="refused"}' 5
check "the sum is what was sent" [ "$(curl -s "$url/metrics" | awk '/limit="key"/ { n += $2 } END { print n }')" = 60 ]

finish
