#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# One tenant beside another that is far above its limits: what the quiet one waits, and that it is never refused.
# Times are reported, as ratios of one run; what fails is a request of the quiet tenant that is refused or lost.
. "$(dirname "$0")/../proc/lib.sh"
seconds=${FAIRNESS_SECONDS:-24}

# measure TEXT KIND
measure() {
    node "$top/tests/long/fairness.mjs" "$url" "$key_other" "$key" "$2" "$seconds" >"$work/said" 2>&1
    echo "$1: $(cat "$work/said")"
}
only() { grep -q "\"quiet\":{\"$1\":[0-9]*}" "$work/said"; }
refused() { grep -q '"noisy":{[^}]*"429"' "$work/said"; }

start light --set rate_key_per_minute=1200
measure "noisy far above its limit, no fence" light
check "the quiet tenant is served" only 200
check "the noisy one is refused" refused
stop_stacks
start fenced --limits
measure "the same behind nginx's fence" light
check "behind the fence: served" only 200
check "behind the fence: refused" refused
stop_stacks
start heavy --set rate_org_per_minute=100000
measure "noisy fits all the time" heavy
check "heavy: the quiet tenant is served" only 201
check "heavy: the noisy one is refused at times" refused
stop_stacks
start unguarded
measure "the same without shares of the heavy pool (rate_org_per_minute = 0)" heavy

finish
