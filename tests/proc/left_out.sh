#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Evidence that no fit takes: priced by another version of the model, or older than the newest that a fit looks at.
. "$(dirname "$0")/lib.sh"

start left_out --set evidence_rows=100
node "$top/tests/proc/left_out.mjs" "$work/out" "$dir/run/db.sock" >"$work/said" 2>&1
ended $? "what is left out is counted, by reason: $(tail -n 1 "$work/said")"
grep FAIL "$work/said"

finish
