#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Where no secret may be: logs of every process in both forms, command lines and environments, answers, the database's
# files, pages, a core. Keys in both headers, an invitation, a session, what keys are hashed under, passwords of the
# database; with requests that fail, a database that is killed and the operator's commands.
. "$(dirname "$0")/lib.sh"

api() { curl -s -m 20 "$@" -H 'Content-Type: application/json'; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
ctl() { "$build/costwrightctl" --config "$dir/costwright.conf" "$@"; }

# none_in NAME FILE...: no secret stands in any of them; those that hold one are named, the secret is not
none_in() {
    what=$1
    shift
    found=$(grep -rlaF -f "$work/secrets" "$@" 2>/dev/null)
    check "no secret in $what" [ -z "$found" ]
    [ -z "$found" ] || echo "    $found"
}

# what can be seen of processes from outside, again and again while the traffic runs
watch() {
    while [ ! -e "$work/watched" ]; do
        for file in /proc/[0-9]*/cmdline; do
            if grep -qaE 'costwright|nginx|mariadbd' "$file" 2>/dev/null; then
                tr '\0' ' ' <"$file"
                tr '\0' ' ' <"${file%cmdline}environ"
            fi
        done >>"$work/seen" 2>/dev/null
    done
}

traffic() {
    root=$url/api/v1/parts
    campaign=$(api -H "X-API-Key: $key" "$root/labeling/campaigns" -d '{"name": "secrets"}' | field id)
    api -H "X-API-Key: $key" "$root/labeling/campaigns/$campaign/tasks" \
        -d '{"tasks": [{"target_kind": "field", "field_path": "a", "predicted_value": "x"}]}' >>"$work/answers"
    # sealed when it is kept for a replay
    for turn in 1 2; do
        invitation=$(api -H "X-API-Key: $key" -H "Idempotency-Key: invite-$1" \
            "$root/labeling/campaigns/$campaign/assignments" -d '{"email": "a@example.org"}' | field magic_link_token)
    done
    session=$(api "$root/labeling/annotator-sessions" -d "{\"token\": \"$invitation\"}" | field annotator_token)
    check "an invitation and a session ($1)" [ ${#invitation} = 43 -a ${#session} = 43 ]
    {
        for file in key.pepper db.password db.admin.password; do
            cat "$dir/secret/$file"
            echo
        done
        for each in "$key" "$key_read" "$key_other" "$admin_key" "$invitation" "$session"; do
            echo "$each" | sed 's/^ak_[a-z]*_[A-Za-z0-9]\{8\}_//' # what is secret of a key
        done
    } | sort -u >"$work/secrets"
    check "nine secrets ($1)" [ "$(wc -l <"$work/secrets")" = 9 ]
    check "the search finds them where they are kept ($1)" grep -rqaF -f "$work/secrets" "$dir/secret"
    {
        for each in "$key" "$key_read" "$key_other" "$admin_key" "$key_read"x "$session"; do
            api -H "X-API-Key: $each" "$root/environments"
            api -H "Authorization: Bearer $each" "$root/environments"
            api -H "Authorization: Bearer $each" -X DELETE "$root/environments/$campaign"
            api -H "Authorization: Bearer $each" "$root/labeling/campaigns/$campaign/next-task" -d ''
            api -H "Authorization: Bearer $each" "$url/mcp-server/mcp" -d '{"jsonrpc": "2.0", "id": 1, "method": "no"}'
            api -H "X-API-Key: $each" "$root/environments" -d '{"broken'
            api -H "X-API-Key: $each" "$url/nowhere"
        done
        api "$root/labeling/annotator-sessions" -d "{\"token\": \"$invitation\"}"
        api "$root/labeling/annotator-sessions" -d "{\"token\": \"$invitation"
        ctl doctor
        ctl key list --org stack
        "$top/tests/stack" db kill "$dir"
        api -H "X-API-Key: $key" "$root/environments"
        api -H "X-API-Key: $key_read" "$root/environments"
        api "$root/labeling/annotator-sessions" -d "{\"token\": \"$invitation\"}"
        ctl key list --org stack
        ctl doctor
        "$top/tests/stack" db start "$dir"
        api -H "X-API-Key: $key" "$root/environments"
    } >>"$work/answers" 2>&1
}

for form in text json; do
    start "$form" --set log_level=debug --set log_format="$form"
    rm -f "$work/watched"
    watch &
    watcher=$!
    traffic "$form"
    : >"$work/watched"
    wait $watcher
    check "requests were logged ($form)" [ "$(grep -c environment_list "$dir/logs/costwrightd.log")" -ge 10 ]
    none_in "any log ($form)" "$dir/logs"
    none_in "command lines and environments ($form)" "$work/seen"
    none_in "answers and what the commands print ($form)" "$work/answers"
    none_in "the database's files ($form)" "$dir/db"
    none_in "pages" "$top/nginx/html"
    pid=$(workers "$(master)" | cut -d' ' -f1)
    check "no core is written ($form)" grep -qE '^Max core file size +0 +0' "/proc/$pid/limits"
    if [ $form = text ] && command -v gcore >/dev/null && [ "$(id -u)" = 0 ]; then
        # what root's debugger sees: libfcgi's buffer may still hold the headers of the latest request, the client
        # library the password of its connection; what keys are hashed under is gone, as are keys of earlier requests
        for each in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
            api -H "X-API-Key: ak_test_00000000_$(printf '%043d' 0)" "$url/api/v1/parts/environments?limit=1" >/dev/null
        done
        gcore -o "$work/core" "$pid" >"$work/gcore.log" 2>&1
        check "a debugger may look in" [ -s "$work/core.$pid" ]
        grep -vxF -f "$dir/secret/db.password" "$work/secrets" >"$work/some"
        for each in $(cat "$work/some"); do
            grep -cqaF -e "$each" "$work/core.$pid" && echo "    in a core: $(echo "$each" | cut -c1-12)..."
        done
        check "what keys are hashed under is not in a core" sh -c \
            '! grep -qaF -f "$1" "$2"' sh "$dir/secret/key.pepper" "$work/core.$pid"
        rm -f "$work/core.$pid"
    fi
    "$top/tests/stack" stop "$dir"
done
finish
