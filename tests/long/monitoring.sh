#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Alert rules and dashboard with Prometheus itself: promtool on all three files, then a Prometheus that scrapes a
# stack under load is asked every expression of them.
. "$(dirname "$0")/../proc/lib.sh"
rules=$top/systemd/monitoring/costwright.rules.yml
if ! command -v promtool >/dev/null; then
    echo "skipped: there is no promtool; ./bootstrap --long installs it"
    finish
fi

start monitoring --limits --set rate_key_per_minute=60
check "rules" promtool check rules "$rules"
sed "s|@rules@|$rules|" "$top/tests/long/alerts.yml" >"$work/alerts.yml"
check "every alert fires when it should, and only then" promtool test rules "$work/alerts.yml"
check "every alert has a test" [ "$(sed -n 's/^ *alertname: //p' "$work/alerts.yml" | sort -u | wc -l)" = "$(grep -c 'alert: ' "$rules")" ]
node "$top/tests/proc/keep_fill.mjs" "$url" "$key_other" >/dev/null
for turn in 1 2 3; do
    curl -s -o /dev/null -H "X-API-Key: $key" "$url/api/v1/parts/environments?[1-100]"
done
check "/metrics by promtool" sh -c "curl -s '$url/metrics' | promtool check metrics"

port=$((30000 + $$ % 2000))
mkdir "$work/prometheus"
cp "$rules" "$work/prometheus/costwright.rules.yml"
sed -e "s|127.0.0.1:80|${url#http://}|" "$top/systemd/monitoring/prometheus.yml.example" >"$work/prometheus/prometheus.yml"
printf 'global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\n' >>"$work/prometheus/prometheus.yml"
check "the example configuration" promtool check config "$work/prometheus/prometheus.yml"
prometheus --config.file="$work/prometheus/prometheus.yml" --storage.tsdb.path="$work/prometheus/data" \
    --web.listen-address="127.0.0.1:$port" >"$work/prometheus/log" 2>&1 &
prometheus=$!
release() { kill $prometheus 2>/dev/null; }
scraped() { curl -s "http://127.0.0.1:$port/api/v1/query" --data-urlencode 'query=count_over_time(costwright_database_up[1m]) > 5' | grep -q '"value"'; }
check "it scrapes" wait_for 30 scraped
curl -s -o /dev/null -H "X-API-Key: $key" "$url/api/v1/parts/environments?[1-50]"
sleep 3
node - "$port" "$top" >"$work/said" 2>&1 <<'END'
const fs = require('fs');
const [port, top] = process.argv.slice(2);
const dashboard = JSON.parse(fs.readFileSync(`${top}/systemd/monitoring/costwright-dashboard.json`, 'utf8'));
const drawn = dashboard.panels.flatMap((panel) => panel.targets.map((target) => [panel.title, target.expr]));
(async () => {
    let bad = 0;
    const ask = async (expr) => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: expr }) });
        return answer.json();
    };
    for (const [title, expr] of drawn) {
        const { status, data, error } = await ask(expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'));
        const none = status === 'success' && !data.result.length;
        // no 5xx answer may have been given: then their share is of nothing
        if (status !== 'success' || (none && !title.includes('5xx'))) {
            bad++;
            console.log(`${title}: ${error ?? 'nothing'}: ${expr}`);
        }
    }
    const { data } = await (await fetch(`http://127.0.0.1:${port}/api/v1/rules`)).json();
    const rules = data.groups.flatMap((group) => group.rules);
    for (const rule of rules.filter((one) => one.health !== 'ok')) {
        bad++;
        console.log(`${rule.name}: ${rule.health} ${rule.lastError}`);
    }
    console.log(`${drawn.length} expressions drawn, ${rules.length} rules evaluated`);
    process.exit(bad ? 1 : 0);
})();
END
status=$?
cat "$work/said"
check "every panel shows something, every rule is evaluated" [ $status = 0 ]

finish
