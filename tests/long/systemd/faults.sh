# SPDX-License-Identifier: GPL-3.0-or-later
# Part of systemd.sh: under load, what an operator does and what goes wrong.

# limits would answer 429 to one host that asks without a pause
printf 'rate_key_per_minute = 0\nrate_org_per_minute = 0\nrequest_seconds = 5\n' >>"$root/etc/costwright/costwright.conf"
sed -i '/fence-/d' "$root/etc/nginx/sites-available/costwright"
inside systemctl restart costwright.service
reload_nginx

load_begin() { # METHOD PATH [BODY]
    nsenter -t "$init" -n -- node "$top/tests/long/load.mjs" "$api$2" "$1" 8 "$work/seen" "${3-}" &
    load=$!
    sleep 2
}
load_end() {
    sleep "${1:-1}"
    kill "$load"
    wait "$load"
    seen=$(cat "$work/seen")
    echo "    $seen"
}
# field NAME: of what load saw
field() { node -p 'JSON.parse(process.argv[1])[process.argv[2]]' "$seen" "$1"; }
none_failed() { [ "$(field failed)" = 0 ] && [ "$(field ok)" -gt 100 ]; }
failed_most() { [ "$(field failed)" -le "$1" ] && [ "$(field ok)" -gt 100 ] && [ "$(field envelopes)" = "$(field failed)" ]; }
of() { inside systemctl show -P "$1" costwright.service; }
main() { of MainPID; }
# the light workers, as the container counts them: children of the master that hold the light queue
light_workers() {
    inside sh -c 'queue=$(awk "\$4 == \"00010000\" && \$8 == \"/run/costwright/light.sock\" { print \$7 }" /proc/net/unix)
        for pid in $(pgrep -P '"$(main)"'); do
            ls -l /proc/$pid/fd 2>/dev/null | grep -q "socket:\[$queue\]" && echo $pid
        done'
}
ready() { [ "$(inside curl -s -o /dev/null -w '%{http_code}' http://localhost/readyz)" = 200 ]; }
journal_says() { inside journalctl -u costwright --no-pager -o cat | grep -q "$1"; }

for method in GET POST; do
    case $method in
    GET) path=/environments body= ;;
    POST) path=/calculations/quote body=$quote ;;
    esac
    load_begin $method $path "$body"
    for turn in 1 2 3; do
        inside systemctl restart costwright.service
        sleep 1
    done
    load_end
    check "$method: three restarts, no request fails" none_failed
    load_begin $method $path "$body"
    for turn in 1 2 3; do
        inside systemctl reload costwright.service
        sleep 1
    done
    load_end
    check "$method: three reloads, no request fails" none_failed
done
check "a reload returns only when all workers are new" journal_says 'ready: 4 light and 2 heavy workers'

kill_five() {
    for turn in 1 2 3 4 5; do
        inside kill -KILL "$(light_workers | sed -n 2p)"
        sleep 0.7
    done
}
load_begin POST /calculations/quote "$quote"
kill_five
load_end
check "POST: five workers killed, at most their five requests fail, in the envelope" failed_most 5
load_begin GET /environments
kill_five
load_end
check "GET: five workers killed, nginx asks another one" none_failed

load_begin POST /calculations/quote "$quote"
inside kill -KILL "$(main)"
sleep 4
load_end
check "the master killed: at most the requests in progress fail" failed_most 8
check "and it is back within three seconds" [ "$(field longest_ms)" -lt 3000 ]
check "ready again" wait_for 10 ready

# a worker that hangs: request_seconds is 5, the master waits 10 s more
load_begin POST /calculations/quote "$quote"
stopped=$(light_workers | sed -n 2p)
inside kill -STOP "$stopped"
sleep 18
load_end
check "a stopped worker: its request fails and no other" failed_most 1
check "it was killed for it" journal_says "worker $stopped is stuck: killed"

# a master that hangs: WatchdogSec is 30
former_main=$(main)
load_begin POST /calculations/quote "$quote"
inside kill -STOP "$former_main"
another_main() { [ "$(main)" != "$former_main" ] && [ "$(main)" != 0 ]; }
check "a stopped master: the watchdog ends it" wait_for 60 another_main
sleep 3
load_end
check "and at most the requests in progress fail" failed_most 8
check "ready again by itself" wait_for 10 ready
check "the watchdog is what systemd saw" journal_says 'Watchdog timeout'

# --- a stop: what is in progress is answered
node -e 'const parts = []; for (let i = 0; i < 5000; i++) parts.push({part_number: "S-" + i, process_plan: {material_ref: "S355",
    gross_mass_kg: 2, operations: [{sequence: 10, klass: "milling.3axis_vmc", setup_time_s: 600, cycle_time_s: 60}]}});
    process.stdout.write(JSON.stringify({parts}))' >"$root/root/parts.json"
inside sh -c "curl -s -o /root/imported -w '%{http_code}' -H 'X-API-Key: $KEY' -H 'Content-Type: application/json' \
    -d @/root/parts.json $api/import >/root/status" &
