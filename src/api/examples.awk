# SPDX-License-Identifier: GPL-3.0-or-later
# Writes src/api/examples.txt as C: each line is an operation, request or answer, and its JSON.
BEGIN {
    print "/* SPDX-License-Identifier: GPL-3.0-or-later */"
    print "/* Made by src/api/examples.awk out of src/api/examples.txt; do not edit. */"
    print "#include \"../src/api/openapi_private.h\""
    print ""
    print "const struct openapi_example openapi_examples[] = {"
}
/^#/ { next }
NF < 3 || ($2 != "request" && $2 != "answer") {
    print FILENAME ":" FNR ": not an operation, request or answer, JSON" >"/dev/stderr"
    exit 1
}
{
    text = substr($0, length($1) + length($2) + 3)
    escaped = ""
    n = split(text, character, "")
    for (i = 1; i <= n; i++)
        escaped = escaped (character[i] == "\\" || character[i] == "\"" ? "\\" : "") character[i]
    printf "    {\"%s\", %s, \"%s\"},\n", $1, $2 == "answer" ? "true" : "false", escaped
}
END {
    print "};"
    print "const size_t openapi_n_examples = sizeof openapi_examples / sizeof *openapi_examples;"
}
