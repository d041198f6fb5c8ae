#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Writes the schema files named as arguments, in order, as C onto standard output.
set -eu
LC_ALL=C
export LC_ALL

fail() {
    echo "embed.sh: $*" >&2
    exit 1
}

cat <<'END'
/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made by sql/embed.sh out of sql/NNNN_topic.sql; do not edit. */
#include "store_schema.h"

const struct schema_file schema_files[] = {
END
count=0
for file in "$@"; do
    base=${file##*/}
    topic=${base#[0-9][0-9][0-9][0-9]_}
    count=$((count + 1))
    [ "$base" = "$(printf '%04d' $count)_$topic" ] ||
        fail "$base is not number $count of the files, NNNN_topic.sql"
    case $topic in
    *[!a-z0-9_]*.sql | .sql) fail "$base: a topic is of [a-z0-9_]" ;;
    *.sql) ;;
    *) fail "$base does not end in .sql" ;;
    esac
    printf '    {%d, "%s",\n' "$count" "${topic%.sql}"
    sed -e 's/[\\"]/\\&/g' -e 's/\t/\\t/g' -e 's/\r/\\r/g' -e 's/.*/     "&\\n"/' "$file"
    printf '    },\n'
done
cat <<'END'
};
const size_t schema_files_n = sizeof schema_files / sizeof schema_files[0];
END
