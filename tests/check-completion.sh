#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion offers what the programs know: every command, every option, every setting, files where a file belongs.
# $COSTWRIGHT_BUILD holds what was built.
. "$(dirname "$0")/checking.sh"
compopt() { :; } # there is no completion in progress here
# complete PROGRAM WORD...: what the last word is completed to, in COMPREPLY
offer() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    "_$1"
}
# offered WORD...: exactly these
offered() {
    [ "$(printf '%s\n' "${COMPREPLY[@]}" | sort)" = "$(printf '%s\n' "$@" | sort)" ] || {
        echo "offered: ${COMPREPLY[*]-}"
        return 1
    }
}

# by a function, as bash-completion reads it
read_in() { . "$build/src/$1.bash"; }
for program in costwrightctl costwrightd; do
    check "the file of $program is there" [ -s "$build/src/$program.bash" ]
    read_in $program
    check "$program is completed" [ "$(complete -p $program)" = "complete -F _$program $program" ]
done

commands=$("$build/costwrightctl" help | sed -n '/^Commands:/,/^$/s/^  \(.\{14\}\) .*/\1/p' | sed 's/ *$//')
offer costwrightctl ''
check "every first word" offered $(echo "$commands" | sed 's/ .*//' | sort -u)
n=0
while IFS= read -r command; do
    n=$((n + 1))
    first=${command% *}
    if [ "$first" != "$command" ]; then
        offer costwrightctl "$first" ''
        check "every word after $first" offered $(echo "$commands" | sed -n "s/^$first //p")
    fi
    options=
    [ "$command" = help ] ||
        options=$("$build/costwrightctl" help $command | sed -n 's/^usage: //p' | grep -oE -- '--[a-z-]+' | sort -u)
    offer costwrightctl --config /x --set a=b $command --
    check "every option of $command" offered $options
done <<<"$commands"
check "all commands were compared" [ $n -ge 12 ]
offer costwrightctl ke
check "a word half written" offered key
offer costwrightctl key create --or
check "an option half written" offered --org
offer costwrightctl key create --org ''
check "nothing for what only the operator knows" offered ''
offer costwrightctl import-erp README.m
check "a file for an argument" offered README.md
offer costwrightctl import-erp x.csv --rejects README.m
check "a file for an option" offered README.md
offer costwrightctl --config README.m
check "a file of settings" offered README.md
offer costwrightctl --
check "options before the command" offered --config --set --help --version
offer costwrightctl help key ''
check "help knows the commands" offered create list revoke rotate

settings=$(grep -oE '^ +X\([a-z_]+, (TEXT|INT),' include/settings.h | sed 's/^ *X(\([a-z_]*\),.*/\1=/')
for program in costwrightctl costwrightd; do
    offer $program --set ''
    check "$program: every setting" offered $settings
done
offer costwrightd --
check "every option of costwrightd" offered $("$build/costwrightd" --help | sed '/^$/,/^$/!d; /^Settings/,$d' |
    grep -oE '^  --[a-z]+' | tr -d ' ') --help --version

checked completion
