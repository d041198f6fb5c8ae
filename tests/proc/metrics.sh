#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# /metrics while workers die, while the rate limiter refuses, and without a database.
. "$(dirname "$0")/lib.sh"

sample() { curl -s "$url/metrics" | sed -n "s/^$1 //p"; }
at_least() { [ "$(sample "$1")" -ge "$2" ]; }
sql() { mariadb --no-defaults -S "$dir/run/db.sock" -u root -N costwright -e "$1"; }
absent() { ! curl -s "$url/metrics" | grep -q "^$1"; }

start counts --workers 4
node "$top/tests/api/metrics.mjs" "$work/out" $(workers "$(master)") >"$work/said" 2>&1
ended $? "counts add up when every worker is killed: $(tail -n 1 "$work/said")"
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

stop_stacks

# the gauges are what the tables hold
start gauges --set log_format=json
node "$top/tests/proc/keep_fill.mjs" "$url" "$key" >/dev/null || exit 2
check "leases" [ "$(sample costwright_labeling_leases)" = "$(sql 'SELECT COUNT(*) FROM labeling_task WHERE claim_expires_at > UTC_TIMESTAMP(6)')" ]
check "somebody holds one" at_least costwright_labeling_leases 1
check "undecided tasks of open campaigns" [ "$(sample costwright_labeling_queue)" = "$(sql "SELECT COUNT(*) FROM labeling_task t
    JOIN labeling_campaign c ON c.org_id = t.org_id AND c.id = t.campaign_id
    WHERE c.status = 'open' AND t.is_gold = 0 AND t.status IN ('open', 'needs_adjudication')")" ]
check "runs" [ "$(sample costwright_calibration_runs)" = "$(sql 'SELECT COUNT(*) FROM calibration_run')" ]
check "active ones" [ "$(sample costwright_calibrations_active)" = "$(sql 'SELECT COUNT(*) FROM calibration_active WHERE run_id IS NOT NULL')" ]
check "imports and fits wait in the heavy pool" at_least 'costwright_queue_seconds_count{pool="heavy"}' 3

# somebody holds a row for longer than a transaction waits: it is run again, and that is counted
environment=$(sql "SELECT id FROM environment WHERE name = 'Kept'")
sql "SET innodb_lock_wait_timeout = 1; BEGIN; SELECT id FROM environment WHERE name = 'Kept' FOR UPDATE; DO SLEEP(3); ROLLBACK" >/dev/null &
holder=$!
holds() { [ "$(sql "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE info = 'DO SLEEP(3)'")" = 1 ]; }
wait_for 5 holds
check "a change waits for the row" [ "$(curl -s -o /dev/null -w '%{http_code}' -X PUT -H "X-API-Key: $key" -H 'Content-Type: application/json' \
    "$url/api/v1/parts/environments/$environment/identity" -d '{"description": "held"}')" = 200 ]
wait $holder
check "and is run again" at_least costwright_database_retries_total 1
check "which is no error" [ "$(sample costwright_database_errors_total)" = 0 ]

# what is drawn and alerted on is there
curl -s "$url/metrics" | sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' | sort >"$work/there"
names=$(cat "$top"/systemd/monitoring/* | grep -oE 'costwright_[a-z_]+' | sed 's/_bucket$//' | sort -u)
check "dashboard and alerts use many metrics" [ "$(count $names)" -ge 14 ]
for metric in $names; do
    check "/metrics has $metric" grep -qx "$metric" "$work/there"
done
check "nothing that /metrics has is drawn nowhere" [ "$(echo "$names" | comm -13 - "$work/there")" = "" ]
check "the dashboard is JSON" node -e "JSON.parse(require('fs').readFileSync('$top/systemd/monitoring/costwright-dashboard.json', 'utf8'))"

# the access log: a line of JSON for every request, without a secret
before=$(grep -c '"request_id":' "$dir/logs/costwrightd.log")
curl -s -o /dev/null -H "X-API-Key: $key" "$url/api/v1/parts/environments?[1-40]"
curl -s -o /dev/null -H 'Authorization: Bearer not-a-token-of-anybody' "$url/api/v1/parts/environments?[1-10]"
check "a line a request" [ $(($(grep -c '"request_id":' "$dir/logs/costwrightd.log") - before)) = 50 ]
check "all of them JSON, with operation, status and time" node -e "
    const lines = require('fs').readFileSync('$dir/logs/costwrightd.log', 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    process.exit(lines.filter((line) => line.request_id).every((line) => line.ts && line.status && line.us > 0 && line.method) ? 0 : 1);"
check "no secret in it" sh -c "! grep -qE '${key##*_}|not-a-token' '$dir/logs/costwrightd.log'"

finish
