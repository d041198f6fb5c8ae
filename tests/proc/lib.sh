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

stop_stacks() {
    for stack in "$work"/*/stack.state; do
        [ -e "$stack" ] && "$top/tests/stack" stop "${stack%/stack.state}"
    done
}
finish() {
    trap - EXIT
    stop_stacks
    rm -rf "$work"
    echo "$name: $passed passed, $failed failed"
    [ $failed = 0 ]
    exit
}
trap 'stop_stacks; rm -rf "$work"' EXIT
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
answers() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/api/v1/x")" = "${1:-200}" ]; }

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
