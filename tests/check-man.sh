#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual pages beside the programs say what the programs say of themselves: every setting with default, range and
# help, every command with its usage, text and options. $COSTWRIGHT_BUILD holds what was built.
. "$(dirname "$0")/checking.sh"
# plain: a page, or what a program says, as its words on one line
plain() {
    sed -e '/^\.\\"/d' -e 's/^\.\(TP\|PP\|br\|RS\|RE\|nf\|fi\)$//' -e 's/^\.\(B\|I\|SS\|SH\) //' \
        -e '/^\.\(BI\|BR\|RB\|RI\|IR\) /{ s///; s/ \{1,\}\([^" ]\)/\1/g; s/"//g; }' \
        -e 's/\\&//g; s/\\-/-/g; s/\\e/\\/g' | tr -s ' \t\n' ' '
}
# holds PAGE TEXT: does the page have these words one after the other?
holds() {
    case $1 in
    *"$2"*) return 0 ;;
    esac
    return 1
}

for page in src/costwrightd.8 "$build/src/costwrightctl.8" "$build/src/costwright.conf.5"; do
    check "$page is there" [ -s "$page" ]
    for section in NAME SYNOPSIS DESCRIPTION "SEE ALSO"; do
        check "$page has $section" grep -qx "\.SH $section" "$page"
    done
    check "$page: no line begins with a dot by accident" \
        [ -z "$(grep -nE '^[.][^A-Z\\]' "$page" | grep -vE ':[.](br|nf|fi)$')" ]
    if command -v groff >/dev/null; then
        check "$page has no fault of form" [ -z "$(groff -man -ww -z "$page" 2>&1)" ]
    fi
done

# --- settings: name = default   (least to most), and a line of help
conf=$(plain <"$build/src/costwright.conf.5")
"$build/costwrightd" --help | sed '1,/^Settings:/d' >"${TMPDIR:-/tmp}/settings.$$"
settings=0
while IFS= read -r line; do
    IFS= read -r help
    name=${line%% = *}
    rest=${line#* = }
    range=
    case $rest in
    *'   ('*) range=$(echo "${rest#*   (}" | sed 's/^\(.*\) to \(.*\))$/; from \1 to \2/') ;;
    esac
    preset=${rest%%   (*}
    check "costwright.conf(5): $name" holds "$conf" \
        " $name Default: ${preset:-empty}$range. $(echo "$help" | tr -s ' ' | sed 's/^ //') "
    settings=$((settings + 1))
done <"${TMPDIR:-/tmp}/settings.$$"
rm -f "${TMPDIR:-/tmp}/settings.$$"
check "all settings were compared" [ $settings = "$(grep -cE '^ +X\([a-z_]+, (TEXT|INT),' include/settings.h)" ]
check "costwright.conf(5) has no other setting" \
    [ "$(sed -n '/^\.SH SETTINGS/,/^\.SH FILES/p' "$build/src/costwright.conf.5" | grep -c '^\.TP')" = $settings ]

# --- commands
ctl=$(plain <"$build/src/costwrightctl.8")
"$build/costwrightctl" help | sed -n '/^Commands:/,/^$/{ s/^  \(.\{14\}\) .*/\1/p; }' | sed 's/ *$//' >"${TMPDIR:-/tmp}/commands.$$"
commands=0
while IFS= read -r command; do
    commands=$((commands + 1))
    check "costwrightctl(8) has $command" grep -qx "\.SS $(echo "$command" | sed 's/-/\\\\-/g')" "$build/src/costwrightctl.8"
    [ "$command" != help ] || continue
    said=$("$build/costwrightctl" help $command </dev/null | sed 's/^usage: //' | tr -s ' \t\n' ' ')
    check "costwrightctl(8) says of $command what help says" holds "$ctl" "${said% }"
done <"${TMPDIR:-/tmp}/commands.$$"
rm -f "${TMPDIR:-/tmp}/commands.$$"
check "all commands were compared" [ $commands -ge 12 ]
check "costwrightctl(8) has no other command" [ "$(grep -c '^\.SS' "$build/src/costwrightctl.8")" = $commands ]

# --- options of the programs themselves
for program in costwrightd costwrightctl; do
    file=$build/src/$program.8
    [ -e "$file" ] || file=src/$program.8
    page=$(plain <"$file")
    for option in $("$build/$program" --help | sed '/^Settings:/,$d; /^Commands:/,/^$/d' | grep -oE -- '--[a-z]+' | sort -u); do
        check "$program(8) has $option" holds "$page" "$option"
    done
done

checked man
