#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# costwrightctl import-erp: exports as ERP systems print them, into the calibration of a stack.
. "$(dirname "$0")/lib.sh"

send() {
    curl -s -X POST -H "X-API-Key: $key" -H 'Content-Type: application/json' -d "$2" "$url/api/v1/parts$1"
}
first_id() { sed -n 's/^{"id":"\([^"]*\)".*/\1/p'; }
in_file() {
    grep -qE -- "$1" "$2" && return
    cat "$2"
    return 1
}
said() { in_file "$1" "$work/said"; }
# import STATUS ARGUMENT...
import() {
    want=$1
    shift
    "$build/costwrightctl" --config "$dir/costwright.conf" import-erp "$@" >"$work/said" 2>&1
    got=$?
    [ $got = "$want" ] && return
    echo "exit $got"
    cat "$work/said"
    return 1
}
rows() { curl -s -H "X-API-Key: $key" "$url/api/v1/parts/calibration/environments/$env/evidence" | sed -n 's/.*"count":\([0-9]*\).*/\1/p'; }
runs() { curl -s -H "X-API-Key: $key" "$url/api/v1/parts/calibration/environments/$env/runs" | sed -n 's/.*"count":\([0-9]*\).*/\1/p'; }
has() {
    [ "$(rows)/$(runs)" = "$1" ] && return
    echo "rows/runs: $(rows)/$(runs)"
    return 1
}

start stack
org=stack
env=$(send /environments '{"name": "Werk 1", "valid_from": "2020-01-01"}' | first_id)
rate() { send "/environments/$env/rates" "{\"kind\": \"$1\", \"valid_from\": \"2020-01-01\", \"fields\": $2}" >/dev/null; }
rate labour '{"category": "op", "hourly_rate": 36}'
rate material '{"material_ref": "al", "price_per_kg": 5}'
send "/environments/$env/machines" '{"new_machine": {"name": "M", "klass": "milling.3axis_vmc",
    "valid_from": "2020-01-01", "hourly_rate_eur": 72}}' >/dev/null
# a piece: 8.5 material, 9 run; an order: 30 setup
plan='{"material_ref": "al", "gross_mass_kg": 1.7, "operations": [{"sequence": 10, "klass":
    "milling.3axis_vmc", "setup_time_s": 1000, "cycle_time_s": 300, "labour_category": "op"}]}'
send /import "{\"parts\": [{\"part_number\": \"Büchse 7\", \"process_plan\": $plan},
    {\"part_number\": \"B-2\", \"process_plan\": $plan}]}" >/dev/null

# orders FIRST COUNT FORMAT SEPARATOR: what they cost is 1.2 times the model, give or take 5 %
orders() {
    awk -v first="$1" -v n="$2" -v form="$3" 'BEGIN {
        for (i = first; i < first + n; i++) {
            q = 10 + 37 * (i % 31)
            cost = sprintf("%.2f", (30 + 17.5 * q) * 1.2 * (1 + ((i * 7) % 11 - 5) / 100))
            day = 1 + i % 28
            if (form == "sap") {
                sub(/\./, ",", cost)
                whole = substr(cost, 1, length(cost) - 3)
                if (length(whole) > 3)
                    cost = substr(whole, 1, length(whole) - 3) "." substr(cost, length(whole) - 2)
                quantity = q < 1000 ? q "" : "1." sprintf("%03d", q - 1000)
                printf "%012d;B\374chse 7;\"B\374chse; 3/4\"\" kurz\";1000;%s;%s;%02d.03.2026\r\n", i, quantity, cost, day
            } else
                printf "MO/%05d,[B-2] Housing,%d.0,\"%s\",2026-03-%02d 14:05:09\n", i, q, cost, day
        }
    }'
}

