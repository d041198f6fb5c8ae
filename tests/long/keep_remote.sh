#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Backup and restore over TCP with TLS, verified: the first host of db_host is not there, the password is an awkward one.
. "$(dirname "$0")/../proc/lib.sh"
if ! command -v openssl >/dev/null; then
    echo "skipped: a certificate needs openssl"
    finish
fi

password="a\"b'c\\d#e f;\$g%h"
port=$((25000 + $$ % 5000))
mkdir "$work/run"
as=
[ "$(id -u)" != 0 ] || as=--user=root
for side in real other; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=127.0.0.1 \
        -addext subjectAltName=IP:127.0.0.1 -keyout "$work/run/$side.key" -out "$work/run/$side.pem" 2>/dev/null
done
mariadb-install-db --no-defaults $as --datadir="$work/run/data" --skip-test-db --force --auth-root-authentication-method=normal \
    --skip-name-resolve --innodb-log-file-size=16M >/dev/null 2>&1
mariadbd --no-defaults $as --datadir="$work/run/data" --socket="$work/run/s" --bind-address=127.0.0.1 --port=$port \
    --pid-file="$work/run/pid" --log-error="$work/run/error.log" --innodb-log-file-size=16M --skip-log-bin --skip-name-resolve \
    --ssl-cert="$work/run/real.pem" --ssl-key="$work/run/real.key" --require-secure-transport=ON --tmpdir="$work/run" &
database=$!
release() { kill -9 $database 2>/dev/null; }
root() { mariadb --no-defaults -S "$work/run/s" -u root -N -e "$1"; }
check "a database with TLS" wait_for 20 root 'DO 1'
printf '%s' "$password" >"$work/password"
quoted=$(sed "s/\\\\/\\\\\\\\/g; s/'/''/g" "$work/password")
root "CREATE USER costwright@'%' IDENTIFIED BY '$quoted' REQUIRE SSL; GRANT SELECT, INSERT, UPDATE, DELETE ON costwright.* TO costwright@'%';
    CREATE USER costwright_migrate@'%' IDENTIFIED BY '$quoted' REQUIRE SSL; GRANT ALL ON costwright.* TO costwright_migrate@'%'"
cat >"$work/conf" <<END
db_socket =
db_host = 127.0.0.9,127.0.0.1
db_port = $port
db_ca = $work/run/real.pem
db_password_file = $work/password
db_admin_password_file = $work/password
state_dir = $work
END
ctl() { "$build/costwrightctl" --config "$work/conf" "$@" >"$work/said" 2>&1 </dev/null || { cat "$work/said"; return 1; }; }
fails() { ! "$@" >/dev/null; }
check "migrate" ctl migrate
check "an organisation" ctl org create 'Far Away'
check "backup" ctl backup "$work/a.gz"
check "verify" ctl verify --file "$work/a.gz" --database
root 'DROP DATABASE costwright'
check "restore" ctl restore "$work/a.gz"
check "what was there is there" sh -c "mariadb --no-defaults -S '$work/run/s' -u root -N -e 'SELECT name FROM costwright.org' | grep -qx 'Far Away'"
check "not from a server of another name" fails ctl --set "db_ca=$work/run/other.pem" backup "$work/b.gz"
check "nothing is left of that" [ -z "$(find "$work" -name '*b.gz*')" ]

finish
