#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two hosts of the service on a primary with a replica, over TLS: the primary is killed, the replica promoted, the hosts
# follow by their list. What asynchronous replication can lose is shown; semi-synchronous replication loses nothing.
. "$(dirname "$0")/../proc/lib.sh"
. "$(dirname "$0")/cluster"

# --- a CA, and a certificate for both databases
make_certificates() {
    cd "$nodes" || return 1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -days 2 \
        -subj "/CN=test CA" &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout db.key -out db.csr -subj "/CN=db" &&
        printf 'subjectAltName=IP:%s,IP:%s' "$(address 1)" "$(address 2)" >db.ext &&
        openssl x509 -req -in db.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile db.ext -out db.pem &&
        chmod 644 ca.pem db.pem && chown "$account" db.key
    status=$?
    cd - >/dev/null || return 1
    return $status
}
check "certificates" make_certificates >"$work/openssl" 2>&1

# every node starts read-only: only who promotes it ends that
run() {
    at=$1
    shift
    node_run "$at" --log-bin="$nodes/$at/data/bin" --binlog-format=ROW --gtid-strict-mode --log-slave-updates --sync-binlog=1 \
        --innodb-flush-log-at-trx-commit=1 --read-only=1 --log-error="$nodes/$at/error.log" --ssl-ca="$nodes/ca.pem" \
        --ssl-cert="$nodes/db.pem" --ssl-key="$nodes/db.key" --require-secure-transport=ON --rpl-semi-sync-master-timeout=10000 "$@" \
        </dev/null >/dev/null 2>&1 &
    wait_for 30 node_answers "$at"
}
# follow REPLICA PRIMARY
follow() {
    sql "$1" "STOP SLAVE; CHANGE MASTER TO MASTER_HOST = '$(address "$2")', MASTER_PORT = $db_port,
        MASTER_USER = 'replication', MASTER_PASSWORD = '$replication', MASTER_SSL = 1, MASTER_USE_GTID = slave_pos;
        START SLAVE"
}
status_of() { mariadb --no-defaults -S "$nodes/$1/s" -u root -e 'SHOW ALL SLAVES STATUS\G'; }
follows() { [ "$(status_of "$1" | grep -c 'Running: Yes')" = 2 ]; }
caught_up() { [ "$(sql "$1" 'SELECT @@gtid_current_pos')" = "$(sql "$2" 'SELECT @@gtid_current_pos')" ]; }
all_applied() { status_of "$1" | grep -q 'Slave_SQL_Running_State: Slave has read all relay log'; }
# promote I: what it has received is applied first
promote() {
    sql "$1" "STOP SLAVE IO_THREAD"
    wait_for 30 all_applied "$1"
    sql "$1" "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0"
}

node_new 1
run 1
sql 1 "SET GLOBAL read_only = 0; $(users)"
node_new 2
run 2
follow 2 1
check "a replica follows" wait_for 20 follows 2

app a "$(hosts 1 2)" --set "db_ca=$nodes/ca.pem" --workers 4
url_a=$url dir_a=$dir
app b "$(hosts 1 2)" --set "db_ca=$nodes/ca.pem" --workers 4
url_b=$url dir_b=$dir
urls=$url_a,$url_b

load() {
    rm -f "$work/history" "$work/history.begun" "$work/history.end"
    node "$top/tests/long/history.mjs" run "$urls" "$key" "$work/history" >"$work/ran" 2>&1 &
    load=$!
    wait_for 60 [ -e "$work/history.begun" ]
}
end_load() {
    : >"$work/history.end"
    wait $load
}
history_of() { node "$top/tests/long/history.mjs" check "$url_a" "$key" "$work/history" >"$work/checked" 2>&1; }
figure() { grep -o "\"$1\":[0-9.]*" "$work/checked" | head -n 1 | sed 's/.*://'; }
database_of() { sql "$1" "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE user = 'costwright'"; }

