# SPDX-License-Identifier: GPL-3.0-or-later
# The settings table of include/settings.h as a section of costwright.conf(5): the page (first file) with
# its line @settings@ replaced. usage: awk -f settings.awk -v table=settings.h page.in
function man(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    sub(/^\./, "\\\\\\&.", text)
    return text
}
# the next item of the row: a number, a word, or texts that stand side by side
function item(   text) {
    sub(/^[ ,]+/, "", row)
    if (row !~ /^"/) {
        match(row, /^[^,)]+/)
        text = substr(row, 1, RLENGTH)
        row = substr(row, RLENGTH + 1)
        return text
    }
    while (match(row, /^ *"[^"]*"/)) {
        text = text substr(row, 1, RLENGTH)
        row = substr(row, RLENGTH + 1)
    }
    gsub(/ *"$|^ *"/, "", text)
    gsub(/" *"/, "", text)
    return text
}
function paragraph(   name, kind, preset, least, most) {
    name = item(); kind = item(); preset = item(); least = item(); most = item()
    print ".TP\n.B " name
    if (kind == "INT")
        print "Default: " preset "; from " least " to " most "."
    else
        print preset == "" ? "Default: empty." : "Default: " man(preset) "."
    print ".br\n" man(item())
}
function settings(   line, inside) {
    while ((getline line < table) > 0) {
        if (line ~ /#define SETTINGS_TABLE/) { inside = 1; continue }
        if (!inside) continue
        row = row line
        if (row ~ /\\$/) {
            sub(/ *\\$/, "", row)
            if (row !~ /\)$/) continue
        } else {
            inside = 0
        }
        sub(/^ *X\(/, "", row)
        paragraph()
        row = ""
    }
}
$0 == "@settings@" { settings(); next }
{ print }
