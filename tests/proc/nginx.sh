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
check "413 of a length with noughts before it" envelope 413 payload_too_large \
    '{"limit_bytes":16777216,"observed_bytes":17000000}' -H 'Content-Length: 0017000000' --data-binary @"$work/large" "$api"
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
# every path that the build wrote from the operation table, an id in place of any one segment
"$build/nginx/heavy" "$dir/nginx" >"$work/heavy.conf"
heavy=$(sed -n "s|^        \(/[^ ]*\).*|$P\1|p; s|^    \(/[^ (]*\) .*|\1|p" "$work/heavy.conf" | sed "s/\[^\/\]+/$uuid/g")
check "the list of heavy paths can be read" [ "$(count $heavy)" -ge 20 ]
for path in $heavy $P/labeling/campaigns/$uuid/tasks/; do
    check "heavy: $path" [ "$(pool_of "$path")" = heavy ]
done
check "imports and fits are among them" [ "$(echo "$heavy" | grep -cxE "$P/import|/mcp-server/mcp|$P/calibration/outcomes")" = 3 ]
for path in $P/environments $P/calculations $P/labeling/campaigns/$uuid/next-task \
    $P/calibration/environments/$uuid/status $P/labeling/tasks/$uuid/submit /openapi.json /readyz \
    /metrics /api/v2 $P/import/x; do
    check "light: $path" [ "$(pool_of "$path")" = light ]
done

# --- every status that nginx makes, by its own hand
for status in 400 402 403 404 405 406 409 410 411 412 413 414 415 416 417 421 429 494 495 496 497 500 501 502 503 504 \
    505 507; do
    echo "location = /made/$status { return $status; }"
done >"$dir/nginx/fence-server-made.conf"
# and time limits that a test can wait for
sed -i 's/fastcgi_read_timeout .*;/fastcgi_read_timeout 1s;/' "$dir/nginx/params.conf"
sed -i 's/client_body_timeout .*;/client_body_timeout 1s;/' "$dir/nginx/server.conf"
# and other addresses of this machine as strangers
sed -i 's|allow 127.0.0.0/8;|allow 127.0.0.1;|' "$dir/nginx/server.conf"
check "nginx takes it" reload
made_is_there() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/made/429")" = 429 ]; }
check "and works by it" wait_for 5 made_is_there
sleep 0.5 # the former worker's last connections
while read -r status answered code details; do
    check "$status by nginx is $answered $code" envelope "$answered" "$code" "${details:-{\}}" "$url/made/$status"
done <<END
400 400 bad_request
402 400 bad_request
403 404 not_found
404 404 not_found
405 405 method_not_allowed
406 400 bad_request
409 400 bad_request
410 400 bad_request
411 400 bad_request
412 412 precondition_failed
413 413 payload_too_large {"limit_bytes":16777216,"observed_bytes":null}
414 414 uri_too_long
415 400 bad_request
416 400 bad_request
417 400 bad_request
421 400 bad_request
429 429 rate_limited
494 431 headers_too_large
495 400 bad_request
496 400 bad_request
497 400 bad_request
500 500 internal
501 400 bad_request
502 502 upstream_failed
503 503 unavailable
504 504 timeout
505 400 bad_request
507 500 internal
END
check "503: when to come again" envelope 503 unavailable '{}' "$url/made/503"
check "is told" has_header 'Retry-After: 2$'
check "504 of a worker that takes too long" envelope 504 timeout '{}' -d '{}' "$api?sleep=2500"
check "with Retry-After" has_header 'Retry-After: 5$'
check "metrics are for this machine" [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/metrics")" = 200 ]
check "404 from elsewhere" envelope 404 not_found '{}' --interface "$address_a" "$url/metrics"
check "412 of a page that has changed since" envelope 412 precondition_failed '{}' \
    -H 'If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT' "$url/docs/errors"
