#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The units: sandboxed to an exposure of at most 0.5 of 10 by systemd's own measure, and without a fault of form; what
# they and nginx's sites promise the rest of the system.
# $COSTWRIGHT_BUILD holds what was built.
. "$(dirname "$0")/checking.sh"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
units="costwright-heavy.socket costwright-light.socket costwright-purge.service costwright-purge.timer costwright.service"
unit() { # the file of a unit: in the build tree where it was filled in
    if [ -e "$build/systemd/$1" ]; then echo "$build/systemd/$1"; else echo "systemd/$1"; fi
}
# exposure UNIT: at most 0.5, and said so
exposure() {
    systemd-analyze security --no-pager --offline=true --threshold=5 "$(unit "$1")" >"$work/said" 2>&1 &&
        grep -q "Overall exposure level for $1: 0\.[0-5] " "$work/said" || {
        tail -n 1 "$work/said"
        return 1
    }
}
# known: systemd knows every line; programs and other units need not be on this machine
known() {
    mkdir -p "$work/root/etc/systemd/system" "$work/root/usr/sbin"
    printf '#!/bin/sh\n' >"$work/root/usr/sbin/costwrightd"
    chmod 755 "$work/root/usr/sbin/costwrightd"
    cp "$work/root/usr/sbin/costwrightd" "$work/root/usr/sbin/costwrightctl"
    for name in $units; do
        sed "s|$(sed -n 's/^ExecStart=\(.*\)\/costwright[a-z]* .*/\1/p' "$(unit "$name")" | grep . || echo @)|$work/root/usr/sbin|" \
            "$(unit "$name")" >"$work/root/$name"
    done
    (cd "$work/root" && systemd-analyze verify --no-pager --man=no $units) >"$work/said" 2>&1
    ! grep -E "^[^ ]*$work|costwright" "$work/said"
}

if command -v systemd-analyze >/dev/null && systemd-analyze security --help 2>/dev/null | grep -q -- --offline; then
    check "costwright.service is exposed to 0.5 or less" exposure costwright.service
    check "costwright-purge.service is exposed to 0.5 or less" exposure costwright-purge.service
    sed 's/^ProtectSystem=.*//; s/^SystemCallFilter=.*//' "$(unit costwright.service)" >"$work/costwright.service"
    check "less of a sandbox would be seen" sh -c "! systemd-analyze security --offline=true --threshold=5 '$work/costwright.service' >/dev/null 2>&1"
    check "no unit has a line that systemd does not know" known
else
    echo "skipped: no systemd-analyze that can rate a file"
fi
# what the units and the sites promise one another and the system
check "the service stops later than the master gives up on its workers" \
    [ "$(sed -n 's/^TimeoutStopSec=//p' "$(unit costwright.service)")" -gt "$(sed -n 's/.*X(drain_seconds, INT, \([0-9]*\).*/\1/p' include/settings.h)" ]
check "the sockets' backlog is the setting's default" [ "$(sed -n 's/^Backlog=//p' systemd/costwright-light.socket \
    systemd/costwright-heavy.socket | sort -u)" = "$(sed -n 's/.*X(backlog, INT, \([0-9]*\).*/\1/p' include/settings.h)" ]
# as it is configured without a wish of one's own
if [ "$(echo '@sysconfdir@' | (cd "$build" && ./config.status -q --file=-))" = /etc ]; then
    check "the units read the settings that the tool reads" [ "$(sed -n 's/^ExecStart=.* --config \([^ ]*\).*/\1/p' \
        "$(unit costwright.service)" "$(unit costwright-purge.service)" | sort -u)" = "$(sed -n 's/^#define CTL_DEFAULT_FILE "\(.*\)"/\1/p' include/ctl.h)" ]
    check "and the pepper" [ "$(sed -n 's/^LoadCredential=key.pepper://p' "$(unit costwright.service)")" = \
        "$(sed -n 's/.*X(pepper_file, TEXT, "\([^"]*\)".*/\1/p' include/settings.h)" ]
fi
sites() { echo "$build/nginx/costwright.conf" "$build/nginx/costwright-tls.conf"; }
check "the sites have a log" [ "$(sed -n '/^ *access_log/p' $(sites) | wc -l)" = 4 ]
check "one that Debian's rule for nginx rotates" [ -z "$(sed -n 's/^ *access_log \([^ ]*\).*/\1/p' $(sites) | grep -v '^/var/log/nginx/[^/]*\.log$')" ]

checked units
