#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bugs.sh KERNEL RELEASE DIR INPUTS NUMBER - runs each reproducer of a mainline bug on
# the kernel, and writes DIR/row.json: {kernel, release, bugs: [{name, shows}],
# faults}. INPUTS and NUMBER are as in row.sh. Exit status: 0 if each gave an answer,
# else 1.
set -u
cd -- "${BASH_SOURCE%/*}/../.." || exit 2
: "${O:=build}"
. tests/bugs/show.sh
KERNEL=$1 RELEASE=$2 DIR=$3 INPUTS=$4 NUMBER=$5

# say WORD: prints the line about the row
say()
{
	printf '%9s  %-14s %-37s %-4s  %4d s\n' "$NUMBER" "$KERNEL" \
		"the bugs of mainline" "$1" "$SECONDS"
}

rm -rf -- "$DIR"
mkdir -p "$DIR/guests" || exit 2
printf '%s\n' "$INPUTS" >"$DIR/inputs"
for source in tests/bugs/*.c; do
	name=$(basename "$source" .c)
	answer=$(bug_show "$KERNEL" "$DIR/guests/$name" "$O/bugs/$name")
	jq -n --arg name "$name" --arg shows "$answer" '{ $name, $shows }'
done >"$DIR/guests/answers"
jq -n --arg kernel "$KERNEL" --arg release "$RELEASE" \
	--slurpfile bugs "$DIR/guests/answers" '
	{ $kernel, $release, $bugs, faults: [$bugs[] | select(.shows == "") |
		"the guest of \(.name) gave no answer"] }' >"$DIR/row.json" || exit 2
jq -e '.faults == []' "$DIR/row.json" >/dev/null || {
	say FAIL
	exit 1
}
say ok
rm -rf -- "$DIR/guests"
