#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fetches the libraries of the pages, once per lockfile, and lays out what is served of them. Run by make.
# usage: nginx/vendor.sh DIR PACKAGE/PATH...    DIR/npm is npm's, DIR/html is served as /vendor/
set -eu
html=$(cd "$(dirname "$0")/html" && pwd)
dir=$1
shift

fail() {
    echo "vendor.sh: $*" >&2
    exit 1
}

mkdir -p "$dir/npm"
if ! cmp -s "$html/package-lock.json" "$dir/npm/fetched.json"; then
    command -v npm >/dev/null || fail "the pages' libraries are fetched by npm, which is missing; ./bootstrap installs it"
    cp "$html/package.json" "$html/package-lock.json" "$dir/npm/"
    # no script of a package runs; what npm has in its cache needs no network
    if ! (cd "$dir/npm" && npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=1 \
        --fetch-retry-mintimeout=1000 >npm.log 2>&1); then
        tail -n 20 "$dir/npm/npm.log" >&2
        fail "npm could not fetch what nginx/html/package-lock.json names (is the registry reached?); all else can be" \
            "built without it: make costwrightd costwrightctl"
    fi
    cp "$html/package-lock.json" "$dir/npm/fetched.json"
fi

rm -rf "$dir/html.new"
for file in "$@"; do
    mkdir -p "$dir/html.new/${file%/*}"
    cp "$dir/npm/node_modules/$file" "$dir/html.new/$file" || fail "there is no $file in what npm fetched"
    chmod 644 "$dir/html.new/$file"
    case $file in
    *.js | *.mjs | *.css) gzip -9kn "$dir/html.new/$file" ;; # nginx: gzip_static
    esac
done
rm -rf "$dir/html"
mv "$dir/html.new" "$dir/html"
