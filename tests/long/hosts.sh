#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two hosts of the service behind one nginx, over TCP by the installable example, on one MariaDB: which key goes where, a
# host killed under load, restarts one by one, limits, revocation, a host that has lost its database. Each host has a
# master of its own, with sockets, restarts and state as its systemd would give it.
. "$(dirname "$0")/../proc/lib.sh"

if ! command -v systemd-socket-activate >/dev/null; then
    echo "skipped: a host's sockets need systemd-socket-activate"
    finish
fi

P=/api/v1/parts
start front --workers 4
: >"$work/cut"
# what stands between the second host and the database can end it, or the host
database_of_b() {
    rm -f "$dir/run/cut.sock"
    node "$top/tests/proc/cut_commit.mjs" "$dir/run/cut.sock" "$dir/run/db.sock" "$work/cut" &
    proxy=$!
    wait_for 5 [ -S "$dir/run/cut.sock" ]
}
# settings NAME SOCKET: those of a host
settings() {
    mkdir -p "$work/$1"
    sed -e '/^listen_/d' -e "s|^state_dir = .*|state_dir = $work/$1|" -e "s|^db_socket = .*|db_socket = $2|" \
        "$dir/costwright.conf" >"$work/$1/costwright.conf"
    echo 'hosts = 2' >>"$work/$1/costwright.conf"
}
# the second host in a network of its own, where that can be made: then it can be cut off
network=cw$$
if ip netns add $network 2>/dev/null && ip link add $network type veth peer name eth0 netns $network; then
    subnet=10.214.$(($$ % 250 + 1))
    address_b=$subnet.2
    ip address add $subnet.1/24 dev $network && ip link set $network up && ip -n $network link set lo up &&
        ip -n $network address add $address_b/24 dev eth0 && ip -n $network link set eth0 up || exit 2
else
    network=
fi
# up NAME ADDRESS
up() {
    $([ -z "$network" ] || [ "$1" = a ] || echo ip netns exec $network) systemd-socket-activate -l "$2:9001" -l "$2:9002" --fdname=light:heavy -E PATH -E "CONF=$work/$1/costwright.conf" \
        "$top/tests/long/unit" "$build/costwrightd" </dev/null >>"$work/$1/log" 2>&1 &
    echo $! >"$work/$1/unit"
}
master_of() { (dir=$work/$1 && master); }
down() {
    kill "$(cat "$work/$1/unit")" 2>/dev/null
    wait_for 30 is_gone "$(cat "$work/$1/unit")"
}
# all of a host's processes at once, its sockets with them
host_killed() {
    killed=$(master_of "$1")
    kill -9 "$(cat "$work/$1/unit")" $killed $(for pid in $killed; do workers "$pid"; done)
}
release() {
    down a
    down b
    kill $proxy
    [ -z "$network" ] || ip netns del $network
}