check "no range of a page" [ "$(curl -s -o /dev/null -w '%{http_code}' -H 'Range: bytes=99999999-' "$url/docs/errors")" = 200 ]
check "400 of what is no HTTP" envelope 400 bad_request '{}' -H 'Host: a b' "$api"
check "400 of two lengths" envelope 400 bad_request '{}' -H 'Content-Length: 1' -H 'Content-Length: 2' -d 'ab' "$api"
check "501 of an encoding nobody knows" envelope 400 bad_request '{}' -H 'Transfer-Encoding: zip' -d 'ab' "$api"
# nginx has a status 408 but never says it: it closes the connection
slow_body() {
    port=${url##*:}
    (
        printf 'POST /api/v1/parts/environments HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nX-Request-ID: slow-body-1\r\n\r\n{"a'
        sleep 3
    ) | curl -s -m 5 "telnet://127.0.0.1:$port" >"$work/slow"
    ! grep -q '200 OK' "$work/slow" && wait_for 5 grep -q '"slow-body-1".*"status":408' "$dir/logs/access.json"
}
check "a body that stops half-way ends as 408 in the log" slow_body
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
scrapes() {
    curl -s --parallel --parallel-max 20 "$url/metrics?n=[1-400]" -o /dev/null -w '%{http_code}\n' 2>/dev/null >"$work/scrapes"
    [ "$(sort "$work/scrapes" | uniq -c | tr -s ' ')" = " 400 200" ]
}
check "a scrape is not turned away in it" scrapes
sleep 3 # the bucket empties
keyed() {
    i=0
    while [ $i -lt 600 ]; do
        printf 'next\nurl = "%s/api/v1/x"\noutput = "/dev/null"\nheader = "X-API-Key: ak_live_%08d_x"\nwrite-out = "%%{http_code}\\n"\n' "$url" $i
        i=$((i + 1))
    done >"$work/keyed"
    curl -s --parallel --parallel-immediate --parallel-max 20 -K "$work/keyed" 2>/dev/null | grep -q 429
}
check "a new key with each request does not get around it" keyed

# --- two hosts over TCP, a key's requests at one of them
serve_at() { # NAME ADDRESS: an echo service behind sockets as systemd would hand them over
    sed "s|^listen_|#&|" "$dir/costwright.conf" >"$work/$1.conf"
    systemd-socket-activate -l "$2:9001" -l "$2:9002" --fdname=light:heavy -E PATH \
        "$build/tests/bench/echo" --config "$work/$1.conf" </dev/null >"$work/$1.log" 2>&1 &
    echo $! >"$work/$1.pid"
}
if command -v systemd-socket-activate >/dev/null; then
    start hosts --echo
    release() { kill $(cat "$work"/host_*.pid 2>/dev/null) 2>/dev/null; }
    serve_at host_a "$address_a"
    serve_at host_b "$address_b"
    tcp_upstream
    check "nginx takes the TCP upstream" reload
    over_tcp() { case $(host_of "X-API-Key: ak_test_AAAAAAAA_x") in 127.10*:9001) ;; *) return 1 ;; esac }
    check "a request is answered over TCP" wait_for 10 over_tcp
    check "with the service's own words" [ "$(curl -s "$url/api/v1/x?pid=1" | grep -c '"pid":[0-9]')" = 1 ]
    heavy_host=$(host_of "X-API-Key: ak_test_AAAAAAAA_x" "$P/import")
    light_host=$(host_of "X-API-Key: ak_test_AAAAAAAA_y")
    check "light and heavy requests of a key meet one host" [ "${heavy_host%:*}" = "${light_host%:*}" ]
    check "each at its port" [ "${heavy_host#*:}${light_host#*:}" = 90029001 ]
    check "as bearer token, too" [ "$(host_of "Authorization: Bearer ak_test_AAAAAAAA_y")" = "$light_host" ]
    for k in 1 2 3 4 5 6 7 8 9; do
        host_of "X-API-Key: ak_test_KEYKEYK${k}_x"
    done >"$work/spread"
    check "keys spread over the hosts" [ "$(sort -u "$work/spread" | grep -c :9001)" = 2 ]
    for k in 1 2 3 4 5 6 7 8 9; do
        host_of "X-API-Key: ak_test_KEYKEYK${k}_other"
    done >"$work/again"
    check "and stay" cmp "$work/spread" "$work/again"
    kill "$(cat "$work/host_b.pid")"
    wait_for 10 is_gone "$(cat "$work/host_b.pid")"
    get 50 -H "X-API-Key: $(awk -v b="$address_b:9001" '$0 == b { print "ak_test_KEYKEYK" NR "_x"; exit }' "$work/spread")"
    check "the keys of a host that is gone are served by the other" all_are 200 50
    kill "$(cat "$work/host_a.pid")"
    rm "$work"/host_?.pid
    "$top/tests/stack" stop "$dir"
else
    echo "skipped: the TCP upstream needs systemd-socket-activate"
fi