sap=$work/sap.csv
{
    printf 'Auftrag;Material;Materialkurztext;Werk;Gelieferte Menge;Istkosten gesamt;Istendtermin\r\n'
    orders 1 40 sap
} >"$sap"
check "a dry run" import 0 "$sap" --org "$org" --environment 'Werk 1' --dry-run
check "says what would be" said 'status +dry_run: Nothing was stored; it would be: activated'
check "says which columns" said '^total_cost is "Istkosten gesamt"$'
check "stores nothing" has 0/0
check "an SAP export" import 0 "$sap" --org "$org" --environment 'Werk 1'
check "all of it" said '^accepted  40$'
check "is stored" has 40/1
check "tells the undo" said "^undo: POST /api/v1/parts/calibration/environments/$env/revert .*unit_cost.* takes run"
"$build/costwrightctl" --config "$dir/costwright.conf" import-erp "$sap" --org "$org" --environment "$env" >"$work/said" 2>&1
check "again: nothing new" said '^nothing new: run .* same evidence'
check "nothing is added" has 40/1
curl -s -H "X-API-Key: $key" "$url/api/v1/parts/calibration/environments/$env/evidence" >"$work/evidence"
# order 28: 10 + 37 * 28 = 1046 pieces, printed as 1.046; (30 + 17.5 * 1046) * 1.2 * 1.04 / 1046 a piece
check "numbers and dates" in_file '"lot_size":1046,[^}]*"actual":21\.875' "$work/evidence"
check "revert, as it says" in_file '"run_id":null' "$(send "/calibration/environments/$env/revert" '{"slot":"unit_cost"}' >"$work/answer"; echo "$work/answer")"

odoo=$work/odoo.csv
{
    printf '\357\273\277Reference,Product,Quantity Produced,MO Cost,End Date\n'
    orders 1 30 odoo
    printf 'MO/90001,[X-9] Unknown,5,100.0,2026-03-05\n'
    printf 'MO/90002,[B-2] Housing,none,100.0,2026-03-05\n'
    printf 'MO/90003,[B-2] Housing,5,100.0,31/31/2026\n'
    printf 'MO/90004,[B-2] Housing,5\n'
    printf 'MO/00001,[B-2] Housing,5,100.0,2026-03-05\n'
} >"$odoo"
check "an Odoo export with bad rows" import 1 "$odoo" --org "$org" --environment "$env" --rejects "$work/rejects" --alpha 0.2
check "counts them" said '^rejected  5, see '
check "the good ones are in" has 70/2
check "unknown part" in_file '^32,"part_number: no part has this number",MO/90001' "$work/rejects"
check "no number" in_file '^33,"quantity: ""none"" is not a number",MO/90002' "$work/rejects"
check "no date" in_file '^34,"occurred_on: .*; got ""31/31/2026""",MO/90003' "$work/rejects"
check "cells lacking" in_file '^35,"the row has 3 cells, the header 5",MO/90004' "$work/rejects"
check "another order of the number" in_file '^36,"work_order_id: .*",MO/00001' "$work/rejects"
check "rejects can be imported" import 1 - --org "$org" --environment "$env" --dry-run <"$work/rejects"
check "and are rejected again" said '^rejected  4$'

{
    printf 'nr\tteil\tstk\tpreis\n'
    printf 'T-1\tB-2\t10\t21.25\nT-2\tB-2\t1 200\t20,5\nT-3\tB-2\t50\t21.75\n'
} >"$work/tab.csv"
{
    printf 'part_number,work_order_id,quantity,total_cost'
    head -c 200000 /dev/zero | sed 's/\x0/,c/g'
    echo
} >"$work/wide.csv"
check "a hundred thousand columns" import 1 "$work/wide.csv" --org "$org" --environment "$env"
check "are too many" said 'is longer than 65,536 bytes'
check "no column" import 1 "$work/tab.csv" --org "$org" --environment "$env"
check "is said, with those that are there" said 'no column for part_number .*--map part_number=COLUMN; the file has "nr", "teil", "stk", "preis"$'
check "mapped" import 1 "$work/tab.csv" --org "$org" --environment "$env" --map part_number=Teil --map work_order_id=nr \
    --map quantity=stk --map unit_cost=preis --from-line 3
check "the line's rest" said '^accepted  1$'
check "replace" import 1 "$work/tab.csv" --org "$org" --environment "$env" --mode replace --decimal point \
    --map part_number=Teil --map work_order_id=nr --map quantity=stk --map unit_cost=preis
