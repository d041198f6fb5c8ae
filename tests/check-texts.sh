#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Texts that must keep in step with the code: error pages and guide with the catalogue.
. "$(dirname "$0")/checking.sh"

# as the compiler sees it: status, code, is it safe to repeat, what it says and how to mend it
errors=$(printf '#include "err.h"\nERR_CATALOGUE(X)\n' | ${CC-cc} -E -P -Iinclude - | sed 's/X(/\n&/g' | sed -n 's/" *"//g
    s/^X([A-Z_]*, \([0-9]*\), "\([a-z_]*\)", \([01]\), "\([^"]*\)", "\([^"]*\)").*/\1 \2 \3 \4 \5/p')
catalogue=$(echo "$errors" | cut -d ' ' -f 1,2)
check "the catalogue can be read" [ "$(echo "$catalogue" | wc -l)" -ge 20 ]
while read -r status code safe says; do
    check "the guide explains $code ($status)" grep -qxF "<dt id=\"$code\"><code>$code</code> · $status · $(
        [ "$safe" = 1 ] || echo "not ")safe to repeat</dt>" nginx/html/docs/errors.html
    check "... in the words of the catalogue" grep -qxF "<dd>$says</dd>" nginx/html/docs/errors.html
done <<END
$errors
END
for pair in $(sed -n 's/^ *return \([0-9]*\) .{"error":{"code":"\([a-z_]*\)".*doc_url":"\/docs\/errors#\([a-z_]*\)".*/\1:\2:\3/p' \
    nginx/errors.conf); do
    status=${pair%%:*}
    code=${pair#*:}
    check "nginx's $status is in the catalogue" [ "$(echo "$catalogue" | grep -cx "$status ${code%:*}")" = 1 ]
    check "nginx's $status links to itself" [ "${code%:*}" = "${code#*:}" ]
done
checked texts
