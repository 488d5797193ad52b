#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# row.sh KERNEL PREEMPT CPUS SEEDS DIR INPUTS NUMBER - measures one row of the matrix
# into DIR/row.json (see row.jq). PREEMPT is a value of preempt=, or "-" for the
# default. In one guest the kernel is probed and the clients are traced, while the
# rules are checked; then all tests of the kernel run with the seeds 1 to SEEDS.
# INPUTS is a text that is kept beside the row; NUMBER is printed with it.
#
# Prints a line at the end. The guests' files are kept only if the row has faults.
# Exit status: 0 the row has no faults, 1 it has (see "faults"), 2 there is no row.
set -u
cd -- "${BASH_SOURCE%/*}/../.." || exit 2
. tests/clients/stories.sh
: "${O:=build}"
KERNEL=$1 PREEMPT=$2 CPUS=$3 SEEDS=$4 DIR=$5 INPUTS=$6 NUMBER=$7
SAVED_FROM=5	# seeds: with fewer runs, the snapshot costs more than it saves

# guests NAME OPTION...: runs guests of this row; their files are in DIR/NAME
guests()
{
	local name=$1 options=(--target "$KERNEL" --cpus "$CPUS" --jobs 1)
	shift
	[ "$PREEMPT" = - ] || options+=(--append "preempt=$PREEMPT")
	[ "$SEEDS" -ge $SAVED_FROM ] || options+=(--no-snapshot)
	# If this script is killed, the guests end as well.
	setpriv --pdeathsig TERM "$O/vmtest/vmtest" --out "$DIR/$name" \
		"${options[@]}" "$@" >"$DIR/$name.log" 2>&1
}

# Prints a line for each client: its name, and whether its story is the golden one
stories()
{
	local client prefix same
	: >"$DIR/stories.diff"
	for client in "${CLIENTS[@]}"; do
		prefix=$DIR/seen/1/$client
		same=true
		{ write_story "$prefix" && diff -u "$(golden "$client" "$KERNEL")" \
			"$prefix.txt"; } >>"$DIR/stories.diff" 2>&1 || same=false
		printf '%s %s\n' "$client" $same
	done
}

# say WORD: prints the line about the row
say()
{
	local model="preempt=$PREEMPT"
	[ "$PREEMPT" != - ] || model="its own preempt="
	printf '%9s  %-14s %-18s %d CPUs  %2d seeds  %-4s  %4d s\n' "$NUMBER" \
		"$KERNEL" "$model" "$CPUS" "$SEEDS" "$1" "$SECONDS"
}

# fact NAME: prints a fact of the guest (guest.sh), or nothing
fact()
{
	cat "$facts/$1" 2>/dev/null
}

# Prints the report of each run; of a repeated run, the one that the summary counts
verdicts()
{
	local seed
	for seed in $(seq "$SEEDS"); do
		cat "$DIR/tests/$KERNEL-$seed/verify.json" 2>/dev/null
	done
}

# file_or_null FILE: prints the JSON in FILE, or null
file_or_null()
{
	[ -s "$1" ] && jq -c . "$1" 2>/dev/null || echo null
}

facts=$DIR/seen/facts
rm -rf -- "$DIR"
mkdir -p "$DIR" || exit 2
printf '%s\n' "$INPUTS" >"$DIR/inputs"
stories_check
stories_add
guests clients "${ADD[@]}" -- tests/matrix/guest.sh "${CLIENTS[@]}"
stories_unpack "$DIR/clients/$KERNEL-1/output" "$DIR/seen" 2>"$DIR/seen.log"
stories >"$DIR/stories"
guests tests --seed "1..$SEEDS"
verdicts >"$DIR/verdicts"

jq -n --arg kernel "$KERNEL" --arg preempt "$PREEMPT" --argjson cpus "$CPUS" \
	--argjson seeds "$SEEDS" --rawfile stories "$DIR/stories" \
	--arg release "$(fact release)" --arg seen_cpus "$(fact cpus)" \
	--arg models "$(fact preempt)" \
	--argjson probe "$(file_or_null "$facts/probe.json")" \
	--argjson clients "$(file_or_null "$DIR/clients/summary.json")" \
	--argjson tests "$(file_or_null "$DIR/tests/summary.json")" \
	--slurpfile verdicts "$DIR/verdicts" -L tests/matrix -f tests/matrix/row.jq \
	>"$DIR/row.new" 2>"$DIR/row.log" || {
	say 'FAIL'
	exit 2
}
mv "$DIR/row.new" "$DIR/row.json"
jq -e '.faults == []' "$DIR/row.json" >/dev/null || {
	say 'FAIL'
	exit 1
}
say ok
rm -rf -- "$DIR"/{clients,tests,seen,verdicts,stories,stories.diff,*.log}
