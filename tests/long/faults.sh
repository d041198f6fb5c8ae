#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The slow faults: a database that hangs, full disks of MariaDB (with and without a binary log) and of nginx. What the
# client sees, and that nothing acknowledged is lost. Needs root for small file systems; else those parts are skipped.
. "$(dirname "$0")/../proc/lib.sh"

api=/api/v1/parts
mounts=
# small FILE-SYSTEM SIZE
small() {
    mkdir -p "$1"
    mount -t tmpfs -o "size=$2" tmpfs "$1" 2>/dev/null && mounts="$1 $mounts"
}
release() {
    for mount in $mounts; do
        umount -l "$mount"
    done
}
code() { curl -s -m "${1}" -o "$work/body" -D "$work/head" -w '%{http_code}' -H "X-API-Key: $key" "$url$2"; }
is_code() {
    got=$(code 25 "$2")
    [ "$got" = "$1" ] || { echo "it was $got: $(head -c 300 "$work/body")" && false; }
}
quick() { [ "$(code 4 "$2")" = "$1" ]; }
once() { timeout 200 node "$top/tests/proc/exactly_once.mjs" "$url" "$key" "$1"; }

# --- the database hangs (SIGSTOP: it neither answers nor closes), in the middle of transactions
start hang --workers 4
once 3000 >"$work/once" &
load=$!
sleep 1
pid=$(cat "$dir/run/db.pid")
kill -STOP "$pid"
begin=$(date +%s)
check "hanging: a read gets 503" is_code 503 $api/environments
seconds=$(($(date +%s) - begin))
check "after at most 25 s ($seconds s)" [ $seconds -le 25 ]
check "in the envelope, with Retry-After" sh -c \
    "grep -q '\"code\":\"unavailable\"' '$work/body' && grep -qi '^retry-after: [0-9]' '$work/head'"
check "then /healthz is answered within 4 s" wait_for 30 quick 200 /healthz
check "and /readyz says no" quick 503 /readyz
kill -CONT "$pid"
check "it recovers by itself" wait_for 15 quick 200 /readyz
wait $load
ended $? "3000 effects exactly once: $(head -n 1 "$work/once")"
sed 1d "$work/once"
check "no worker was killed for it" sh -c "! grep -qE 'died of|stuck' '$dir/logs/costwrightd.log'"
"$top/tests/stack" stop "$dir"

# --- MariaDB's disk is full
# full NAME OPTION...: a stack on a small disk; effects are made while the disk is filled up and freed again
full() {
    full_name=$1
    shift
    if ! small "$work/$full_name" 260m; then
        echo "skipped: no small file system could be mounted"
        return
    fi
    start "$full_name" --workers 4 "$@"
    database=$(cat "$dir/run/db.pid")
    once 3000 >"$work/once" &
    load=$!
    sleep 1
    dd if=/dev/zero of="$dir/ballast" bs=1M 2>/dev/null # until it is full
    # what goes into the tables needs new pages: bodies that are kept for their key
    node "$top/tests/long/fill.mjs" "$url" "$key" >"$work/filled"
    check "$full_name, disk full: a write gets 503 or, without an answer, 502: $(cat "$work/filled")" \
        grep -qE '"(502|503)":[0-9]' "$work/filled"
    check "never 500, nor a false success" sh -c "! grep -q '\"500\"' '$work/filled'"
    check "/healthz is answered" wait_for 30 quick 200 /healthz
    rm "$dir/ballast"
    sleep 2
    # it may have ended itself, where InnoDB could not roll back: systemd's Restart= would start it
    if is_gone "$database"; then
        echo "$full_name: MariaDB has ended itself: $(grep -oE 'Out of disk space|No space left on device' \
            "$dir/logs/mariadb.log" | tail -n 1)"
        rm -f "$dir/run/db.sock"
        "$top/tests/stack" db start "$dir"
    fi
    check "space is there again: ready" wait_for 60 quick 200 /readyz
    wait $load
    ended $? "$full_name: 3000 effects exactly once: $(head -n 1 "$work/once")"
    sed 1d "$work/once"
    "$top/tests/stack" stop "$dir"
}
full without-log
full with-log --db --log-bin --db --binlog-format=ROW

# --- nginx has no room for temporary files
start temporary --workers 2
if small "$dir/tmp" 1m; then
    mkdir -m 777 "$dir/tmp/body" "$dir/tmp/fastcgi"
    node -e 'const parts = Array.from({ length: 4000 }, (_, i) => ({ part_number: `T-${i}`, attributes: { text: "x".repeat(2000) },
        process_plan: { material_ref: "S235", gross_mass_kg: 1, operations: [] } }));
        process.stdout.write(JSON.stringify({ parts }))' >"$work/large"
    status=$(curl -s -m 20 -o "$work/body" -w '%{http_code}' -H "X-API-Key: $key" -H 'Content-Type: application/json' \
        --data-binary "@$work/large" "$url$api/import")
    check "a body that nginx cannot keep: 500 ($status), of our envelope" \
        sh -c "[ $status = 500 ] && grep -q '\"code\":\"internal\"' '$work/body'"
    check "nothing of it is stored" sh -c "curl -s -H 'X-API-Key: $key' '$url$api?limit=1' | grep -q '\"count\":0,'"
    umount -l "$dir/tmp"
    check "with room again it is taken" sh -c "[ \$(curl -s -m 60 -o /dev/null -w '%{http_code}' -H 'X-API-Key: $key' \
        -H 'Content-Type: application/json' --data-binary '@$work/large' '$url$api/import') = 201 ]"
    mount -t tmpfs -o size=1m tmpfs "$dir/tmp" && mkdir -m 777 "$dir/tmp/body" "$dir/tmp/fastcgi"
    mariadb --no-defaults -S "$dir/run/db.sock" -u root costwright \
        -e "UPDATE part SET attributes = JSON_OBJECT('text', REPEAT('x', 50000))"
    curl -s -H "X-API-Key: $key" "$url$api?limit=500" | { sleep 3 && cat >"$work/cut"; }
    check "an answer that nginx cannot keep for a slow reader is cut, and does not parse" \
        sh -c "! node -e 'JSON.parse(require(\"fs\").readFileSync(process.argv[1]))' '$work/cut' 2>/dev/null"
    check "others are answered" quick 200 $api/environments
    umount -l "$dir/tmp"
else
    echo "skipped: no small file system could be mounted"
fi

finish
