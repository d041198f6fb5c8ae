#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for bash on standard output, written from what the programs say of themselves.
# usage: completion.sh costwrightctl|costwrightd DIRECTORY (where both are built)
set -eu
LC_ALL=C
export LC_ALL
name=$1
ctl=$2/costwrightctl
daemon=$2/costwrightd

settings=$("$daemon" --help | sed -n '/^Settings:/,$ s/^\([a-z_]*\) = .*/\1=/p' | tr '\n' ' ')
# OPTION or OPTION:VALUE a line, from lines of help: two blanks, dashes, perhaps a value
options_of() {
    sed -n 's/^  \(--[a-z-]*\) \([A-Z][^ ]*\).*/\1:\2/p; t
        s/^  \(--[a-z-]*\) .*/\1/p'
}
# one row of the table: words, options, those that take a file, those that take something else, argument
row() {
    printf "    ['%s']='%s|%s|%s|%s'\n" "$1" \
        "$(echo "$2" | sed 's/:.*//' | tr '\n' ' ')" \
        "$(echo "$2" | sed -n 's/:\(FILE\|DIR\)$//p' | tr '\n' ' ')" \
        "$(echo "$2" | sed -n '/:FILE$/d; /:DIR$/d; s/:.*//p' | tr '\n' ' ')" "$3"
}

cat <<END
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of $name for bash, written by the build from what the program says of itself.
declare -gA _${name}_table=(
END
case $name in
costwrightctl)
    row - "--config:FILE
--set:SETTING
--help
--version" ''
    "$ctl" help </dev/null | sed -n '/^Commands:/,/^$/s/^  \(.\{14\}\) .*/\1/p' | sed 's/ *$//' |
        while IFS= read -r command; do
            if [ "$command" = help ]; then
                row help '' ''
                continue
            fi
            said=$("$ctl" help $command </dev/null)
            argument=$(echo "$said" | sed -n "1s/^usage: costwrightctl $command \([A-Z]*\)\( .*\)*\$/\1/p")
            row "$command" "$(echo "$said" | options_of)" "$argument"
        done
    ;;
costwrightd)
    row - "$("$daemon" --help | sed '/^Settings:/,$d' | options_of)
--help
--version" ''
    ;;
esac
cat <<END
)
_$name() {
    local settings='${settings% }'
    local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
    local command=- words='' asked='' i word
    # the command is the longest row of the table that the words before the cursor begin with
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=\${COMP_WORDS[i]}
        case \$word in
        --config | --set)
            ((i++))
            while [[ \${COMP_WORDS[i + 1]-} == = ]]; do ((i += 2)); done
            ;;
        -*) [[ \$command == - ]] || break ;;
        help) asked=yes ;;
        *)
            words=\${words:+\$words }\$word
            [[ -z \${_${name}_table[\$words]+is} ]] || command=\$words
            ;;
        esac
    done
    local options files values argument
    IFS='|' read -r options files values argument <<<"\${_${name}_table[\$command]}"
    [[ -z \$asked ]] || options='' argument=''
    COMPREPLY=()
    case \$previous in
    --set)
        compopt -o nospace 2>/dev/null
        COMPREPLY=(\$(compgen -W "\$settings" -- "\$current"))
        return
        ;;
    --config)
        compopt -o filenames 2>/dev/null
        COMPREPLY=(\$(compgen -f -- "\$current"))
        return
        ;;
    -*)
        if [[ " \$files " == *" \$previous "* ]]; then
            compopt -o filenames 2>/dev/null
            COMPREPLY=(\$(compgen -f -- "\$current"))
            return
        fi
        [[ " \$values " != *" \$previous "* ]] || return
        ;;
    esac
    if [[ \$current == -* ]]; then
        COMPREPLY=(\$(compgen -W "\$options" -- "\$current"))
    elif [[ \$command == - ]]; then
        # the next word of every command that goes on from here
        local row next=''
        for row in "\${!_${name}_table[@]}"; do
            [[ \$row != - ]] || continue
            if [[ -z \$words ]]; then
                next+=" \${row%% *}"
            elif [[ \$row == "\$words "* ]]; then
                row=\${row#"\$words "}
                next+=" \${row%% *}"
            fi
        done
        COMPREPLY=(\$(compgen -W "\$next" -- "\$current" | sort -u))
    elif [[ \$argument == FILE || \$argument == DIR ]]; then
        compopt -o filenames 2>/dev/null
        COMPREPLY=(\$(compgen -f -- "\$current"))
    else
        COMPREPLY=(\$(compgen -W "\$options" -- "\$current"))
    fi
}
complete -F _$name $name
END
