#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual page of costwrightctl on standard output: page.in with its line @commands@ replaced by what the program
# says of its commands. usage: commands.sh PROGRAM page.in
set -eu
LC_ALL=C
export LC_ALL
program=$1
section() {
    "$program" help $1 </dev/null | awk -v command="$1" '
        function man(text) { gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text); return text ~ /^[.\047]/ ? "\\&" text : text }
        BEGIN { print ".SS " man(command) }
        NR == 1 { sub(/^usage: /, ""); print ".B " man($0); next }
        $0 == "" { print ".PP"; next }
        /^  --/ {
            name = $1
            help = $0
            sub(/^  --[^ ]+ */, "", help)
            # a value stands before the help: one word, or padded to the column of the help
            value = ""
            if (substr($0, 4 + length(name), 1) != " ") { value = $2; sub(/^[^ ]+ */, "", help) }
            print ".TP\n.B" (value == "" ? " " man(name) : "I " man(name) " \" " man(value) "\"") "\n" man(help)
            next
        }
        { print man($0) }'
}
while IFS= read -r line; do
    if [ "$line" != @commands@ ]; then
        printf '%s\n' "$line"
        continue
    fi
    "$program" help </dev/null | sed -n '/^Commands:/,/^$/s/^  \(.\{14\}\) .*/\1/p' | sed 's/ *$//' |
        while IFS= read -r command; do
            if [ "$command" = help ]; then
                printf '.SS help\n.B costwrightctl help\n.RI [ COMMAND ]\n.PP\nShow this, or what a command takes.\n'
            else
                section "$command"
            fi
        done
done <"$2"