# --- TLS
start tls --echo
at=127.103.$last
if openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=costwright.example.org \
    -addext subjectAltName=DNS:costwright.example.org -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null; then
    here=127.104.$last:8080
    sed -e "s|@listen@|$at:8080|; s|@listen_tls@|$at:8443|; s|@loopback@|$here|; s|@conf@|$dir/nginx|; s|@log@|$dir/logs/access.json|" \
        -e "s|@certificate@|$work/cert.pem|; s|@certificate_key@|$work/key.pem|" \
        "$top/nginx/costwright-tls.conf.in" >"$dir/nginx/costwright.conf"
    check "nginx takes the TLS site" reload
    secure() { curl -s --cacert "$work/cert.pem" --resolve "costwright.example.org:8443:$at" "$@"; }
    clear() { curl -s --resolve "costwright.example.org:8080:$at" "$@"; }
    site=costwright.example.org:8443
    tls_answers() { [ "$(secure -o /dev/null -w '%{http_code} %{http_version}' "https://$site/api/v1/x")" = "200 2" ]; }
    check "HTTP/2 over TLS reaches the service" wait_for 5 tls_answers
    for path in /api/v1/x /docs/errors /nothing /api/v1/%00; do
        check "HSTS on $path" [ "$(secure -D - -o /dev/null "https://$site$path" |
            grep -ci '^strict-transport-security: max-age=63072000')" = 1 ]
    done
    check "TLS 1.1 is not spoken" [ "$(secure -o /dev/null -w '%{http_code}' --tls-max 1.1 "https://$site/" )" = 000 ]
    check "a page in clear leads to TLS" [ "$(clear -o /dev/null -w '%{http_code} %{redirect_url}' \
        "http://costwright.example.org:8080/docs/guide?x=1")" = "308 https://costwright.example.org/docs/guide?x=1" ]
    check "an API call in clear is not led on" envelope 404 not_found '{}' "http://$at:8080/api/v1/parts/environments"
    check "no HSTS in clear" sh -c "! grep -qi '^strict' '$work/headers'"
    for path in /api/v1/x /metrics /docs/errors; do
        check "the host itself is answered in clear: $path" [ "$(curl -s -o /dev/null -w '%{http_code}' "http://$here$path")" = 200 ]
    done
else
    echo "skipped: a certificate needs openssl"
fi
"$top/tests/stack" stop "$dir"

# --- a request's id on its whole way
start ids
id=end-to-end.$$
check "the service answers with the id that came" envelope 404 not_found '{}' -H "X-Request-ID: $id" \
    -H "X-API-Key: $key" "$url/api/v1/parts/environments/3fa85f64-5717-4562-b3fc-2c963f66afa6"
check "nginx logs it" wait_for 5 grep -q "\"request_id\":\"$id\"" "$dir/logs/access.json"
check "the service logs it" grep -q "$id" "$dir/logs/costwrightd.log"
curl -s -o /dev/null -H 'X-Request-ID: own-answer' "$url/none%20such?secret=1"
logged() { sed -n "/$1/p" "$dir/logs/access.json" | grep -qF "$2"; }
check "where nginx answers itself the log has the path that was asked for" wait_for 5 logged own-answer '"uri":"/none%20such","status":404'
curl -s -o /dev/null -H 'X-Request-ID: no-agent-here' -A '' "$url/healthz/x"
check "a client that does not say what it is is logged as nothing" wait_for 5 logged no-agent-here '"agent":""'
curl -s -o /dev/null -H 'X-Request-ID: odd-agent' -A "$(printf '\377')" "$url/%ff%22"
node -e "require('net').connect(${url##*:}, '127.0.0.1').end(
    Buffer.from('GET /\377?x HTTP/1.1\r\nHost: x\r\nX-Request-ID: odd-path\r\nConnection: close\r\n\r\n', 'latin1')).resume()"
check "bytes that are no text" wait_for 5 logged odd-path '"(not ASCII)"'
check "are not in the log" node -e "
    const text = new TextDecoder('utf-8', { fatal: true }).decode(require('fs').readFileSync('$dir/logs/access.json'));
    text.trim().split('\n').forEach((line) => JSON.parse(line))"
made=$(curl -s -D - -o /dev/null -H "X-API-Key: $key" "$url/api/v1/parts/environments" |
    tr -d '\r' | sed -n 's/^X-Request-ID: //p')
check "one that nginx made is in both logs, too" sh -c "grep -q '$made' '$dir/logs/costwrightd.log'"
"$top/tests/stack" stop "$dir"

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
