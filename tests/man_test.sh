#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks that the man pages are well-formed, and up to date with the programs, the tests
# and the kernel series. The facts to compare are read from the sources: no list is kept
# here.
. "${BASH_SOURCE%/*}/host.sh"
export LC_ALL=C.UTF-8
PAGES=(docs/*.[1-8] "$O"/docs/*.[1-8])
TRACE_PAGE=docs/pidnstrace.1
VMTEST_PAGE=docs/vmtest.1
RULES_PAGE=$O/docs/pidnstrace-rules.7
JOIN_PAGE=docs/setns_pid_join.7

# same A B: tests that both files have the same lines, and at least one
same()
{
	[ -s "$1" ] && diff "$1" "$2"
}

# silent COMMAND...: tests that COMMAND succeeds and prints nothing to stderr
silent()
{
	"$@" 2>&1 >"$OUT" | grep . && return 1
	[ "${PIPESTATUS[0]}" = 0 ]
}

# --- well-formed ---------------------------------------------------------

lint()
{
	mandoc -Tlint -W warning "$1" >"$OUT" 2>&1 && [ ! -s "$OUT" ] && return
	cat "$OUT"
	return 1
}

formatted()
{
	MANROFFSEQ='' MANWIDTH=80 \
		man --warnings=w -E UTF-8 -l -Tutf8 "$1"
}

narrow()
{
	! formatted "$1" | col -bx | grep -E '^.{81}'
}

# --- options and exit statuses -------------------------------------------

# page NAME.SECTION: prints a page, and the pages NAME-*.SECTION that continue it
page()
{
	cat "$1" $(compgen -G "${1%.*}-*.${1##*.}")
}

# section PAGE TITLE: prints the lines below the .Sh and .Ss whose title matches
section()
{
	page "$1" | awk -v want="$2" '
		/^\.Sh / { sh = substr($0, 5) ~ want; ss = 0; next }
		/^\.Ss / { ss = substr($0, 5) ~ want; next }
		sh || ss'
}

# help_options COMMAND...: prints the options, one per line: "-o", "--output=FILE"
help_options()
{
	"$@" --help |
		grep -oE '^  (-[^-,]( [^ ]+)?(, --[^ ]+)?|    --[^ ]+)' |
		sed 's/^ *//; s/, /\n/' | sort
}

# man_options PAGE TITLE: prints the options of a page in the same form
man_options()
{
	section "$1" "$2" | sed -n 's/^\.It \(Fl .*\)/\1/p' |
		sed 's/ Ns Op = Ns Ar \(.*\)/[=\1]/; s/ Ns = Ns Ar /=/g
		     s/ Ar / /g; s/\\&//g
		     s/Fl -/--/g; s/Fl /-/g; s/ , /\n/g' | sort
}

# Prints the numbers, each with its verdict's name if any
statuses()
{
	grep -oE '\b[0-9]+( [A-Z]{2,})?' | sort
}

help_statuses()
{
	"$@" --help | sed -n '/^Exit status:/,/^$/p' | tr '\n' ' ' | statuses
}

man_statuses()
{
	section "$1" "$2" | sed -n 's/^\.It \([0-9]\)/\1/p' | statuses
}

# agrees PAGE TITLE STATUS_TITLE COMMAND...: compares a page with --help
agrees()
{
	local page=$1 title=$2 status=$3

	shift 3
	help_options "$@" >"$TMP/help"
	man_options "$page" "$title" >"$TMP/man"
	check "$page has the options of $*" same "$TMP/help" "$TMP/man"
	help_statuses "$@" >"$TMP/help"
	man_statuses "$page" "$status" >"$TMP/man"
	check "$page has the exit statuses of $*" same "$TMP/help" "$TMP/man"
}

# Prints each option that a page names anywhere, "-x" or "--long"
named_options()
{
	page "$1" | awk '/^\./ {
		sub(/^\./, "")
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^[A-Z][a-z]$/)
				option = $i == "Fl"
			else if (option && $i !~ /^[][,.;:()|=]$/ && $i != "-")
				print "-" $i
		}
	}' | sed 's/\\&//g' |
		awk '/^--/ { print; next }
		     { for (i = 2; i <= length; i++) print "-" substr($0, i, 1) }' |
		sort -u
}

# no_others PAGE HELP: tests that HELP has every option that the page names
no_others()
{
	named_options "$1" >"$TMP/named"
	[ -s "$TMP/named" ] || return
	! comm -23 "$TMP/named" "$2" | grep .
}

# --- the kernel interface ------------------------------------------------

# Prints the errors of a join, in the order of the checks
errors_of_page()
{
	section "$JOIN_PAGE" ERRORS | sed -n 's/^\.It Bq Er //p'
}