# --- semi-synchronous: COMMIT is answered when a replica has it
sql 2 "SET GLOBAL rpl_semi_sync_slave_enabled = 1; STOP SLAVE IO_THREAD; START SLAVE IO_THREAD"
sql 1 "SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC; SET GLOBAL rpl_semi_sync_master_enabled = 1"
check "semi-synchronous replication is on" wait_for 10 sh -c "[ \"\$(mariadb --no-defaults -S '$nodes/1/s' -u root -N -e \
    \"SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Rpl_semi_sync_master_clients'\")\" = 1 ]"
load
sleep 3
node_kill 1
promote 2
sleep 3
end_load
ended $? "the primary is killed, the replica promoted: $(head -n 1 "$work/ran")"
sed 1d "$work/ran"
history_of
ended $? "semi-synchronous: nothing acknowledged is lost or doubled: $(cat "$work/checked")"

# --- the old primary comes back, first in the list, but read-only: nobody goes there
run 1
sleep 2.5
curl -s -o /dev/null -H "X-API-Key: $key" "$url_a/api/v1/parts/environments"
check "the old primary is left alone" [ "$(database_of 1)" = 0 ]
check "the promoted one is used" [ "$(database_of 2)" -gt 0 ]
node_kill 1
rm -rf "$nodes/1/data"
# a fresh copy, as mariadb-backup would make it
mariadb-dump --no-defaults -S "$nodes/2/s" -u root --all-databases --single-transaction --gtid --master-data=1 \
    >"$work/copy.sql" 2>/dev/null
cp -a "$nodes/empty" "$nodes/1/data"
run 1
{ echo 'SET sql_log_bin = 0;' && cat "$work/copy.sql" && echo 'FLUSH PRIVILEGES;'; } |
    mariadb --no-defaults -S "$nodes/1/s" -u root
follow 1 2
check "and becomes the replica" wait_for 20 follows 1
check "which catches up" wait_for 20 caught_up 1 2
check "with the same data" same_data 1 2

# --- asynchronous: a replica that is behind loses what it had not received
load
sleep 2
sql 1 "STOP SLAVE IO_THREAD" # as a slow network would
sleep 1
node_kill 2
promote 1
sleep 3
end_load
echo "asynchronous: $(head -n 1 "$work/ran")"
history_of
lost=$(figure missing)
check "asynchronous: what the replica had not received is lost: $(head -n 1 "$work/checked")" [ "$lost" -gt 0 ]
check "that is the last part of the history, before the change" \
    [ "$(figure first_missing)" -gt 0 -a "$lost" -lt "$(figure acknowledged)" ]
check "nothing is doubled" [ "$(figure doubled)" = 0 ]
check "the hosts followed by themselves" [ "$(database_of 1)" -gt 0 ]

# --- a log of statements would break the next replica: doctor says so
sql 1 "SET GLOBAL binlog_format = 'MIXED'"
"$build/costwrightctl" --config "$dir_b/costwright.conf" doctor >"$work/said" 2>&1
check "doctor finds a binary log of statements" grep -q '^fault *binary log' "$work/said"
sql 1 "SET GLOBAL binlog_format = 'ROW'"
"$build/costwrightctl" --config "$dir_b/costwright.conf" doctor >"$work/said" 2>&1
check "and none of rows" sh -c "! grep -q 'binary log' '$work/said' && grep -q 'connects and has its grants' '$work/said'"

# --- TLS is no matter of good will
"$build/costwrightctl" --config "$dir_b/costwright.conf" --set "db_ca=$nodes/db.pem" org list >"$work/said" 2>&1
check "another CA is refused" [ $? != 0 ]
"$build/costwrightctl" --config "$dir_b/costwright.conf" --set db_ca= org list >"$work/said" 2>&1
check "and so is, by the server, who speaks no TLS" [ $? != 0 ]
"$build/costwrightctl" --config "$dir_b/costwright.conf" org list >"$work/said" 2>&1
check "the right one is taken" [ $? = 0 ]

finish
