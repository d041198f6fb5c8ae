#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a release carries builds with the other compiler as well, and its unit tests pass.
. "$(dirname "$0")/../proc/lib.sh"
if ! command -v clang >/dev/null; then
    echo "skipped: there is no clang; ./bootstrap --long installs it"
    finish
fi

make -s -C "$build" distdir distdir="$work/release" >"$work/dist.log" 2>&1
ended $? "the files of a release"
cd "$work/release" || exit 2
check "configure" ./configure --quiet CC=clang
check "make" make -s -j"$(nproc)" all >"$work/make.log" 2>&1
check "check-programs" make -s -j"$(nproc)" check-programs >"$work/programs.log" 2>&1
check "unit tests" tests/unit/unit
finish