# errors_of_kernel VERSION: prints the errors in the series' documentation
errors_of_kernel()
{
	sed -nE 's/^\+(E[A-Z]+) +[A-Z].*/\1/p' \
		kernel/series/"$1"/join/*-Documentation-*.patch
}

# Prints the expected errors in the table of the tests; several rows share an error
errors_of_tests()
{
	tr -s '\n\t' '  ' <tests/guest/cases_refusal.c |
		grep -oE '\{ "[^"]+", [0-9]+, -E[A-Z]+' |
		sed -E 's/.*", ([0-9]+), -/\1 /' | uniq | cut -d' ' -f2
}

example()
{
	sed -n '/SRC BEGIN/,/SRC END/{/^\./d;s/\\e/\\/g;p}' "$JOIN_PAGE" >"$TMP/example.c"
	[ -s "$TMP/example.c" ] &&
		gcc -Wall -Wextra -Werror -o "$TMP/example" "$TMP/example.c"
}

# --- the rules -----------------------------------------------------------

# has_texts RENDERED JSON: tests for every text of every rule, ignoring white space
has_texts()
{
	local text all n=0

	all=$(mandoc -Tascii "$1" | col -b | tr -d '[:space:]')
	while IFS= read -r text; do
		n=$((n + 1))
		[[ $all == *"${text//[[:space:]]/}"* ]] && continue
		echo "not there: $text"
		return 1
	done < <(jq -r '.statement, .why, .notes, .hooks[], .keep_hooks[] | select(. != "")' "$2")
	[ "$n" -gt 0 ]
}

# A rule whose text roff could mistake for requests and escapes
hard_rule()
{
	jq -cn '{ id: "I99", where: "join",
		statement: ".Sh a rule \\fB \\n(.x, don'\''t -- at -1. '\''It'\'' ^ ~ `x`",
		why: "\"quoted\" a->b. .Pp", notes: "", hooks: ["fentry:x"], keep_hooks: ["fexit:y"] }'
}

hard_page()
{
	hard_rule >"$TMP/hard.json" &&
		jq -rf docs/rules.jq "$TMP/hard.json" >"$TMP/hard.rules" &&
		sed -e "/^@RULES@\$/{r $TMP/hard.rules" -e 'd}' \
			docs/pidnstrace-rules.7.in >"$TMP/hard.7" &&
		lint "$TMP/hard.7" && has_texts "$TMP/hard.7" "$TMP/hard.json"
}

# --------------------------------------------------------------------------

for page in "$TRACE_PAGE" "$VMTEST_PAGE" "$JOIN_PAGE" "$RULES_PAGE"; do
	check "$page is there" test -s "$page"
done
for page in "${PAGES[@]}"; do
	check "mandoc has no complaint about $page" lint "$page"
	check "man and groff have none about $page" silent formatted "$page"
	check "$page fits 80 columns" narrow "$page"
done

"$O/pidnstrace" --help >"$TMP/usage"
sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' "$TMP/usage" | sort >"$TMP/commands"
page "$TRACE_PAGE" | sed -n 's/^\.Ss pidnstrace //p' | sort >"$TMP/sections"
check "$TRACE_PAGE has a section for each command" \
	same "$TMP/commands" "$TMP/sections"
grep -oE -- '--[a-z]+' "$TMP/usage" >"$TMP/trace.options"
while read -r command; do
	word="(^|[^a-z])($command|every)([^a-z]|\$)"
	agrees "$TRACE_PAGE" "$word" "^Status of.*$word" \
		"$O/pidnstrace" "$command"
	help_options "$O/pidnstrace" "$command" >>"$TMP/trace.options"
done <"$TMP/commands"

agrees "$VMTEST_PAGE" '^OPTIONS$' '^EXIT STATUS$' "$O/vmtest/vmtest"
agrees "$VMTEST_PAGE" '^REPLAY$|every' '^REPLAY$' "$O/vmtest/vmtest" replay
agrees "$VMTEST_PAGE" '^SHELL$|every|shell' '^SHELL$' "$O/vmtest/vmtest" shell
{ help_options "$O/vmtest/vmtest"
  help_options "$O/vmtest/vmtest" shell
  help_options "$O/vmtest/vmtest" replay; } >"$TMP/vmtest.options"

for program in trace vmtest; do
	sed 's/[][ =].*//' "$TMP/$program.options" | sort -u >"$TMP/$program.names"
done
check "$TRACE_PAGE names no other option" no_others "$TRACE_PAGE" "$TMP/trace.names"
for page in "$RULES_PAGE" docs/pidnstrace-{formats.5,hooks.7}; do
	check "$page names no other option" no_others "$page" "$TMP/trace.names"
done
for page in "$VMTEST_PAGE" docs/vmtest-files.5; do
	check "$page names no other option" no_others "$page" "$TMP/vmtest.names"
done

# has_tests: the page names each test of the guest
has_tests()
{
	local name

	for name in $(sed -n 's/.*\.name = "\([a-z]*\)".*/\1/p' vmtest/wire/tests.h); do
		grep -qw "$name" "$VMTEST_PAGE" || { echo "no test $name"; return 1; }
	done
}
check "$VMTEST_PAGE has each test" has_tests
errors_of_page >"$TMP/errors"
errors_of_tests >"$TMP/tests"
for version in 6.12 7.3; do
	errors_of_kernel $version >"$TMP/kernel"
	check "$JOIN_PAGE has the errors of Linux $version's documentation, in that order" \
		same "$TMP/kernel" "$TMP/errors"
done
check "$JOIN_PAGE has the errors that are tested, in that order" \
	same "$TMP/tests" "$TMP/errors"
check "the program in $JOIN_PAGE compiles" example

"$O/pidnstrace" rules --format json >"$TMP/rules.json"
jq -r .id "$TMP/rules.json" >"$TMP/ids"
section "$RULES_PAGE" '^THE RULES$' | sed -n 's/^\.It Cm //p' >"$TMP/page.ids"
check "$RULES_PAGE has each rule" same "$TMP/ids" "$TMP/page.ids"
check "$RULES_PAGE has all that is said of each" \
	has_texts "$RULES_PAGE" "$TMP/rules.json"
check 'no text of a rule is taken for markup' hard_page

tap_end
