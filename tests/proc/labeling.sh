#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Sixteen annotators empty a campaign while workers are killed. COSTWRIGHT_LONG=yes: 20,000 tasks.
. "$(dirname "$0")/lib.sh"

running() { [ -d "/proc/$1" ] && ! is_gone "$1"; }
tasks=1500
if [ "${COSTWRIGHT_LONG-}" = yes ]; then
    tasks=20000
fi

start drain --workers 8
master=$(master)
node "$top/tests/proc/labeling_drain.mjs" "$url" "$key" $tasks 16 3 >"$work/said" 2>&1 &
load=$!
kills=0
while running $load; do
    victims=$(workers "$master")
    set -- $victims
    if [ $# -gt 0 ]; then
        shift $(($(od -An -N1 -tu1 /dev/urandom) % $#))
        kill -9 "$1" 2>/dev/null && kills=$((kills + 1))
    fi
    sleep 0.3
done
wait $load
check "$tasks tasks, 3 answers each, by 16 annotators under $kills kills: $(head -n 1 "$work/said")" [ $? = 0 ]
sed 1d "$work/said"
check "at least three were killed" [ $kills -ge 3 ]

finish
