# SPDX-License-Identifier: GPL-3.0-or-later
# What the process tests share. Read by them with "."; they end with finish.
set -u
LC_ALL=C
export LC_ALL
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${COSTWRIGHT_BUILD:-$top}
export COSTWRIGHT_BUILD="$build"
name=$(basename "$0" .sh)
work=$(mktemp -d /tmp/costwright-"$name".XXXXXX) || exit 2
passed=0
failed=0

# check TEXT COMMAND...: one test
check() {
    text=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "$text: passed"
    else
        failed=$((failed + 1))
        echo "$text: FAILED ($*)"
    fi
}

# ended STATUS TEXT: one test, of what a command ended with. The status stands first: behind a $(...) some shells have
# the status of that.
ended() { check "$2" [ "$1" = 0 ]; }

stop_stacks() {
    for stack in "$work"/*/stack.state; do
        [ -e "$stack" ] && "$top/tests/stack" stop "${stack%/stack.state}"
    done
}
# what else must be undone before $work goes; a script may have its own
release() { :; }
# Of a stage that failed, what was said and logged, logs first: of at most 200 files the last 256 kB; no data, no secrets.
kept=$build/build/check/kept/$name
keep_logs() {
    rm -rf "$kept"
    [ $failed != 0 ] || return 0
    (cd "$work" && find . \( -name data -o -name db -o -name empty -o -name html -o -name root -o -name secret -o -name tmp \
        -o -name tenants -o -name '*key*' \) -prune -o -type f -size +0 -print) |
        awk '/log/ { print; next } { others = others $0 "\n" } END { printf "%s", others }' | head -n 200 | while IFS= read -r file; do
        mkdir -p "$kept/${file%/*}" && tail -c 262144 "$work/$file" >"$kept/$file"
    done
    echo "what it left: $kept"
}
leave() {
    stop_stacks
    keep_logs
    release
    rm -rf "$work"
}
finish() {
    trap - EXIT
    leave
    echo "$name: $passed passed, $failed failed"
    [ $failed = 0 ]
    exit
}
trap 'failed=$((failed + 1)); leave' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# start NAME OPTION...: a stack; sets dir, url and what else it prints
start() {
    dir=$work/$1
    shift
    "$top/tests/stack" start "$dir" "$@" >"$work/out" || exit 2
    while IFS='=' read -r variable value; do
        eval "$variable=\$value"
    done <"$work/out"
}

# The master and its workers, by the directory on their command line.
master() {
    for file in $(printf '%s\n' "$dir/costwright.conf" |
        grep -lzxF -f - /proc/[0-9]*/cmdline 2>/dev/null); do
        pid=${file#/proc/}
        pid=${pid%/cmdline}
        parent=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
        if [ -n "$parent" ] && ! grep -qzxF -e "$dir/costwright.conf" "/proc/$parent/cmdline"; then
            echo "$pid"
        fi
    done
}
workers() { cat "/proc/$1/task/$1/children"; }
count() { echo $#; }

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
    turns=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        turns=$((turns - 1))
        [ $turns -gt 0 ] || return 1
        sleep 0.05
    done
}
is_gone() { [ ! -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }
# connections PATH: how many there are to a unix socket, those that still wait to be taken among them
connections() { echo $(($(grep -cF " $1" /proc/net/unix) - 1)); }
connected() { [ "$(connections "$1")" -ge "$2" ]; }
answers() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/api/v1/x")" = "${1:-200}" ]; }

# nginx takes what is in its files
reload() {
    nginx -t -p "$dir" -c "$dir/nginx.conf" >"$work/said" 2>&1 || {
        cat "$work/said"
        return 1
    }
    kill -HUP "$(cat "$dir/run/nginx.pid")"
}
# Two hosts of the service over TCP, at addresses of this run only, each at ports 9001 (light) and 9002 (heavy).
last=$(($$ / 254 % 254)).$(($$ % 254 + 1))
address_a=127.101.$last address_b=127.102.$last
# tcp_upstream: the example that is installed, with these addresses
tcp_upstream() {
    sed -e "s/10\.0\.0\.2:/$address_a:/; s/10\.0\.0\.3:/$address_b:/; s/127\.0\.0\.1:/$address_a:/" \
        -e "s|/usr/share/costwright/nginx|$dir/nginx|" "$top/nginx/upstream-tcp.conf.example" >"$dir/nginx/upstream.conf"
}
# host_of HEADER [PATH]: the address and port that answered, by nginx's own log
host_of() {
    id=host-of-$(date +%s%N)
    curl -s -o /dev/null -H "X-Request-ID: $id" -H "$1" "$url${2:-/api/v1/x}"
    wait_for 5 grep -q "$id" "$dir/logs/access.json"
    sed -n "s/.*\"$id\".*\"upstream\":\"\([^\"]*\)\".*/\1/p" "$dir/logs/access.json"
}

# get COUNT PATH...: so many requests, ten at a time; the statuses go to $work/statuses
get() {
    rm -f "$work/statuses"
    many=$1
    shift
    curl -s --parallel --parallel-immediate --parallel-max 10 -o /dev/null -w '%{http_code}\n' "$@" \
        "$url/api/v1/x?n=[1-$many]" >>"$work/statuses" 2>/dev/null # its progress
}
# all_are STATUS COUNT: what get saw
all_are() {
    [ "$(sort "$work/statuses" | uniq -c | awk '{ print $2 "x" $1 }')" = "$1x$2" ] || {
        sort "$work/statuses" | uniq -c
        return 1
    }
}
