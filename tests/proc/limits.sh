#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Rate limits: exact over all workers, also while these are killed; headers; hosts; shares of the heavy pool.
. "$(dirname "$0")/lib.sh"

P=/api/v1/parts
new_key() { "$build/costwrightctl" --config "$dir/costwright.conf" key create --org "$1" --user "$2" --name more \
    --scopes parts:read,parts:write 2>/dev/null; }
# burst COUNT STEP KEY...: so many requests with each key, 16 at a time; sets good, refused, other, and extra: how
# many more than the limit may have passed, one each STEP ms that it took
burst() {
    many=$1 step=$2
    shift 2
    began=$(date +%s%3N)
    : >"$work/burst"
    for one in "$@"; do
        curl -s --parallel --parallel-immediate --parallel-max 16 -o /dev/null -w '%{http_code}\n' -H "X-API-Key: $one" \
            "$url$P/environments?offset=[1-$many]" >>"$work/burst" 2>/dev/null &
    done
    wait
    extra=$((($(date +%s%3N) - began) / step))
    good=$(grep -c '^200' "$work/burst")
    refused=$(grep -c '^429' "$work/burst")
    other=$((many * $# - good - refused))
}
exactly() { [ "$good" -ge "$1" ] && [ "$good" -le $(($1 + extra)) ] && [ $other = 0 ] || {
    echo "$good passed, $refused refused, $other other, $extra extra"
    return 1
}; }
pids() { sed -n 's/.* \[\([0-9]*\)\] .*operation=environment_list status=200.*/\1/p' "$dir/logs/costwrightd.log" | sort -u | wc -l; }

# 30 a minute: one more each 2 s
start exact --workers 4 --set rate_key_per_minute=30
check "headers of an answer" sh -c "curl -s -D - -o /dev/null -H 'X-API-Key: $key' '$url$P/environments' | tr -d '\\r' | tr '\\n' ' ' |
    grep -q 'RateLimit-Policy: \"key\";q=30;w=60 RateLimit: \"key\";r=29;t=2 '"
check "none where nobody is limited" sh -c "! curl -s -D - -o /dev/null '$url/healthz' | grep -qi ratelimit"
check "none without a key" sh -c "! curl -s -D - -o /dev/null '$url$P/environments' | grep -qi ratelimit"
for turn in 1 2 3; do
    fresh=$(new_key stack stack@example.org)
    burst 300 2000 "$fresh"
    check "of 300 at once 30 pass ($turn)" exactly 30
done
check "answered by several workers" [ "$(pids)" -ge 2 ]
curl -s -D "$work/head" -o "$work/body" -H "X-API-Key: $fresh" "$url$P/environments"
check "Retry-After says when the next passes" grep -qiE '^Retry-After: [12].?$' "$work/head"
check "RateLimit says nothing is left" grep -qE '^RateLimit: "key";r=0;t=[12]' "$work/head"
check "details" grep -q '"code":"rate_limited".*"details":{"limit":30,"window_seconds":60}' "$work/body"
sleep 2.2
check "and it does" [ "$(curl -s -o /dev/null -w '%{http_code}' -H "X-API-Key: $fresh" "$url$P/environments")" = 200 ]
check "another key is not touched" [ "$(curl -s -o /dev/null -w '%{http_code}' -H "X-API-Key: $key_other" "$url$P/environments")" = 200 ]

# workers die by KILL while they count: what was let through stays counted, the others go on
fresh=$(new_key stack stack@example.org)
master=$(master)
( i=0; while [ $i -lt 12 ]; do
    i=$((i + 1))
    set -- $(workers "$master")
    [ $# = 0 ] || kill -KILL "$1" 2>/dev/null
    sleep 0.05
done ) &
killer=$!
began=$(date +%s%3N)
good=0 turns=0
while kill -0 $killer 2>/dev/null || [ $turns = 0 ]; do
    turns=$((turns + 1))
    curl -s --parallel --parallel-immediate --parallel-max 8 -o /dev/null -w '%{http_code}\n' -H "X-API-Key: $fresh" \
        "$url$P/environments?offset=[1-40]" >"$work/burst" 2>/dev/null
    good=$((good + $(grep -c '^200' "$work/burst")))
done
wait $killer
extra=$((($(date +%s%3N) - began) / 2000))
check "under kills never more than 30 pass" [ $good -le $((30 + extra)) ]
check "and some did" [ $good -gt 5 ]
burst 40 2000 "$fresh"
check "refused after the kills" [ "$refused" -gt 0 ]
fresh=$(new_key stack stack@example.org)
burst 100 2000 "$fresh"
check "a fresh key has all its 30 then" exactly 30
stop_stacks

# the organisation's limit over its keys, divided by the hosts; a refused key takes nothing from it
start org --workers 4 --set rate_key_per_minute=20 --set rate_org_per_minute=90 --set hosts=3
burst 200 2000 "$key"
check "the key's limit first" exactly 20
second=$(new_key stack stack@example.org) third=$(new_key stack stack@example.org)
burst 60 1000 "$second" "$third"
check "a third of 90 for the organisation, 20 are gone" exactly 10
check "which limit it was" sh -c "curl -s -D - -o /dev/null -H 'X-API-Key: $third' '$url$P/environments' | grep -q 'RateLimit-Policy: \"org\";q=30;w=60'"
burst 40 3000 "$key_other"
check "another organisation has its own" exactly 20
stop_stacks

# annotator sessions
start session --workers 2 --set rate_session_per_minute=25
json() { node -e "let t = ''; process.stdin.on('data', (c) => t += c).on('end', () => console.log(JSON.parse(t)$1))"; }
post() { curl -s -H "X-API-Key: $key" -H 'Content-Type: application/json' "$url$P$1" -d "$2"; }
campaign=$(post /labeling/campaigns '{"name": "c"}' | json .id)
token=$(post "/labeling/campaigns/$campaign/assignments" '{"email": "a@example.org"}' | json .magic_link_token)
session=$(post /labeling/annotator-sessions "{\"token\": \"$token\"}" | json .annotator_token)
began=$(date +%s%3N)
curl -s --parallel --parallel-immediate --parallel-max 8 -o /dev/null -w '%{http_code}\n' -X POST -H "Authorization: Bearer $session" \
    "$url$P/labeling/campaigns/$campaign/next-task?x=[1-80]" >"$work/burst" 2>/dev/null
extra=$((($(date +%s%3N) - began) / 2400))
good=$(grep -vc '^429' "$work/burst")
check "of 80 of a session 25 pass" [ "$good" -ge 25 -a "$good" -le $((25 + extra)) ]
stop_stacks

# shares of the heavy pool: an organisation that is alone there has all of it, else it leaves a worker to the others
start heavy --workers 2 --heavy 3 --set rate_org_per_minute=100000
parts=$(node -e 'console.log(JSON.stringify({ parts: Array.from({ length: 4000 }, (_, i) => ({ part_number: "H-" + i,
    process_plan: { material_ref: "S", gross_mass_kg: 1, operations: [] } })) }))')
