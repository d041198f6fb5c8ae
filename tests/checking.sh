# SPDX-License-Identifier: GPL-3.0-or-later
# What the stages tests/check-*.sh share that count their checks. Read by them with "."; they stand in the top folder
# after it and end with checked NAME. $build: where the programs were built.
set -u
cd "$(dirname "$0")/.." || exit 2
LC_ALL=C
export LC_ALL
build=${COSTWRIGHT_BUILD:-.}
passed=0
failed=0

# check TEXT COMMAND...: one check
check() {
    text=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "broken: $text"
    fi
}
checked() {
    echo "$1: $passed passed, $failed failed"
    [ $failed = 0 ]
}
