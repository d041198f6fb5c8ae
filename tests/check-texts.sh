#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Texts that must keep in step with the code: error pages and guide with the catalogue.
. "$(dirname "$0")/checking.sh"

catalogue=$(sed -n 's/^ *X(\([A-Z_]*\), \([0-9]*\), "\([a-z_]*\)".*/\2 \3/p' include/err.h)
check "the catalogue can be read" [ "$(echo "$catalogue" | wc -l)" -ge 20 ]
echo "$catalogue" >"${TMPDIR:-/tmp}/catalogue.$$"
while read -r status code; do
    check "the guide explains $code ($status)" \
        grep -q "<dt id=\"$code\"><code>$code</code> · $status" nginx/html/docs/errors.html
done <"${TMPDIR:-/tmp}/catalogue.$$"
rm -f "${TMPDIR:-/tmp}/catalogue.$$"
for pair in $(sed -n 's/^ *return \([0-9]*\) .{"error":{"code":"\([a-z_]*\)".*doc_url":"\/docs\/errors#\([a-z_]*\)".*/\1:\2:\3/p' \
    nginx/errors.conf); do
    status=${pair%%:*}
    code=${pair#*:}
    check "nginx's $status is in the catalogue" [ "$(echo "$catalogue" | grep -cx "$status ${code%:*}")" = 1 ]
    check "nginx's $status links to itself" [ "${code%:*}" = "${code#*:}" ]
done
checked texts