check "only the file's rows" has "2/$(runs)"
printf 'part_number,work_order_id,quantity,total_cost\nB-2,1,"1,200","1,234"\n' >"$work/doubt.csv"
check "doubtful numbers" import 1 "$work/doubt.csv" --org "$org" --environment "$env" --dry-run
check "are said" said 'line 2: quantity: 1,200 .* --decimal'
check "replace from a line" import 2 "$sap" --org "$org" --environment "$env" --mode replace --from-line 9
check "no such environment" import 1 "$sap" --org "$org" --environment nowhere
check "alpha out of range" import 1 "$sap" --org "$org" --environment "$env" --alpha 2
check "is said too" said 'target_alpha: '

# days as spreadsheets write them, without leading noughts
env=$(send /environments '{"name": "Werk 2", "valid_from": "2020-01-01"}' | first_id)
{
    echo 'part_number;work_order_id;quantity;total_cost;occurred_on'
    printf 'B-2;D%s;10;246;%s\n' 1 3/4/2026 2 4.3.2026 3 '12/31/2025 9:05' 4 3/4/26
} >"$work/days.csv"
check "days of one digit" import 1 "$work/days.csv" --org "$org" --environment 'Werk 2' --rejects "$work/rejects"
check "three are days" said '^accepted  3$'
check "they cannot be priced, it says why" said '^left out  "[a-z_]+":3$'
check "one has no century" in_file '^5;"occurred_on: .*";B-2' "$work/rejects"
days() {
    curl -s -H "X-API-Key: $key" "$url/api/v1/parts/calibration/environments/$env/evidence" |
        grep -o '"occurred_on":"[^"]*' | cut -d '"' -f 4 | sort | tr '\n' ' '
}
check "the same day twice" [ "$(days)" = '2025-12-31 2026-03-04 2026-03-04 ' ]

# one date says that the file has the day first
{
    echo 'part_number,work_order_id,quantity,total_cost,occurred_on'
    printf 'B-2,D%s,10,246,%s\n' 1 3/4/2026 2 24/4/2026 3 20251231
} >"$work/days.csv"
check "days first" import 1 "$work/days.csv" --org "$org" --environment 'Werk 2' --mode replace
check "are days" [ "$(days)" = '2025-12-31 2026-04-03 2026-04-24 ' ]
echo 'B-2,D4,10,246,4/24/2026' >>"$work/days.csv"
check "another says the opposite" import 1 "$work/days.csv" --org "$org" --environment 'Werk 2' --mode replace --rejects "$work/rejects"
check "month first, then" [ "$(days)" = '2025-12-31 2026-03-04 2026-04-24 ' ]

# Windows-1252, as spreadsheets write it: dash, apostrophe, euro
send /import "{\"parts\": [{\"part_number\": \"Büchse–8\", \"process_plan\": $plan}]}" >/dev/null
{
    printf 'MATNR;AUFNR;ST\334CKZAHL;Istkosten;LIFNR\r\n'
    printf 'B\374chse\2268;W1;50;1\222085,50;M\374ller \200\r\nB-2;W2;50;1085,50 \200;M\374ller \200\r\n'
} >"$work/windows.csv"
check "Windows-1252" import 1 "$work/windows.csv" --org "$org" --environment 'Werk 2' --mode replace
check "one order is in" said '^accepted  1$'
check "one is no number" said '^line 3: total_cost: "1085,50 €" is not a number$'
curl -s -H "X-API-Key: $key" "$url/api/v1/parts/calibration/environments/$env/evidence" >"$work/evidence"
check "its supplier" in_file '"bin":"Müller €"' "$work/evidence"
check "its cost" in_file '"actual":21\.71[^0-9]' "$work/evidence"
unknown() {
    node -e 'const known = require("fs").readFileSync(process.argv[1], "utf8").match(/aliases\[[^]*?};/)[0].match(/[a-z0-9]+/g);
        import(process.argv[2]).then(({ orderTargets }) => orderTargets.flatMap(({ names }) => names)
            .filter((name) => !known.includes(name)).forEach((name) => console.log(name)))' \
        "$top/src/ctl_erp_columns.c" "$top/nginx/html/console/columns.js"
}
check "every column that the console knows by name" [ "$(unknown 2>&1)" = "" ]

finish