echo "$parts" >"$work/parts.json"
# imports COUNT: as many at once; their statuses to burst
imports() {
    : >"$work/burst"
    i=0
    while [ $i -lt "$1" ]; do
        i=$((i + 1))
        curl -s -o "$work/answer.$i" -w '%{http_code} %header{retry-after}\n' -H "X-API-Key: $key" -H 'Content-Type: application/json' \
            -H "Idempotency-Key: $2-$i" --data-binary "@$work/parts.json" "$url$P/import" >>"$work/burst" &
    done
}
imports 6 alone
wait
check "alone there it has all workers" [ "$(grep -c '^429' "$work/burst")" = 0 ]
other() {
    curl -s -o "$work/body" -w '%{http_code}' -H "X-API-Key: $key_other" -H 'Content-Type: application/json' "$url$P/import" \
        -d "{\"parts\": [{\"part_number\": \"O-$1\", \"process_plan\": {\"material_ref\": \"S\", \"gross_mass_kg\": 1, \"operations\": []}}]}"
}
other 1 >/dev/null
imports 12 two
sleep 0.1
served=$(other 2)
wait
check "with two, some are refused" [ "$(grep -c '^429 2' "$work/burst")" -ge 1 ]
check "some are served" [ "$(grep -c '^201' "$work/burst")" -ge 2 ]
check "the refusal says so" sh -c "grep -ql 'on all workers but one.*\"details\":{\"limit\":2,\"window_seconds\":null}' $work/answer.*"
check "the other tenant's import is served" [ "$served" = 201 ]
check "it is counted" [ "$(curl -s "$url/metrics" | sed -n 's/^costwright_limiter_decisions_total{limit="heavy",decision="refused"} //p')" = "$(grep -c '^429' "$work/burst")" ]
imports 1 after
wait
check "nothing stays occupied" grep -q '^201' "$work/burst"

finish
