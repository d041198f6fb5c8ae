#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Three hosts of the service on a Galera cluster of three: writes to one node with failover, and to all three; a database
# node, all of them, a host killed; a node cut off. No acknowledged write lost, none doubled. Where several nodes are
# written a change of one hot row may be lost, a number's raise or a lease (Jepsen's lost update): that is told, not judged.
. "$(dirname "$0")/../proc/lib.sh"
. "$(dirname "$0")/cluster"

galera=/usr/lib/galera/libgalera_smm.so
if [ ! -e $galera ] || ! command -v wsrep_sst_rsync >/dev/null; then
    echo "skipped: no Galera and its scripts here; ./bootstrap --long installs them"
    finish
fi

# cluster_run I OPTION...: a node, as sql/galera.cnf.example says, but for the shorter patience with a silent node. The
# others have half of inactive_timeout to agree that it is gone; on a busy machine 2 s were too few, and none was left.
cluster_run() {
    at=$1
    shift
    node_run "$at" --binlog-format=ROW --innodb-autoinc-lock-mode=2 --innodb-flush-log-at-trx-commit=1 --wsrep-on=ON \
        --wsrep-provider=$galera --wsrep-cluster-name=costwright --wsrep-node-name="n$at" \
        --wsrep-node-address="$(address "$at")" --wsrep-cluster-address="gcomm://$(hosts 1 2 3)" --wsrep-slave-threads=2 \
        --wsrep-provider-options="gmcast.listen_addr=tcp://$(address "$at"):4567;ist.recv_addr=$(address "$at"):4568;gcache.size=64M;evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.3S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT8S" \
        --wsrep-sst-method=rsync --wsrep-sst-receive-address="$(address "$at"):4444" "$@"
}
cluster_start() {
    at=$1
    shift
    # what was committed last, as Debian's unit asks with galera_recovery: without it a killed cluster comes back divergent
    position=$(cluster_run "$at" --wsrep-recover --disable-log-error 2>&1 |
        grep -oE 'Recovered position:? *[0-9a-f-]+:-?[0-9]+' | tail -n 1 | grep -oE '[0-9a-f]{8}-.*')
    positions="${positions-}${position##*:} "
    cluster_run "$at" --log-error="$nodes/$at/error.log" ${position:+--wsrep-start-position=$position} "$@" \
        </dev/null >/dev/null 2>&1 &
}
state() { sql "$1" "SELECT variable_value FROM information_schema.global_status WHERE variable_name = '$2'" 2>/dev/null; }
synced() { [ "$(state "$1" wsrep_local_state_comment)" = Synced ]; }
all_synced() { synced 1 && synced 2 && synced 3 && [ "$(state 1 wsrep_cluster_size)" = 3 ]; }

for i in 1 2 3; do
    node_new $i
done
cluster_start 1 --wsrep-new-cluster
wait_for 30 synced 1
cluster_start 2
wait_for 60 synced 2
cluster_start 3
check "three nodes" wait_for 60 all_synced
[ $failed = 0 ] || { grep -hE "SST|ERROR" "$nodes"/?/error.log | tail -n 30; finish; }
sql 1 "$(users)"

app a "$(hosts 1 2 3)" --workers 4
url_a=$url dir_a=$dir
app b "$(hosts 1 2 3)" --workers 4
url_b=$url dir_b=$dir
app c "$(hosts 1 2 3)" --workers 4
url_c=$url dir_c=$dir
urls=$url_a,$url_b,$url_c

# under_load TEXT COMMAND...: history.mjs writes for two seconds, the command, and five seconds more
under_load() {
    load_text=$1
    shift
    rm -f "$work/history" "$work/history.begun" "$work/history.end"
    node "$top/tests/long/history.mjs" run "$urls" "$key" "$work/history" >"$work/ran" 2>&1 &
    load=$!
    wait_for 60 [ -e "$work/history.begun" ]
    sleep 2
    "$@"
    sleep 6
    : >"$work/history.end"
    wait $load
    ended $? "$load_text: $(head -n 1 "$work/ran")"
    sed 1d "$work/ran"
}
# history_holds [created]: nothing acknowledged is missing or there twice, no raise lost; or nothing of what was created
history_holds() {
    node "$top/tests/long/history.mjs" check "$urls" "$key" "$work/history" $* >"$work/checked" 2>&1
    ended $? "${1:-all of it} is there, once, at every host: $(grep '^{' "$work/checked" | sort -u | paste -s -d' ')"
}
connections() { sql "$1" "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE user = 'costwright'"; }
used_only() {
    for at in "$url_a" "$url_b" "$url_c"; do
        curl -s -o /dev/null "$at/readyz"
    done
    for at in 1 2 3; do
        if [ $at = "$1" ]; then
            [ "$(connections $at)" -gt 0 ] || return 1
        else
            [ "$(connections $at)" = 0 ] || return 1
        fi
    done
}
# workers come back to the first node only by new connections
back_to_first() {
    for dir in "$dir_a" "$dir_b" "$dir_c"; do
        kill -HUP "$(master)"
    done
    check "after a reload only the first node is used" wait_for 60 used_only 1
}
whole() {
    check "all nodes are back in step" wait_for 90 all_synced
    check "with the same data" wait_for 10 same_data 1 2 3
    cat "$work/differences"
}

