# SPDX-License-Identifier: GPL-3.0-or-later
# Part of systemd.sh: doctor on the installation, one thing broken at a time, mended by what doctor says.

doctor() { inside costwrightctl doctor >"$work/said" 2>&1 </dev/null; }
# The commands behind "mend:", without what follows them for people to read.
mends() {
    sed -n 's/^ *mend: //p' "$work/said" |
        sed 's/.*first installation: //; s/, or .*//; s/, and .*//; s/; journalctl.*//; s/ (it .*//'
}
# broken AREA WORDS COMMAND: COMMAND breaks it; doctor's first fault is of AREA with WORDS; what it says to mend runs as
# it stands, again while there are new faults behind the mended ones
broken() {
    inside sh -c "$3"
    doctor
    if [ $? != 1 ] || ! grep -m 1 ^fault "$work/said" | grep -qE "^fault +$1 .*$2"; then
        cat "$work/said"
        return 1
    fi
    for round in 1 2 3; do
        mends | while IFS= read -r mend; do
            echo "    mend: $mend"
            inside sh -c "$mend" </dev/null >>"$work/mended" 2>&1
        done
        sleep 1
        doctor && return 0
    done
    cat "$work/mended" "$work/said"
    return 1
}
check "doctor finds nothing" doctor
check "in ten lines" [ "$(grep -c '^ok' "$work/said")" = 10 ]
check "mended: settings that all may write" broken configuration 'by all' 'chmod o+w /etc/costwright/costwright.conf'
cp -p "$root/etc/costwright/costwright.conf" "$work/settings"
check "mended: no settings" broken configuration 'which costwright.service names' 'rm /etc/costwright/costwright.conf'
cp -p "$work/settings" "$root/etc/costwright/costwright.conf"
check "mended: a pepper that others may read" broken pepper others "chmod 0644 $pepper"
check "mended: a directory of secrets that is open" broken pepper everybody 'chmod 0755 /etc/costwright/credentials'
cp -p "$root$pepper" "$work/pepper"
check "mended: no pepper" broken pepper neither "rm $pepper"
check "the new one is as private" inside_mode "600 root root" $pepper
cp -p "$work/pepper" "$root$pepper"
inside systemctl restart costwright.service
check "mended: an account that is missing" broken database '1698|1045' 'mariadb -e "DROP USER costwright@localhost"'
check "mended: a grant that is missing" broken database 'lacks DELETE' \
    'mariadb -e "REVOKE DELETE ON costwright.* FROM costwright@localhost"'
check "mended: migrations without an account" broken migrations '1698|1045' \
    'mariadb -e "DROP USER costwright_migrate@localhost"'
check "mended: no database server" broken database 2002 'systemctl stop mariadb'
check "mended: a socket for everybody" broken light everybody 'chmod 0666 /run/costwright/light.sock'
# one of them alone comes back with the next connection to the other, and so do the service and its state
check "mended: the sockets are gone" broken light 'No such file' \
    'systemctl stop costwright-light.socket costwright-heavy.socket costwright.service'
check "mended: a timer that no boot starts" broken units 'costwright-purge.timer' 'systemctl disable --now costwright-purge.timer'
check "mended: the site is not enabled" broken nginx 'does not lead' 'rm /etc/nginx/sites-enabled/costwright'
check "mended: nginx does not run" broken nginx 'does not run' 'systemctl stop nginx'
echo 'listne 80;' >"$root/etc/nginx/conf.d/wrong.conf"
doctor
check "a fault of nginx's own is told with file and line" grep -q '^fault *nginx .*listne.*wrong.conf:1' "$work/said"
rm "$root/etc/nginx/conf.d/wrong.conf"
check "doctor finds nothing at the end" doctor
check "doctor for another user than root says what it needs" sh -c "! nsenter -t $init -a -- runuser -u nobody -- costwrightctl doctor >'$work/said' 2>&1 && grep -q 'run doctor as root' '$work/said'"
check "so does a command" sh -c "! nsenter -t $init -a -- runuser -u nobody -- costwrightctl org list >'$work/said' 2>&1 && grep -q 'run this as root' '$work/said'"
wait_for 20 inside curl -fsS -o /dev/null http://localhost/readyz
