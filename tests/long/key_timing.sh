#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Does the time of a refusal tell where a key differs? By design it cannot: the row is found by the public prefix, and
# what is compared is a keyed hash, in constant time. This measures it and reports; a time never fails a test.
. "$(dirname "$0")/../proc/lib.sh"
start stack
check "wrong keys are refused, and how long each kind takes" node "$top/tests/long/key_timing.mjs" \
    "$url" "$key" "$dir/logs/costwrightd.log"
finish
