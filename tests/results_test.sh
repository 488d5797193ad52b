#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Reads our result files with other programs: prove for KTAP as TAP, the kernel's
# kunit.py for nested KTAP, xmllint for JUnit XML, jq for JSON; all must find the same
# results. They must also refuse broken files, or their approval would prove nothing.
# FILES may name more directories with results.
. "${BASH_SOURCE%/*}/host.sh"
MAKE=$B/unit/results_make
XSD=tests/data/junit.xsd

KUNIT=$(kernel/selftests.sh 6.12 2>"$LOG")/tools/testing/kunit/kunit.py
[ -f "$KUNIT" ] || {
	cat "$LOG" >&2
	exit 2
}

# make_from DIR [KTAP]: writes the result files
make_from()
{
	mkdir -p "$1" && "$MAKE" "$@" >"$LOG" 2>&1
}

# totals JSON: prints "PASSED FAILED SKIPPED", counted from the leaves
totals()
{
	jq -r '[.. | objects | select(has("result") and (has("tests") | not)) |
		.result] |
		map(select(. == "ok")), map(select(. == "not ok")),
		map(select(. == "skip")) | length' "$1" | paste -sd' '
}

# proved FILE: lets prove read the outermost tests; 0 if all are ok, 99 if malformed
proved()
{
	prove -Q --exec cat "$1" >"$LOG" 2>&1
	local rc=$?
	! grep -qi 'parse error\|no plan\|bad plan\|dubious' "$LOG" && return $rc
	return 99
}

# kunit FILE: prints kunit.py's "PASSED FAILED SKIPPED"; 99 if it reports an error
kunit()
{
	local said word

	# kunit.py changes to its own tree first
	python3 "$KUNIT" parse "$(realpath "$1")" >"$LOG" 2>&1
	said=$(sed -n 's/.*Testing complete\. Ran [0-9]* tests: //p' "$LOG")
	[ -n "$said" ] && [[ "$said" != *crashed:* && "$said" != *errors:* ]] &&
		! grep -q '\[ERROR\]' "$LOG" || return 99
	for word in passed failed skipped; do
		sed -n "s/.*\\<$word: \\([0-9]*\\).*/\\1/p; t; s/.*/0/p" <<<"$said"
	done | paste -sd' '
}

# same WHAT HAVE WANT: compares two texts
same()
{
	[ "$2" = "$3" ] || echo "$1: \"$2\", not \"$3\"" >>"$LOG"
	[ "$2" = "$3" ]
}

junit()
{
	xmllint --noout --nonet --schema "$XSD" "$1" >"$LOG" 2>&1
}

# junit_names FILE, json_names FILE: print all test names, sorted, as base64
json_names()
{
	jq -r '.tests | .. | objects | select(has("result")) | .name | @base64' \
		"$1" | sort
}

junit_names()
{
	python3 - "$1" <<-'EOF' | sort
	import base64, sys, xml.etree.ElementTree as tree
	top = tree.parse(sys.argv[1]).getroot()[0]
	for e in top.iter():
	    if e is not top and e.tag in ("testsuite", "testcase"):
	        print(base64.b64encode(e.get("name").encode()).decode())
	EOF
}

# junit_counts FILE: prints "PASSED FAILED SKIPPED", counted from the testcases
junit_counts()
{
	local all failed skipped

	all=$(xmllint --xpath 'count(//testcase)' "$1")
	failed=$(xmllint --xpath 'count(//testcase/failure)' "$1")
	skipped=$(xmllint --xpath 'count(//testcase/skipped)' "$1")
	echo "$((all - failed - skipped)) $failed $skipped"
}