# ready HOST [STATUS]: asked at the host's own port of the example
ready() { [ "$(curl -s -m 25 -o /dev/null -w '%{http_code}' "http://$address_a:918$1/readyz")" = "${2:-200}" ]; }
status_of() { curl -s -m 25 -o "$work/body" -D "$work/head" -w '%{http_code}' -H "X-API-Key: $1" "$url${2:-$P/environments}"; }
is_status() { [ "$(status_of "$2")" = "$1" ]; }
goes_to() { [ "$(host_of "X-API-Key: $1")" = "$2:9001" ]; }
ctl() { "$build/costwrightctl" --config "$work/a/costwright.conf" "$@" 2>>"$work/ctl"; }
# new_key HOST: a key whose requests that host gets
new_key() {
    while fresh=$(ctl key create --org stack --user stack@example.org --name more --scopes parts:read,parts:write); do
        if goes_to "$fresh" "$1"; then
            echo "$fresh"
            return
        fi
    done
}

database_of_b
settings a "$dir/run/db.sock"
settings b "$dir/run/cut.sock"
kill "$(master)"
tcp_upstream
check "nginx takes the example" reload
up a "$address_a"
up b "$address_b"
check "the first host is ready" wait_for 20 ready 1
check "and the second" wait_for 20 ready 2
key_a=$(new_key "$address_a")
key_b=$(new_key "$address_b")
check "a key's imports go where its other requests go" [ "$(host_of "X-API-Key: $key_b" $P/import)" = "$address_b:9002" ]
check "each host has metrics of its own" [ "$(curl -s "http://$address_a:918[1-2]/metrics" | grep -c '^costwright_database_up 1')" = 2 ]

# under_load TEXT COMMAND...: clients of both hosts write meanwhile
under_load() {
    load_text=$1
    shift
    rm -f "$work"/history.*
    for at in a b; do
        eval "at_key=\$key_$at"
        node "$top/tests/long/history.mjs" run "$url" "$at_key" "$work/history.$at" >"$work/ran.$at" 2>&1 &
        eval "load_$at=$!"
    done
    wait_for 60 [ -e "$work/history.a.begun" ] && wait_for 60 [ -e "$work/history.b.begun" ]
    sleep 1
    "$@"
    status=$?
    sleep 1
    : >"$work/history.a.end"
    : >"$work/history.b.end"
    for at in a b; do
        eval "wait \$load_$at"
        ended $? "$load_text, clients of $at: $(head -n 1 "$work/ran.$at")"
        sed 1d "$work/ran.$at"
        for by in "$key_a" "$key_b"; do
            node "$top/tests/long/history.mjs" check "$url" "$by" "$work/history.$at" >"$work/checked" 2>&1
            ended $? "all of it is there, once: $(cat "$work/checked")"
        done
    done
    return $status
}
# clean HOST: every request of its clients was answered, none with a failure
clean() { grep -q '"answers":{' "$work/ran.$1" && ! grep -qE '"(0|5[0-9][0-9])":[0-9]' "$work/ran.$1"; }
pause_of() { grep -o '"longest_pause_seconds":[0-9]*' "$work/ran.$1" | sed 's/.*://'; }

# --- a host is killed, and comes back
lost() { host_killed b && wait_for 10 goes_to "$key_b" "$address_a"; }
under_load "one host is killed" lost
check "the other has taken its keys over" [ $? = 0 ]
check "after less than ten seconds" [ "$(pause_of b)" -lt 10 ]
check "clients of the other saw nothing" clean a
back() { up b "$address_b" && wait_for 20 ready 2 && wait_for 20 goes_to "$key_b" "$address_b"; }
under_load "it comes back" back
check "and has its keys again" [ $? = 0 ]
check "nobody saw that" eval 'clean a && clean b'

# --- its master alone is killed: the sockets stay, systemd starts it again
master_killed() {
    kill -9 "$(master_of b)"
    wait_for 10 ready 2
}
under_load "the master of one is killed" master_killed
check "it is back" [ $? = 0 ]
check "clients of the other saw nothing" clean a

# --- a host is cut off: it answers nothing, and refuses nothing
if [ -n "$network" ]; then
    # seconds KEY: prints how long a request takes
    seconds() { curl -s -m 25 -o /dev/null -w '%{time_total}' -H "X-API-Key: $1" "$url$P/environments"; }
    cut_off() {
        ip -n $network route add blackhole $subnet.1/32
        first=$(seconds "$key_b")
        second=$(seconds "$key_b")
        ip -n $network route del blackhole $subnet.1/32
        wait_for 20 ready 2 && wait_for 20 goes_to "$key_b" "$address_b"
    }
    under_load "one is cut off and comes back" cut_off
    check "it has its keys again" [ $? = 0 ]
    check "the first request waited for it ($first s)" [ "${first%.*}" -lt 10 ]
    check "the next one did not ($second s)" [ "${second%.*}" -lt 3 ]
    check "clients of the other saw nothing" clean a
else
    echo "skipped: no network namespaces here: a host cannot be cut off"
fi

# --- a host dies between COMMIT and answer; the repeated request meets the other host
# dies METHOD PATH BODY [CURL-ARGUMENT...]: the status of a request at whose COMMIT all of host b is killed
dies() {
    method=$1 path=$2 body=$3
    shift 3
    killed=$(master_of b)
    echo kill "$(cat "$work/b/unit")" $killed $(for pid in $killed; do workers "$pid"; done) >"$work/cut"
    call "$method" "$path" "$body" "$@"
}
call() {
    method=$1 path=$2 body=$3
    shift 3
    curl -s -m 25 -X "$method" -o "$work/body" -D "$work/head" -w '%{http_code}' -H "X-API-Key: $key_b" \
        -H 'Content-Type: application/json' -d "$body" "$@" "$url$path"
}
replayed() { grep -qi '^idempotent-replayed: true' "$work/head"; }
stored() { [ "$(mariadb --no-defaults -S "$dir/run/db.sock" -u root -N costwright -e "$1")" = "$2" ]; }
body='{"name": "last words", "valid_from": "2026-01-01"}'
check "a POST whose host died after COMMIT: 502" [ "$(dies POST $P/environments "$body" -H 'Idempotency-Key: last')" = 502 ]
check "the same again is answered by the other host" [ "$(call POST $P/environments "$body" -H 'Idempotency-Key: last')" = 201 ]
check "with what the first had stored" replayed
check "once" stored "SELECT COUNT(*) FROM environment WHERE name = 'last words'" 1
environment=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$work/body")
check "the host comes back" back
check "a PUT is passed on to the other host" \
    [ "$(dies PUT "$P/environments/$environment/identity" '{"description": "passed on"}')" = 200 ]
check "which answers what the first had stored" replayed
check "it took effect" stored "SELECT description FROM environment WHERE name = 'last words'" 'passed on'
check "the host comes back" back

# --- one host after the other, no request lost
replaced() {
    for host in 1:a 2:b; do
        before=$(master_of "${host#*:}")
        kill -TERM "$before"
        wait_for 30 is_gone "$before" && wait_for 30 ready "${host%:*}" || return 1
    done
}
under_load "restarted one by one" replaced
check "both are back" [ $? = 0 ]
check "no request failed" eval 'clean a && clean b'
# host_is_off HOST: marked in nginx, then its units stopped, as before a reboot
off_and_on() {
    sed -i "s/server $address_b:900[12]/& down/" "$dir/nginx/upstream.conf"
    reload && wait_for 10 goes_to "$key_b" "$address_a" && down b || return 1
    up b "$address_b"
    wait_for 20 ready 2
    sed -i 's/ down / /' "$dir/nginx/upstream.conf"
    reload && wait_for 10 goes_to "$key_b" "$address_b"
}
under_load "one is marked down, stopped, started, marked up" off_and_on
check "it is back" [ $? = 0 ]
check "no request got an error" sh -c "! grep -E '\"5[0-9][0-9]\":[0-9]' '$work'/ran.?"

# --- labeling: 12 annotators over both hosts, one of them killed
node "$top/tests/proc/labeling_drain.mjs" "$url" "$key" 600 12 3 >"$work/said" 2>&1 &
load=$!
submitted() { [ "$(grep -c 'operation=label_task_submit status=201' "$work/$1/log")" -gt 30 ]; }
check "both hosts are used" wait_for 30 eval 'submitted a && submitted b'
host_killed b
wait $load
ended $? "12 annotators, one host killed: $(head -n 1 "$work/said")"
sed 1d "$work/said"
check "the host comes back" back

# --- a key is revoked at the first host
# refused_within MS KEY: no request begun later than that is served; sets took, when the last one was
refused_within() {
    began=$(date +%s%3N) took=0 asked=$began
    while is_status 200 "$2" && [ $took -le "$1" ]; do
        took=$((asked - began))
        asked=$(date +%s%3N)
    done
    [ $took -le "$1" ] && is_status 401 "$2"
}
revoke() { ctl key revoke "$1" --org stack >/dev/null; }
for turn in 1 2 3; do
    doomed_a=$(new_key "$address_a")
    doomed_b=$(new_key "$address_b")
    check "both are good" eval 'is_status 200 "$doomed_a" && is_status 200 "$doomed_b"'
    revoke "$(echo "$doomed_a" | cut -d_ -f1-3)"
    check "revoked, it is refused at the first host at once" is_status 401 "$doomed_a"
    is_status 200 "$doomed_b"
    revoke "$(echo "$doomed_b" | cut -d_ -f1-3)"
    check "at the other within 2 s" refused_within 2000 "$doomed_b"
    echo "it was good for $took ms there"
done

# --- limits: a key's is its host's; an organisation's is divided by the hosts
# passes MANY STEP KEY...: of 60 requests with each of them so many pass, and one more each STEP ms since the limits are there
passes() {
    many=$1 step=$2
    shift 2
    good=$(for one in "$@"; do
        curl -s --parallel --parallel-max 8 -o /dev/null -w '%{http_code}\n' -H "X-API-Key: $one" \
            "$url$P/environments?offset=[1-60]" 2>/dev/null
    done | grep -c '^200')
    [ "$good" -ge "$many" ] && [ "$good" -le $((many + ($(date +%s%3N) - limited) / step)) ] || {
        echo "$good passed"
        return 1
    }
}
limit() {
    for host in a b; do
        sed -i "s/^rate_key_per_minute = .*/rate_key_per_minute = $1/; s/^rate_org_per_minute = .*/rate_org_per_minute = $2/" \
            "$work/$host/costwright.conf"
        before=$(master_of $host)
        kill -TERM "$before"
        wait_for 10 is_gone "$before"
    done
    wait_for 20 ready 1 && wait_for 20 ready 2
    limited=$(date +%s%3N)
}
other_b=$(new_key "$address_b")
other_a=$(new_key "$address_a")
limit 30 80
check "of a key 30 pass, all at its host" passes 30 2000 "$key_b"
check "of its organisation half of 80 there" passes 10 1500 "$other_b"
check "and the other half at the other host" passes 40 1500 "$key_a" "$other_a"
limit 30 0
check "a key has its 30" passes 30 2000 "$key_b"
host_killed b
check "and once more at the host that takes over" passes 30 2000 "$key_b"
check "the host comes back" back
limit 0 0

# --- a host that has lost its database, and it alone
kill $proxy
check "its keys get 503" wait_for 10 is_status 503 "$key_b"
check "with Retry-After" grep -qi '^retry-after: [0-9]' "$work/head"
check "it says that it is not ready" ready 2 503
check "the other is" ready 1
check "and serves its keys" is_status 200 "$key_a"
check "nginx does not ask: the keys stay" goes_to "$key_b" "$address_b"
sed -i "s/server $address_b:900[12]/& down/" "$dir/nginx/upstream.conf"
check "marked down" reload
check "its keys are served by the other" wait_for 10 is_status 200 "$key_b"
database_of_b
check "with its database again it is ready" wait_for 10 ready 2
sed -i 's/ down / /' "$dir/nginx/upstream.conf"
check "marked up" reload
check "it has its keys" wait_for 10 goes_to "$key_b" "$address_b"
check "and serves them" wait_for 10 is_status 200 "$key_b"

finish
