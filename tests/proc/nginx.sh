#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What nginx answers by itself carries the service's envelope; what it passes on arrives as it should.
. "$(dirname "$0")/lib.sh"

# envelope STATUS CODE DETAILS CURL-ARGUMENT...: the answer's status, code, details, headers
envelope() {
    status=$1 code=$2 details=$3
    shift 3
    curl -s -D "$work/head" -o "$work/body" "$@" || true
    tr -d '\r' <"$work/head" >"$work/headers"
    id=$(sed -n 's/^X-Request-ID: //p' "$work/headers")
    [ "$(sed -n '$!{/^HTTP/h}; ${x;s/^[^ ]* \([0-9]*\).*/\1/p}' "$work/headers")" = "$status" ] &&
        grep -q "^{\"error\":{\"code\":\"$code\",\"message\":\"[^\"]*\",\"details\":$details,\"doc_url\":\"[^\"]*\"},\"request_id\":\"$id\"}\$" "$work/body" &&
        [ -n "$id" ] && grep -q '^X-API-Version: 2026-04-24$' "$work/headers" &&
        grep -q '^Content-Type: application/json' "$work/headers" || {
        cat "$work/headers" "$work/body"
        return 1
    }
}
has_header() { grep -qi "^$1" "$work/headers"; }

start nginx --echo
api=$url/api/v1/parts/environments
head -c 17000000 /dev/zero >"$work/large"
long=$(head -c 70000 /dev/zero | tr '\0' x)

check "404 of a page that is not there" envelope 404 not_found '{}' "$url/nothing/here"
check "a request id of nginx's own begins with req_" has_header 'X-Request-ID: req_[0-9a-f]\{32\}$'
check "a caller's request id is kept" envelope 404 not_found '{}' -H 'X-Request-ID: my.id-0123' "$url/no"
check "as it is" has_header 'X-Request-ID: my.id-0123$'
check "one that is not well formed is not" envelope 404 not_found '{}' -H 'X-Request-ID: a b"c' "$url/no"
check "it is replaced" has_header 'X-Request-ID: req_'
check "400 of a NUL in the path" envelope 400 bad_request '{}' "$url/api/v1/%00"
check "405 of a static page" envelope 405 method_not_allowed '{}' -X POST "$url/docs/errors"
check "with Allow" has_header 'Allow: GET, HEAD$'
check "413 tells limit and size" envelope 413 payload_too_large \
    '{"limit_bytes":16777216,"observed_bytes":17000000}' --data-binary @"$work/large" "$api"
check "413 of a chunked body" envelope 413 payload_too_large \
    '{"limit_bytes":16777216,"observed_bytes":null}' -H 'Transfer-Encoding: chunked' \
    --data-binary @"$work/large" "$api"
check "413 in the heavy pool" envelope 413 payload_too_large \
    '{"limit_bytes":16777216,"observed_bytes":17000000}' --data-binary @"$work/large" \
    "$url/api/v1/parts/import"
check "414 of a long target" envelope 414 uri_too_long '{}' "$api?$(echo "$long" | head -c 20000)"
check "431 of large headers" envelope 431 headers_too_large '{}' -H "X-Large: $(echo "$long" | head -c 20000)" "$api"
check "502 of a worker that died" envelope 502 upstream_failed '{}' -d '{}' "$api?crash=1"
check "with Retry-After" has_header 'Retry-After: 2$'
head -c 16777216 /dev/zero >"$work/full"
check "a body of exactly 16 MiB is passed on" [ "$(curl -s -m 10 --data-binary @"$work/full" "$api?pid=1" |
    sed 's/.*received":\([0-9]*\).*/\1/')" = 16777216 ]
check "as is a chunked one" [ "$(curl -s -m 10 -H 'Transfer-Encoding: chunked' \
    --data-binary @"$work/full" "$api?pid=1" | sed 's/.*received":\([0-9]*\).*/\1/')" = 16777216 ]

# --- which pool answers
pool_of() {
    pid=$(curl -s "$url$1?pid=1" | sed 's/.*pid":\([0-9]*\).*/\1/')
    case " $light_pids " in
    *" $pid "*) echo light ;;
    *) echo heavy ;;
    esac
}
# the light workers are those that answer a light path; all are busy at once here
light_pids=$(curl -s --parallel --parallel-immediate --parallel-max 16 \
    "$url/healthz?pid=1&sleep=100&n=[1-32]" 2>/dev/null | sed 's/.*pid":\([0-9]*\).*/\1/' |
    sort -u | tr '\n' ' ')
check "four light workers answer" [ "$(count $light_pids)" = 4 ]
uuid=3fa85f64-5717-4562-b3fc-2c963f66afa6
P=/api/v1/parts
for path in $P/calibration/outcomes $P/calibration/conformal-recalibrate $P/import \
    $P/calculations/batch $P/labeling/projects/$uuid/generate-tasks \
    $P/labeling/campaigns/$uuid/quality $P/labeling/campaigns/$uuid/tasks/ \
    $P/labeling/campaigns/$uuid/promote $P/labeling/campaigns/$uuid/close \
    $P/labeling/campaigns/$uuid/submissions/import \
    $P/calibration/environments/$uuid/auto-calibrate-from-erp \
    $P/calibration/environments/$uuid/auto-calibrate \
    $P/calibration/environments/$uuid/policy/calibrate /mcp-server/mcp; do
    check "heavy: $path" [ "$(pool_of "$path")" = heavy ]
done
for path in $P/environments $P/calculations $P/labeling/campaigns/$uuid/next-task \
    $P/calibration/environments/$uuid/status $P/labeling/tasks/$uuid/submit /openapi.json /readyz \
    /metrics /api/v2; do
    check "light: $path" [ "$(pool_of "$path")" = light ]
done
"$top/tests/stack" stop "$dir"

# --- the outer fence
start fence --echo --limits
get 600
check "the fence answers 429 to a flood" grep -q 429 "$work/statuses"
flood() {
    curl -s --parallel --parallel-max 20 "$url/api/v1/x?n=[1-400]" -o "$work/flood.#1" 2>/dev/null
    grep -l '"code":"rate_limited"' "$work"/flood.* | grep -q .
}
check "in the envelope" flood

# --- a long and odd directory
long_dir="$work/$(printf 'a%.0s' $(seq 100)) \$b 'c'"
"$top/tests/stack" start "$long_dir" --echo >"$work/out"
check "a stack runs in a directory with a long and odd name" [ $? = 0 ]
url=$(sed -n 's/^url=//p' "$work/out")
check "and answers" answers
"$top/tests/stack" stop "$long_dir"
check "and leaves no process" [ -z "$(printf '%s\n' "$long_dir/costwright.conf" |
    grep -lzxF -f - /proc/[0-9]*/cmdline 2>/dev/null)" ]
"$top/tests/stack" start "$work/taken" --echo --port "${url##*:}" >"$work/out" &&
    "$top/tests/stack" start "$work/second" --echo --port "${url##*:}" >/dev/null 2>"$work/why"
check "a taken port is an error" grep -q 'is taken' "$work/why"

finish