importing=$!
sleep 0.3
begin=$(date +%s)
inside systemctl stop costwright-light.socket costwright-heavy.socket costwright.service
seconds=$(($(date +%s) - begin))
wait $importing
check "a stop in the middle of an import: it is answered" [ "$(cat "$root/root/status")" = 201 ]
check "within TimeoutStopSec (it took $seconds s)" [ $seconds -lt 60 ]
check "the service ended well" [ "$(of Result) $(of ActiveState)" = "success inactive" ]
check "no socket is left" [ ! -e "$root/run/costwright/light.sock" ]
check "nginx says so in the envelope" sh -c "nsenter -t $init -n -- curl -s $api/environments | grep -q upstream_failed"
inside systemctl start costwright-light.socket costwright-heavy.socket
check "the first request starts the service" wait_for 20 ready

# --- a password as a credential, by the drop-in that the package has as an example
check "the pepper reaches the service as a credential" inside cmp /run/credentials/costwright.service/key.pepper $pepper
printf 'a "pass" word' >"$root/etc/costwright/credentials/db.password"
chmod 600 "$root/etc/costwright/credentials/db.password"
inside mariadb -e "ALTER USER costwright@localhost IDENTIFIED BY 'a \"pass\" word'"
inside systemctl restart costwright.service
not_ready() { [ "$(inside curl -s -o /dev/null -w '%{http_code}' http://localhost/readyz)" = 503 ]; }
check "without the password the service is up and not ready" wait_for 10 not_ready
for unit in costwright costwright-purge; do
    mkdir -p "$root/etc/systemd/system/$unit.service.d"
    cp "$root/usr/share/doc/costwright/examples/costwright-db-password.conf.example" \
        "$root/etc/systemd/system/$unit.service.d/db-password.conf"
done
inside systemctl daemon-reload
inside systemctl restart costwright.service
check "with the drop-in it is" wait_for 10 ready
check "the purge has it, too" inside systemctl start costwright-purge.service
echo 'db_password_file = /etc/costwright/credentials/db.password' >>"$root/etc/costwright/costwright.conf"
check "doctor finds nothing then" inside costwrightctl doctor
check "the password is in no log and no argument" sh -c "! { nsenter -t $init -a -- journalctl --no-pager; nsenter -t $init -a -- ps axww; } | grep -F 'a \"pass\" word' | grep -v 'ALTER USER'"
sed -i '/db_password_file/d' "$root/etc/costwright/costwright.conf"
rm -r "$root/etc/systemd/system/costwright.service.d" "$root/etc/systemd/system/costwright-purge.service.d" \
    "$root/etc/costwright/credentials/db.password"
inside mariadb -e "ALTER USER costwright@localhost IDENTIFIED VIA unix_socket"
inside systemctl daemon-reload
inside systemctl restart costwright.service
check "and back" wait_for 10 ready

# --- nginx on another host: the sockets over TCP, by the examples
for pool in light:9001 heavy:9002; do
    mkdir -p "$root/etc/systemd/system/costwright-${pool%:*}.socket.d"
    sed "s/10\.0\.0\.2:9001/127.0.0.2:${pool#*:}/; s/10\.0\.0\.1/127.0.0.1/" \
        "$root/usr/share/doc/costwright/examples/costwright-socket-tcp.conf.example" \
        >"$root/etc/systemd/system/costwright-${pool%:*}.socket.d/tcp.conf"
done
sed 's/10\.0\.0\.[23]:/127.0.0.2:/' "$root/usr/share/costwright/nginx/upstream-tcp.conf.example" \
    >"$root/etc/nginx/costwright-upstream.conf"
cp "$root/etc/nginx/sites-available/costwright" "$work/site"
sed -i 's|/usr/share/costwright/nginx/upstream.conf|/etc/nginx/costwright-upstream.conf|' "$root/etc/nginx/sites-available/costwright"
inside sh -c 'systemctl daemon-reload; systemctl stop costwright.service; systemctl restart costwright-light.socket costwright-heavy.socket; nginx -t -q'
reload_nginx
check "over TCP, through the units" wait_for 20 ready
check "a key is served there" inside curl -fsS -o /dev/null -H "X-API-Key: $KEY" "$api/environments"
cp "$work/site" "$root/etc/nginx/sites-available/costwright"
rm -r "$root"/etc/systemd/system/costwright-*.socket.d "$root/etc/nginx/costwright-upstream.conf"
inside sh -c 'systemctl daemon-reload; systemctl stop costwright.service; systemctl restart costwright-light.socket costwright-heavy.socket'
reload_nginx
check "and back over the unix socket" wait_for 20 ready

# --- a reboot
# systemd-nspawn --keep-unit ends with 133 where a machine would start again
reboot() {
    inside systemctl reboot >/dev/null 2>&1
    wait "$nspawn"
    [ $? = 133 ] && boot
}
check "the container comes up again" reboot
check "and serves without a hand" wait_for 30 ready
check "with the same keys" inside curl -fsS -o /dev/null -H "X-API-Key: $KEY" "$api/environments"
check "the timer waits" inside systemctl is-active -q costwright-purge.timer
check "nothing has failed by then" [ -z "$(inside systemctl --failed --no-legend)" ]
