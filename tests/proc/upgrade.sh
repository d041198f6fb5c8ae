#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# From every earlier schema to the newest, with rows in place: a database that the service filled is put back to each
# level (the tables and columns of that level, with their rows), migrated under kills, compared, and served from.
. "$(dirname "$0")/lib.sh"

sql() { mariadb --no-defaults -S "$dir/run/db.sock" -u root -N -e "$1"; }
ctl() { "$build/costwrightctl" --config "$dir/costwright.conf" "$@" >"$work/said" 2>&1 </dev/null; }
json() { node -e "let t = ''; process.stdin.on('data', (c) => t += c).on('end', () => console.log(JSON.parse(t)$1))"; }
get() { curl -s -H "X-API-Key: $key" "$url/api/v1/parts$1"; }
ready() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" = 200 ]; }
not_ready() { ! ready; }
same_number() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a - b <= 1e-9 * b && b - a <= 1e-9 * b) }'; }

start upgrade
node "$top/tests/proc/keep_fill.mjs" "$url" "$key" >"$work/filled" || exit 2
. "$work/filled" # environment, revision, unit_cost, uncalibrated
newest=$(sql 'SELECT MAX(version) FROM costwright.schema_migration')
sql "GRANT ALL ON whole.* TO costwright_migrate@localhost; GRANT SELECT ON whole.* TO costwright@localhost"
check "a copy of the whole" ctl backup "$work/whole.gz"
check "restored beside" ctl --set db_name=whole restore "$work/whole.gz"
environments=$(get /environments | json .length)

