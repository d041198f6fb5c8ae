#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The house rules that a program can check. Prints what breaks them, then "layers: N passed, N failed".
# The environment may set CC, CPPFLAGS (for the headers) and LIBCALC (the built numeric library).
set -u
cd "$(dirname "$0")/.." || exit 2
LC_ALL=C
export LC_ALL
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# rule TEXT: standard input holds the violations; none = passed. Runs in a subshell: counts in files.
rule() {
    found=$(cat)
    if [ -z "$found" ]; then
        echo "$1" >>"$work/passed"
    else
        echo "$1" >>"$work/failed"
        echo "broken: $1"
        echo "$found" | sed 's/^/    /'
    fi
}
count() { cat "$work/$1" 2>/dev/null | wc -l; }

sources=$(find include src tests sql nginx systemd bootstrap configure.ac Makefile.am .ci/run \
    \( -name node_modules -o -name vendor -o -path src/store/schema_files.c \
    -o -path nginx/costwright.conf -o -path nginx/costwright-tls.conf -o -path nginx/heavy.conf \
    -o -path nginx/server.conf -o -path nginx/upstream.conf \
    -o -path systemd/costwright.service -o -path systemd/costwright-purge.service \) -prune \
    -o -type f \( -name '*.[ch]' -o -name '*.sh' -o -name '*.sql' -o -name '*.mjs' -o -name '*.js' \
    -o -name '*.in' -o -name '*.conf' -o -name '*.socket' -o -path '*/stack' -o -path 'tests/check' \
    -o -path '*/bootstrap' -o -name 'bootstrap' -o -name 'configure.ac' -o -name 'Makefile.am' \
    -o -path '.ci/run' \) -print)
code=$(echo "$sources" | grep '\.[ch]$')

for file in $sources; do
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || echo "$file"
done | rule "the licence stands in the first two lines"

for file in $(echo "$sources" | grep -E '\.(c|h|sh|mjs|js|sql)$|/stack$|/check$'); do
    lines=$(wc -l <"$file")
    [ "$lines" -le 500 ] || echo "$file: $lines lines"
done | rule "no source has more than 500 lines"

git ls-files 2>/dev/null | cut -d/ -f1 | sort -u |
    grep -vxE '\.[a-z-]+|LICENSE|Makefile\.am|README\.md|bootstrap|configure\.ac|include|nginx|sql|src|systemd|tests' |
    rule "the top level holds nothing else"

grep -nE '#include <mysql|#include <mariadb' $code | grep -v '^src/store/store_db' |
    rule "only src/store/store_db* sees the database library"
grep -nE '#include <fcgi' $code |
    grep -vE '^(src/worker\.c|src/http/|include/http\.h|tests/bench/echo\.c|tests/fuzz/)' |
    rule "only the worker, the http room and the echo see FastCGI"
grep -nE '#include <json-c|#include <json' $code | grep -vE '^(src/core/|tests/)' |
    rule "only core sees json-c"
grep -nE '^[[:space:]]*typedef struct' $code | rule "structs have no typedef"
grep -nE '\b(sprintf|vsprintf|gets|strcat|system|popen|alloca)\(' $(echo "$code" | grep -v ^tests) |
    rule "no unbounded or shell-calling function"

