#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The package under a real systemd: a Debian tree in a container, the installation page's own lines, and then what
# operators do and what goes wrong: restarts, reloads, kills, hangs, a reboot, an upgrade, a removal. Needs root.
# COSTWRIGHT_DEB names a package that was made already; else make deb makes one.
. "$(dirname "$0")/../proc/lib.sh"

for tool in mmdebstrap systemd-nspawn nsenter node dpkg-buildpackage lintian; do
    if ! command -v $tool >/dev/null; then
        echo "skipped: $tool is missing; ./bootstrap --long installs it"
        finish
    fi
done
if [ "$(id -u)" != 0 ]; then
    echo "skipped: a container needs root"
    finish
fi

# --- the container

root=$work/root
nspawn=
init=
power_off() {
    [ -n "$nspawn" ] || return 0
    inside timeout 60 systemctl poweroff --force >/dev/null 2>&1
    wait_for 60 is_gone "$nspawn" || kill -KILL "$nspawn"
    wait "$nspawn" 2>/dev/null
    nspawn=
}
stop_stacks() { power_off; }
inside() { nsenter -t "$init" -a -- "$@"; }
# A reload of nginx returns before its new workers are there, and the old ones close what they have taken meanwhile.
are_gone() {
    for pid in "$@"; do
        inside kill -0 "$pid" 2>/dev/null && return 1
    done
    return 0
}
reload_nginx() {
    old=$(inside pgrep -f 'nginx: worker process')
    inside systemctl reload nginx
    wait_for 10 are_gone $old
}
# the container's first process
find_init() {
    init=$(cat /proc/"$nspawn"/task/*/children 2>/dev/null | awk '{ print $1; exit }')
    [ -n "$init" ] && case $(inside systemctl is-system-running 2>/dev/null) in
    running | degraded) ;;
    *) return 1 ;;
    esac
}
boot() {
    systemd-nspawn -q -D "$root" --private-network --register=no --keep-unit -b --machine="costwright-$$" \
        --console=pipe </dev/null >"$work/console" 2>&1 &
    nspawn=$!
    wait_for 90 find_init
}

# the tree is made once: packages come over the network
base=$build/build/container-base.tar
if [ ! -s "$base" ]; then
    mkdir -p "$build/build"
    packages=bash-completion,ca-certificates,curl,dbus,jq,libfcgi0ldbl,libgsl27,libmariadb3,libsodium23
    packages=$packages,man-db,mariadb-server,nginx,procps,systemd,systemd-sysv
    mmdebstrap --quiet --format=tar --variant=minbase --include=$packages bookworm "$base.new" && mv "$base.new" "$base" || exit 2
fi
deb=${COSTWRIGHT_DEB-}
if [ -z "$deb" ]; then
    make -s -C "$build" deb >"$work/deb.log" 2>&1 || {
        tail -n 30 "$work/deb.log"
        exit 2
    }
    deb=$(ls "$build"/build/deb/costwright_*.deb)
fi
clean() { lintian --allow-root --fail-on error,warning --info --display-info "$deb" >"$work/lintian" 2>&1 && ! grep '^[EWI]:' "$work/lintian"; }
check "lintian finds nothing" clean

mkdir "$root"
tar -xpf "$base" -C "$root"
cp "$deb" "$root/root/"
check "the container boots" boot
[ -n "$init" ] || finish

# --- the installation page

# page ID: the lines of that pre
page() {
    sed -n "/<pre [^>]*id=\"$1\">/,/<\/pre>/p" "$top/nginx/html/docs/install.html" |
        sed 's/<[^<>]*>//g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g'
}
{
    echo 'set -e; cd /root; apt() { apt-get -qq -y "$@"; }'
    page lines-install
    echo 'echo "KEY=$KEY" >/root/key'
} >"$root/root/install.sh"
{
    echo 'set -e; . /root/key'
    page lines-quote
    echo 'echo "URL_ENV=$ENV URL_REVISION=$REVISION" >>/root/key'
} >"$root/root/quote.sh"
first_quote() { inside bash /root/quote.sh | tee "$work/quoted" | grep -q "$1[0-9]*\$"; }
check "the page has ten lines or fewer from package to key" [ "$(page lines-install | wc -l)" -le 10 ]
check "its lines run" inside bash /root/install.sh
check "and the site answers" wait_for 10 inside curl -fs -o /dev/null http://localhost/readyz
check "the first quote is what it should be: 2.4 kg at 1.35 and (90 + 240) s at 58" first_quote 8.556666
. "$root/root/key" 2>/dev/null || finish
KEY=$KEY
export KEY
api=http://localhost/api/v1/parts
quote="{\"part_revision_id\":\"$URL_REVISION\",\"costing_environment_id\":\"$URL_ENV\",\"lot_size\":20}"

mode() { [ "$(stat -c '%a %U %G' "$root$2")" = "$1" ]; }
inside_mode() { [ "$(inside stat -c '%a %U %G' "$2")" = "$1" ]; }
pepper=/etc/costwright/credentials/key.pepper
sum() { sha256sum <"$root$pepper"; }
first_pepper=$(sum)
check "the credentials are root's alone" inside_mode "700 root root" /etc/costwright/credentials
check "so is the pepper" inside_mode "600 root root" $pepper
check "the sockets are nginx's" inside_mode "660 www-data www-data" /run/costwright/light.sock
check "the state is the service's" inside_mode "600 costwright costwright" /run/costwright-state/epoch
for page in "8 costwrightd" "8 costwrightctl" "5 costwright.conf"; do
    check "man $page" inside sh -c "man $page | grep -q COSTWRIGHT"
done
check "completion is found" inside bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader costwrightctl
    COMP_WORDS=(costwrightctl doc); COMP_CWORD=1; _costwrightctl 2>/dev/null; [ "${COMPREPLY[*]}" = doctor ]'
check "the pages are served" inside curl -fsS -o /dev/null http://localhost/docs/install
check "the purge runs" inside systemctl start costwright-purge.service
check "nothing has failed" [ -z "$(inside systemctl --failed --no-legend)" ]
id=end-to-end.$$
inside curl -s -o /dev/null -H "X-Request-ID: $id" -H "X-API-Key: $KEY" "$api/environments"
check "a request's id is in the journal" wait_for 10 sh -c "nsenter -t $init -a -- journalctl -u costwright --no-pager | grep -q 'request_id=$id '"
check "and in nginx's log" wait_for 10 grep -q "\"$id\"" "$root/var/log/nginx/costwright.log"
check "the secret part of the key is in neither" sh -c "! { nsenter -t $init -a -- journalctl --no-pager; cat '$root'/var/log/nginx/*; } | grep -qF '${KEY##*_}'"
check "a backup by root, without a password" inside costwrightctl backup /root/backup.gz
check "is whole" inside costwrightctl verify --file /root/backup.gz

. "$top/tests/long/systemd/doctor.sh"
. "$top/tests/long/systemd/faults.sh"
. "$top/tests/long/systemd/package.sh"
finish