# shared TABLE: the columns that costwright and whole have in common
shared() {
    sql "SELECT GROUP_CONCAT('\`', a.column_name, '\`' ORDER BY a.ordinal_position) FROM information_schema.columns a
        JOIN information_schema.columns b ON b.table_schema = 'whole' AND b.table_name = a.table_name AND b.column_name = a.column_name
        WHERE a.table_schema = 'costwright' AND a.table_name = '$1'"
}
tables_of() { sql "SELECT table_name FROM information_schema.tables WHERE table_schema = '$1' AND table_name NOT LIKE 'schema\\_%'"; }
# put_back LEVEL: the database as that level had it
put_back() {
    {
        echo 'SET foreign_key_checks = 0;'
        sql "SELECT CONCAT('DROP TABLE \`', table_name, '\`;') FROM information_schema.tables WHERE table_schema = 'costwright'"
        for file in "$top"/sql/[0-9]*.sql; do
            base=${file##*/}
            [ "$(echo "${base%%_*}" | sed 's/^0*//')" -gt "$1" ] || cat "$file"
        done
        for table in schema_lock schema_migration; do
            echo "CREATE TABLE $table LIKE whole.$table; INSERT INTO $table SELECT * FROM whole.$table;"
        done
        echo "DELETE FROM schema_migration WHERE version > $1;"
    } >"$work/level.sql"
    mariadb --no-defaults -S "$dir/run/db.sock" -u root costwright <"$work/level.sql" || return 1
    : >"$work/columns"
    {
        echo 'SET foreign_key_checks = 0;'
        for table in $(tables_of costwright); do
            columns=$(shared "$table")
            echo "$table $columns" >>"$work/columns"
            echo "REPLACE INTO costwright.$table ($columns) SELECT $columns FROM whole.$table;"
        done
    } >"$work/rows.sql"
    mariadb --no-defaults -S "$dir/run/db.sock" -u root costwright <"$work/rows.sql"
}
# sums DATABASE: rows and a checksum of the level's columns, table by table
sums() {
    while read -r table columns; do
        printed=$(echo "$columns" | sed "s/\`\([a-z_0-9]*\)\`/IFNULL(HEX(CAST(\`\1\` AS BINARY)), '-')/g")
        echo "SELECT '$table', COUNT(*), BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT_WS('/', $printed)), 15), 16, 10) AS UNSIGNED)) FROM $1.$table;"
    done <"$work/columns" >"$work/sums.sql"
    mariadb --no-defaults -S "$dir/run/db.sock" -u root -N <"$work/sums.sql"
}
# values_of DATABASE: what its open campaigns know
values_of() {
    sql "SELECT HEX(CONCAT(v.org_id, v.campaign_id, v.digest)) FROM $1.labeling_value v
        JOIN $1.labeling_campaign c ON c.org_id = v.org_id AND c.id = v.campaign_id WHERE c.status = 'open' ORDER BY 1"
}

level=1
cuts=0
while [ $level -lt "$newest" ]; do
    check "$level: put back" put_back $level
    check "$level: the service is not ready" wait_for 5 not_ready
    check "$level: costwrightctl says what to do" sh -c "'$build/costwrightctl' --config '$dir/costwright.conf' purge 2>&1 | grep -q 'run costwrightctl migrate'"
    # from 8 on all tables are there that it looks into
    [ $level -ge 8 ] || check "$level: so does verify" sh -c "'$build/costwrightctl' --config '$dir/costwright.conf' verify --database 2>&1 | grep -q '^costwrightctl: .*run costwrightctl migrate'"
    check "$level: it is backed up before" ctl backup "$work/before-$level.gz"
    check "$level: and restored" ctl restore --force "$work/before-$level.gz"
    check "$level: as of its version" grep -q "schema version $level; next: costwrightctl migrate" "$work/said"
    sums costwright >"$work/before"
    for seconds in 0.06 0.12 0.25; do
        timeout -s KILL $seconds "$build/costwrightctl" --config "$dir/costwright.conf" migrate >/dev/null 2>&1
        cuts=$((cuts + $(sql "SELECT COUNT(*) FROM costwright.schema_migration WHERE state = 'running'")))
    done
    check "$level: migrated" wait_for 20 "$build/costwrightctl" --config "$dir/costwright.conf" migrate
    check "$level: nothing is left to do" ctl migrate
    check "$level: it says so" grep -q "version $newest: nothing to do" "$work/said"
    sums costwright >"$work/after"
    check "$level: every row of every table is as it was" cmp -s "$work/before" "$work/after"
    sums whole >"$work/whole"
    check "$level: and as in the whole" cmp -s "$work/whole" "$work/after"
    if [ $level -ge 5 ]; then
        values_of costwright >"$work/known"
        values_of whole >"$work/known_whole"
        check "$level: open campaigns know their values as if they had been there from the start" cmp -s "$work/known_whole" "$work/known"
        check "$level: they know some" [ "$(wc -l <"$work/known")" -ge 8 ]
    fi
    check "$level: tables were compared" [ "$(awk '$2 > 0' "$work/after" | wc -l)" -ge $((level * 2)) ]
    check "$level: the tables are the newest ones" [ "$(tables_of costwright)" = "$(tables_of whole)" ]
    # of level 1 are organisations, not yet their environments
    [ $level = 1 ] || check "$level: rows are consistent" ctl verify --database
    check "$level: the service is ready" wait_for 10 ready
    if [ $level -ge 2 ]; then
        check "$level: environments are there" [ "$(get /environments | json .length)" = "$environments" ]
    fi
    if [ $level -ge 3 ]; then
        expected=$uncalibrated
        [ $level = 3 ] || expected=$unit_cost
        got=$(curl -s -H "X-API-Key: $key" -H 'Content-Type: application/json' "$url/api/v1/parts/calculations/quote" \
            -d "{\"part_revision_id\": \"$revision\", \"costing_environment_id\": \"$environment\", \"lot_size\": 10}" | json .unit_cost)
        check "$level: a quote says what it said" same_number "$got" "$expected"
    fi
    level=$((level + 1))
done
check "some migrations were cut off in the middle" [ $cuts -ge 1 ]

# the schema a migration makes is the one a new installation gets
structure() { mariadb-dump --no-defaults -S "$dir/run/db.sock" -u root --no-data --skip-comments "$1"; }
structure costwright >"$work/migrated"
sql 'GRANT ALL ON fresh.* TO costwright_migrate@localhost'
check "a new database" ctl --set db_name=fresh migrate
structure fresh >"$work/fresh"
check "has the same tables" cmp -s "$work/migrated" "$work/fresh"

finish