# read_all NAME KTAP JUNIT JSON: checks that all four readers agree
read_all()
{
	local name=$1 ktap=$2 xml=$3 json=$4 want failed rc=0

	check "$name: jq reads the JSON" jq -e '.version == 1' "$json"
	want=$(totals "$json")
	failed=$(jq '[.tests[] | select(.result == "not ok")] | length' "$json")
	proved "$ktap" || rc=$?
	[ "$rc" -ne 99 ] && [ $((rc != 0)) -eq $((failed != 0)) ]
	tap $? "$name: prove reads the KTAP, and agrees whether it is ok"
	same kunit.py "$(kunit "$ktap")" "$want"
	tap $? "$name: kunit.py reads the KTAP, and counts as many"
	check "$name: xmllint finds the JUnit XML valid" junit "$xml"
	same junit "$(junit_counts "$xml")" "$want"
	tap $? "$name: the JUnit XML has as many of each"
	same names "$(junit_names "$xml" | md5sum)" "$(json_names "$json" | md5sum)"
	tap $? "$name: the JUnit XML and the JSON have the same names"
}

made()
{
	read_all "$1" "$TMP/$1/results.ktap" "$TMP/$1/results.xml" \
		"$TMP/$1/results.json"
}

check 'odd names and ends are written' make_from "$TMP/odd"
made odd
same depth "$(grep -c '^          ok 1 the last one seen$' "$TMP/odd/results.ktap")" 1
tap $? 'what is five deep is five deep in KTAP'
same depth "$(xmllint --xpath 'count(/testsuites/testsuite/testsuite/testsuite/testsuite/testsuite/testsuite/testcase)' \
	"$TMP/odd/results.xml")" 2
tap $? 'and in JUnit XML'

# Passes the kernel's own KTAP samples, good and bad, through our reader. Our output
# must be valid KTAP even for a bad sample.
for sample in "${KUNIT%/*}"/test_data/*.log; do
	# kunit.py takes these words for the end of all KTAP, wherever they appear
	! grep -q 'List of all partitions:' "$sample" || continue
	name=${sample##*/}
	name=${name%.log}
	make_from "$TMP/$name" "$sample" || continue
	[ "$(totals "$TMP/$name/results.json")" != '0 0 0' ] || continue
	made "$name"
done

# refuses NAME READER FILE FILTER...: checks that READER fails, or reports an error (99),
# after FILTER has broken one of the good files
refuses()
{
	"${@:4}" <"$good/$3" >"$TMP/broken"
	check "$1" not "$2" "$TMP/broken"
}

good=$TMP/good
mkdir "$good"
printf 'KTAP version 1\n1..2\n  KTAP version 1\n  1..2\n  ok 1 a\n  ok 2 b\nok 1 s\nok 2 c\n' \
	>"$good/in.ktap"
make_from "$good" "$good/in.ktap"
made good
refuses 'prove refuses KTAP without its last result' proved results.ktap sed '/^ok 2/d'
refuses 'kunit.py refuses KTAP without its last result' kunit results.ktap sed '/^ok 2/d'
refuses 'kunit.py refuses KTAP without a nested result' kunit results.ktap sed '/^  ok 2/d'
refuses 'prove refuses KTAP with a wrong number' proved results.ktap sed 's/^ok 2/ok 7/'
refuses 'kunit.py refuses KTAP with a wrong number' kunit results.ktap sed 's/^ok 2/ok 7/'
refuses 'prove refuses half of the KTAP' proved results.ktap head -c 60
refuses 'kunit.py refuses half of the KTAP' kunit results.ktap head -c 60
refuses 'prove refuses nothing' proved results.ktap head -c 0
refuses 'kunit.py refuses nothing' kunit results.ktap head -c 0
refuses 'xmllint refuses half of the XML' junit results.xml head -c 200
refuses 'xmllint refuses an element that is none' junit results.xml sed 's/<testcase /<case /'
refuses 'xmllint refuses a test without a name' junit results.xml sed 's/ name="a"//'
refuses 'xmllint refuses a count below zero' junit results.xml sed 's/tests="/tests="-/'

for dir in ${FILES:-}; do
	[ -e "$dir/results.json" ] || continue
	read_all "$dir" "$dir/results.ktap" "$dir/junit.xml" "$dir/results.json"
done

tap_end