# Who may include whom. A header belongs to the room that holds its source.
ls src/*/*.c src/*.c include/*.h src/*/*.h 2>/dev/null | awk '
    function base(path) { sub(/.*\//, "", path); sub(/\.[ch]$/, "", path); return path }
    function room_of(path, parts) {
        split(path, parts, "/")
        return parts[2] ~ /\.c$/ ? (parts[2] ~ /^ctl/ ? "ctl" : "proc") : parts[2]
    }
    /^src/ && /\.c$/ { room[base($0)] = room_of($0); file[++n] = $0 }
    /^src/ && /\.h$/ { room[base($0)] = room_of($0); file[++n] = $0 }
    /^include/ { header[base($0)] = 1; file[++n] = $0 }
    END {
        for (name in header) {
            if (name in room) continue
            if (name ~ /^calc_/) room[name] = "calc"
            else if (name ~ /^store_/) room[name] = "store"
            else if (name ~ /^http/) room[name] = "http"
            else if (name ~ /^(operation|request|shapes?)/) room[name] = "api"
            else {
                # a header whose sources are all named after it
                room[name] = "core"
                for (other in room)
                    if (index(other, name "_") == 1 && !(other in header)) room[name] = room[other]
            }
        }
        allowed["core"] = " core "
        allowed["calc"] = " calc "
        allowed["store"] = " store core "
        allowed["api"] = " api store calc core "
        allowed["http"] = " http api store core "
        allowed["proc"] = " proc http core "
        allowed["ctl"] = " ctl api store core "
        for (i = 1; i <= n; i++) {
            mine = room[base(file[i])]
            while ((getline line < file[i]) > 0) {
                if (line !~ /^#include "/) continue
                target = line
                sub(/^#include "/, "", target); sub(/".*/, "", target)
                if (target == "config.h") continue
                theirs = room[base(target)]
                if (theirs == "") print file[i] ": no such header: " target
                else if (index(allowed[mine], " " theirs " ") == 0)
                    print file[i] " (" mine ") includes " target " (" theirs ")"
            }
            close(file[i])
        }
    }' | rule "imports point one way: proc, http, api, (store, calc), core"

# As the compiler sees them. Not of one organisation: these themselves, the schema, the server, the purge; what a secret or
# the platform's pool is looked up by.
for file in $(ls src/store/store_*.c | grep -vE '/store_(org|schema.*|grants|server|purge)\.c$'); do
    ${CC-cc} -E -P -std=gnu11 -D_GNU_SOURCE -Iinclude ${CPPFLAGS-} "$file" 2>/dev/null
done | awk '
    /struct sql [a-z_]+(\[[^]]*\])? *= *\{/ { inside = 1 }
    inside { text = text " " $0 }
    inside && /};/ {
        gsub(/" *"/, "", text)
        n = split(text, one, /\}, *\{/)
        for (i = 1; i <= n; i++)
            if (one[i] !~ /org_id = |USING \(org_id|(INSERT|REPLACE) .*org_id|FROM information_schema\./ &&
                one[i] !~ /FROM (api_key WHERE prefix|labeling_assignment WHERE link_digest|annotator_account WHERE is_platform) = /)
                print one[i]
        count += n
        inside = 0
        text = ""
    }
    END { if (count < 200) print "only " count + 0 " statements were found" }' |
    rule "the organisation stands in every statement"

grep -nE '#include <' $(echo "$code" | grep -E '^(src/calc|include/calc_)') |
    grep -vE '<(assert|errno|float|inttypes|limits|math|stdalign|stdarg|stdbool|stddef|stdint|string|gsl/[a-z0-9_]+)\.h>' |
    rule "calc includes nothing but the language, libm and GSL"

if [ -n "${LIBCALC-}" ] && [ -e "$LIBCALC" ]; then
    nm -u "$LIBCALC" 2>/dev/null | awk '$1 == "U" { print $2 }' | sort -u |
        grep -xE 'malloc|calloc|realloc|free|aligned_alloc|posix_memalign|f?printf|__f?printf_chk|s(n)?printf|__s(n)?printf_chk|fopen|fwrite|puts|putchar|std(in|out|err)|read|write|open|getenv|time|clock.*|s?rand(om)?|drand48|qsort|gsl_.*_alloc' |
        rule "calc allocates nothing, does no I/O, has no hidden randomness"
    size -A "$LIBCALC" 2>/dev/null |
        awk '/:$|ex / { member = $1 } ($1 == ".data" || $1 == ".bss") && $2 > 0 { print member, $1, $2 }' |
        rule "calc has no global variables"
fi

# other releases lay out some lines otherwise
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
    echo "$code" | grep -vE '^src/(store/schema_files|api/examples)\.c$' | xargs clang-format --dry-run 2>&1 |
        sed -n 's/: warning: code should be clang-formatted.*//p' |
        rule "C is as clang-format leaves it"
else
    echo "layers: C is as clang-format leaves it: not asked, because clang-format 14 is not here"
fi

for header in include/*.h; do
    ${CC-cc} -std=gnu11 -D_GNU_SOURCE -Iinclude ${CPPFLAGS-} -Wall -Wextra -Werror -fsyntax-only \
        -x c "$header" 2>"$work/errors" || echo "$header: $(head -n 1 "$work/errors")"
done | rule "every header compiles alone"

echo "layers: $(count passed) passed, $(count failed) failed"
[ ! -e "$work/failed" ]
