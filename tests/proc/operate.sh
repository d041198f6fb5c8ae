#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# costwrightctl doctor against an installation with one thing broken at a time, and costwrightctl purge.
. "$(dirname "$0")/lib.sh"

me=$(id -un)
user=$me
doctor() {
    "$build/costwrightctl" --config "$dir/costwright.conf" "$@" doctor --user "$user" --web-user "$me" \
        --nginx-conf "$dir/nginx.conf" >"$work/said" 2>&1 </dev/null
}
# finds AREA WORDS [OPTION...]: doctor ends with 1, says a fault of AREA with WORDS and how to mend it, and no other
finds() {
    area=$1 words=$2
    shift 2
    doctor "$@"
    [ $? = 1 ] && [ "$(grep -c ^fault "$work/said")" = 1 ] && grep -q ': 1 fault$' "$work/said" && grep -q '^ *mend: ' "$work/said" &&
        grep -qE "^fault +$area .*$words" "$work/said" || {
        cat "$work/said"
        return 1
    }
}
sql() { mariadb --no-defaults -S "$dir/run/db.sock" -u root -N costwright -e "$1"; }
# socket MODE COMMAND...: with that mode of the light socket
socket() {
    chmod "$1" "$dir/run/light.sock"
    shift
    "$@"
    status=$?
    chmod 660 "$dir/run/light.sock"
    return $status
}

start operate
check "doctor finds nothing: status 0" doctor
check "a line each" [ "$(grep -c '^ok' "$work/said")" = 9 ]
check "no other line" [ "$(wc -l <"$work/said")" = 9 ]
check "the secret is not in it" sh -c "! grep -qF \"\$(cat '$dir/secret/db.password')\" '$work/said'"
check "no pepper" finds pepper 'neither' --set "pepper_file=$dir/nothing"
chmod 644 "$dir/secret/key.pepper"
check "pepper for all" finds pepper 'others'
chmod 600 "$dir/secret/key.pepper"
check "configuration written by all" sh -c "chmod o+w '$dir/costwright.conf'"
check "is found" finds configuration 'by all'
chmod 600 "$dir/costwright.conf"
check "faulty configuration: status 78" sh -c "'$build/costwrightctl' --set backlog=-1 doctor >'$work/said' 2>&1; [ \$? = 78 ]"
check "socket missing" finds heavy 'No such file' --set "listen_heavy=$dir/run/none.sock"
check "no socket" finds light 'not a socket' --set "listen_light=$dir/costwright.conf"
check "socket for all" socket 666 finds light 'everybody'
check "state directory" finds state 'No such file' --set "state_dir=$dir/none"
user=nobody
check "state directory of another" finds state '(Permission denied|only root)'
user=no-such-user
check "no such user" finds state 'no user'
user=$me
check "wrong password" finds database '1045' --set "db_password_file=$dir/secret/key.pepper"
sql 'REVOKE DELETE ON costwright.* FROM costwright@localhost'
check "missing grant" finds database 'lacks DELETE'
sql 'GRANT DELETE ON costwright.* TO costwright@localhost; REVOKE ALTER, DROP ON costwright.* FROM costwright_migrate@localhost'
check "missing grants of migrations" finds migrations 'lacks DROP, ALTER'
sql 'GRANT ALL PRIVILEGES ON costwright.* TO costwright_migrate@localhost'
sql 'UPDATE schema_migration SET state = "running" ORDER BY version DESC LIMIT 1'
check "schema behind" finds schema 'this program needs'
sql 'UPDATE schema_migration SET state = "applied" WHERE state = "running"'
check "too few connections for the workers" finds connections 'max_connections is 400, for 384 workers' \
    --set hosts=4 --set workers_light=94
check "as many as there must be" doctor --set hosts=4 --set workers_light=93
cp "$dir/nginx.conf" "$work/nginx.conf"
sed 's/.*costwright.conf;//' "$work/nginx.conf" >"$dir/nginx.conf"
check "nginx without the site" finds nginx 'does not lead'
sed 's/sendfile/sendfail/' "$work/nginx.conf" >"$dir/nginx.conf"
check "nginx faulty" finds nginx 'sendfail'
cp "$work/nginx.conf" "$dir/nginx.conf"
check "all is mended" doctor

# --- purge: nothing that still counts goes
fill='INSERT INTO idempotency (org_id, caller_id, key_hash, fingerprint, status, sealed, created_at)
    SELECT UUID(), UUID(), UNHEX(SHA2(seq, 256)), UNHEX(SHA2(seq, 256)), 200, 0,
    UTC_TIMESTAMP(6) - INTERVAL'
sql "$fill 1441 MINUTE FROM seq_1_to_2345; $fill 1438 MINUTE FROM seq_1_to_37"
org=$(sql "SELECT id FROM org WHERE name = 'stack'")
sql "INSERT INTO labeling_campaign (org_id, id, name, status, consensus_method, acceptance_alpha, gold_fraction,
        target_redundancy, adaptive_redundancy, created_at)
        VALUES ('$org', '$org', 'c', 'open', 'majority', 0, 0, 1, 0, UTC_TIMESTAMP(6));
    INSERT INTO labeling_assignment (org_id, id, campaign_id, email, status, invited_at)
        VALUES ('$org', '$org', '$org', 'a@example.org', 'active', UTC_TIMESTAMP(6))"
# link NAME EXPIRES: hours ahead
link() {
    sql "INSERT INTO labeling_assignment (org_id, id, campaign_id, email, status, invited_at, link_digest, link_expires_at)
        VALUES ('$org', UUID(), '$org', '$1', 'invited', UTC_TIMESTAMP(6), UNHEX(SHA2('$1', 256)),
        UTC_TIMESTAMP(6) + INTERVAL $2 HOUR)"
}
link ahead@example.org 1
link over@example.org -1
# session NAME CREATED USED ENDED: hours ago
session() {
    ended=NULL
    [ -z "$4" ] || ended="UTC_TIMESTAMP(6) - INTERVAL $4 HOUR"
    sql "INSERT INTO annotator_session (org_id, id, assignment_id, digest, created_at, last_used_at, ended_at)
        VALUES ('$org', UUID(), '$org', UNHEX(SHA2('$1', 256)), UTC_TIMESTAMP(6) - INTERVAL $2 HOUR,
        UTC_TIMESTAMP(6) - INTERVAL $3 HOUR, $ended)"
}
session fresh 0 0 ''
session old 719 11 ''
session idle 20 13 ''
session long 721 1 ''
session left 2 1 1
purge() { "$build/costwrightctl" --config "$dir/costwright.conf" purge "$@" >"$work/said" 2>&1; }
check "batch out of range" sh -c "! '$build/costwrightctl' --config '$dir/costwright.conf' purge --batch 0 2>/dev/null"
check "purge" purge --batch 100
check "what it says" [ "$(tr '\n' ' ' <"$work/said")" = "stored answers: 2345 purged annotator sessions: 3 purged annotator links: 1 purged " ]
check "answers of today stay" [ "$(sql 'SELECT COUNT(*) FROM idempotency')" = 37 ]
check "sessions that live stay" [ "$(sql 'SELECT COUNT(*) FROM annotator_session')" = 2 ]
check "links that can be followed stay" \
    [ "$(sql 'SELECT GROUP_CONCAT(email) FROM labeling_assignment WHERE link_digest IS NOT NULL')" = ahead@example.org ]
check "again: nothing" purge
check "says so" [ "$(tr '\n' ' ' <"$work/said")" = "stored answers: 0 purged annotator sessions: 0 purged annotator links: 0 purged " ]

finish
