#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzzes every target under ASan and UBSan, one after the other: what is found is a failure and lies in
# build/fuzz/TARGET.found; an input that shows it then belongs into tests/fuzz/corpus. FUZZ_SECONDS: of processor
# time for each (20; 600 before a release). By hand: tests/long/fuzz.sh [TARGET...].
. "$(dirname "$0")/../proc/lib.sh"
out=$build/build/fuzz
seconds=${FUZZ_SECONDS:-20}
mkdir -p "$out/objects"
flags="-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -D_GNU_SOURCE"
flags="$flags -I$build $(pkg-config --cflags fcgi libmariadb json-c libsodium gsl)"
libs=$(pkg-config --libs fcgi libmariadb json-c libsodium gsl)

# the house as one library, but for the numeric room, which a request without a database does not reach: that one
# stays as the tree has built it; compiled anew where a source or any header is younger
cd "$top" || exit 2
newest=$(ls -t include/*.h src/*/*.h tests/fuzz/*.h tests/unit/*.h | head -n 1)
for source in src/[!c]*/*.c src/core/*.c src/ctl_erp_*.c tests/fuzz/json_c.c "$build/src/store/schema_files.c"; do
    object=$out/objects/$(basename "$source" .c).o
    if [ ! "$object" -nt "$source" ] || [ ! "$object" -nt "$newest" ]; then
        printf '%s %s\n' "$object" "$source"
    fi
done | sort -u | xargs -r -P "$(nproc)" -n 2 sh -c \
    'clang-14 $0 -fsanitize=fuzzer-no-link -Iinclude -c -o "$1" "$2"' "$flags" || exit 2
rm -f "$out/house.a"
ar cr "$out/house.a" "$out"/objects/*.o

# fuzz TARGET: until its time is up (the kernel says so: SIGXCPU, 152) or something is found
fuzz() {
    target=$1
    clang-14 $flags -fsanitize=fuzzer -Iinclude -Itests/unit -o "$out/$target" "tests/fuzz/fuzz_$target.c" \
        "$out/house.a" "$build/libcalc.a" $libs -lm -lpthread || return 1
    mkdir -p "$out/$target.corpus" "$out/$target.found"
    dictionary=
    if [ -e "tests/fuzz/$target.dict" ]; then
        dictionary=-dict=tests/fuzz/$target.dict
    fi
    (
        ulimit -c 0
        ulimit -S -t "$seconds"
        exec nice -n 19 "$out/$target" $dictionary -rss_limit_mb=1024 -max_len=4096 -timeout=20 -print_final_stats=1 \
            -artifact_prefix="$out/$target.found/" "$out/$target.corpus" "tests/fuzz/corpus/$target"
    ) >"$out/$target.log" 2>&1
    status=$?
    runs=$(sed -n 's/^#\([0-9]*\).*/\1/p' "$out/$target.log" | tail -n 1)
    echo "$target: $seconds s of processor time, at least ${runs:-0} inputs, status $status"
    if [ $status != 152 ]; then
        grep -vE '^#[0-9]' "$out/$target.log" | tail -n 40
    fi
    [ $status = 152 ]
}

targets=$*
if [ -z "$targets" ]; then
    targets=$(ls tests/fuzz/fuzz_*.c | sed 's/.*fuzz_//; s/\.c$//')
fi
for target in $targets; do
    check "$target: nothing found" fuzz "$target"
done
finish
