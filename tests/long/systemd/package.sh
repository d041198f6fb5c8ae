# SPDX-License-Identifier: GPL-3.0-or-later
# Part of systemd.sh: upgrade, removal and purge of the package.

# The same package under a higher version: what an upgrade does, without a second build.
mkdir "$work/next"
dpkg-deb -R "$deb" "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
dpkg-deb -b "$work/next" "$root/root/next.deb" >/dev/null
settings=$(sha256sum <"$root/etc/costwright/costwright.conf")
load_begin GET /environments
check "an upgrade" inside sh -c 'DEBIAN_FRONTEND=noninteractive apt-get -qq -y install /root/next.deb >/root/apt.log 2>&1'
load_end
# postinst reloads nginx for its snippets, and nginx then closes kept connections: a reset, but no answer that is an error
no_error_answered() { [ "$(field envelopes)" = 0 ] && [ "$(field failed)" -le 8 ] && ! echo "$seen" | grep -qE '"[45][0-9][0-9]":'; }
check "during it no request is answered with an error" no_error_answered
check "it keeps the changed settings without asking" [ "$(sha256sum <"$root/etc/costwright/costwright.conf")" = "$settings" ]
check "it keeps the pepper" [ "$(sum)" = "$first_pepper" ]
check "the site stays enabled" [ -L "$root/etc/nginx/sites-enabled/costwright" ]
check "the new version serves" wait_for 10 ready
check "postinst may run again" inside sh -c '/var/lib/dpkg/info/costwright.postinst configure 0.1.0 && /var/lib/dpkg/info/costwright.postinst configure 0.1.0'
check "and changes nothing" [ "$(sum)" = "$first_pepper" ]

check "a removal" inside sh -c 'apt-get -qq -y remove costwright >/root/apt.log 2>&1'
check "keeps settings" [ "$(sha256sum <"$root/etc/costwright/costwright.conf")" = "$settings" ]
check "keeps the pepper" [ "$(sum)" = "$first_pepper" ]
check "disables the site" [ ! -e "$root/etc/nginx/sites-enabled/costwright" ]
check "nginx goes on" inside sh -c 'nginx -t -q && systemctl restart nginx'
check "no unit is left running" [ -z "$(inside systemctl list-units --no-legend 'costwright*' | grep -v 'not-found')" ]
check "no process is left" sh -c "! nsenter -t $init -a -- pgrep -u costwright"
check "put in again" inside sh -c 'apt-get -qq -y install /root/next.deb >/root/apt.log 2>&1'
inside ln -s ../sites-available/costwright /etc/nginx/sites-enabled/
reload_nginx
check "it serves with the same keys" wait_for 20 inside curl -fsS -o /dev/null -H "X-API-Key: $KEY" "$api/environments"
check "a purge" inside sh -c 'apt-get -qq -y purge costwright >/root/apt.log 2>&1'
check "leaves nothing in /etc" [ -z "$(inside find /etc -name '*costwright*' ! -path '/etc/systemd/*')" ]
check "nothing enabled" [ -z "$(find "$root/etc/systemd" -name 'costwright*')" ]
check "nothing in /run, /usr, /var/log" [ -z "$(inside sh -c 'find /run /usr /var/log /lib/systemd -name "*costwright*" 2>/dev/null | grep -v /run/systemd/')" ]
check "the database is still there" inside sh -c 'mariadb -N -e "SELECT COUNT(*) FROM costwright.org" | grep -q "^2*[0-9]"'
check "nginx still serves" inside sh -c 'nginx -t -q && systemctl is-active -q nginx'