# --- writes to one node
under_load "the written node is killed" node_kill 1
history_holds
cluster_start 1
whole

if [ $netns = yes ]; then
    isolate() { sever 1 2 && sever 1 3; }
    join() { heal 1 2 && heal 1 3; }
    back_to_first
    under_load "the written node is cut off from the others, not from the service" isolate
    check "alone it is no cluster" [ "$(state 1 wsrep_cluster_status)" != Primary ]
    join
    history_holds
    whole
else
    echo "skipped: no network namespaces here: a node cannot be cut off"
fi

all_killed() {
    node_kill 1 2 3
    positions=
    for at in 1 2 3; do
        cluster_start $at
    done
    echo "positions of the killed nodes: $positions"
    wait_for 90 all_synced
}
# workers take whichever node is there first: for a while several are written
under_load "all nodes are killed at once and started again" all_killed
history_holds created
whole
back_to_first
under_load "after that, written at one node again, it is killed" node_kill 1
history_holds
cluster_start 1
whole

# --- two nodes are gone: the one that is left is no cluster until it is told to be one
primary() { [ "$(state "$1" wsrep_cluster_status)" = Primary ]; }
size_is() { [ "$(state 1 wsrep_cluster_size)" = "$1" ]; }
no_cluster() { ! primary 1; }
bootstrap() { sql "$1" "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'"; }
majority_lost() {
    node_kill 2 3
    wait_for 30 no_cluster
    check "without a majority there is no cluster" [ $? = 0 ]
    sleep 1
    bootstrap 1
    check "bootstrapped by hand, it is one" wait_for 30 primary 1
}
under_load "two nodes are killed, the written one is bootstrapped" majority_lost
history_holds
cluster_start 2
cluster_start 3
whole

# --- the nodes die one after the other; started again they meet by themselves, or the furthest begins anew
begin_anew() {
    node_kill 1 2 3
    sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' "$nodes/$1/data/grastate.dat"
    cluster_start "$1" --wsrep-new-cluster
    wait_for 60 synced "$1"
    for at in 1 2 3; do
        [ $at = "$1" ] || cluster_start $at
    done
    wait_for 60 all_synced
}
one_after_the_other() {
    node_kill 3
    wait_for 30 size_is 2
    sleep 1 # the two write on
    node_kill 2
    wait_for 30 no_cluster
    node_kill 1
    positions=
    for at in 1 2 3; do
        cluster_start $at
    done
    if wait_for 60 all_synced; then
        echo "met by themselves, from positions $positions"
    else
        furthest=$(printf '%s\n' $positions | awk '$1 > most { most = $1; at = NR } END { print at }')
        echo "node $furthest begins anew, from positions $positions"
        begin_anew "$furthest"
    fi
}
under_load "the nodes are killed one after the other and started again" one_after_the_other
history_holds created
whole
back_to_first

# --- writes to all nodes
for pair in "a 1 2 3" "b 2 3 1" "c 3 1 2"; do
    set -- $pair
    sed -i "s/^db_host = .*/db_host = $(hosts "$2" "$3" "$4")/" "$work/$1/costwright.conf"
    dir=$work/$1
    kill -HUP "$(master)"
done
sleep 2
under_load "writes to all three, one of them is killed" node_kill 2
history_holds created
cluster_start 2
whole

host_killed() {
    dir=$dir_c
    for pid in $(master); do
        kill -9 "$pid"
    done
}
under_load "a host of the service is killed" host_killed
urls=$url_a,$url_b
history_holds created
setsid "$build/costwrightd" --config "$dir_c/costwright.conf" </dev/null >>"$dir_c/logs/costwrightd.log" 2>&1 &
url=$url_c
ready() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" = 200 ]; }
check "it comes back" wait_for 10 ready
urls=$url_a,$url_b,$url_c

node "$top/tests/proc/labeling_drain.mjs" "$urls" "$key" 600 12 3 several >"$work/said" 2>&1 &
load=$!
sleep 4
node_kill 3
wait $load
ended $? "12 annotators over three hosts on three nodes, one killed: $(head -n 1 "$work/said")"
sed 1d "$work/said"
cluster_start 3
whole
retries=$(for dir in "$dir_a" "$dir_b" "$dir_c"; do grep -o 'retries=[0-9]*' "$dir/logs/costwrightd.log"; done |
    awk -F= '{ n += $2 } END { print n + 0 }')
echo "transactions run again, seen by no client: $retries"

finish
