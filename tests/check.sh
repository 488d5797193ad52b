#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh UNIT_TEST... - `make check`: unit tests, bad input, the form of the
# kernel series, one seed on every target in a VM, and a check that this run executes
# all lines of the series. Continues after a failure and ends with one line, "N passed,
# N failed, N skipped". Exit status 1 if anything failed.
#
# check.sh units UNIT_TEST... - `make check-units`: the unit tests alone.
#
# check.sh guests ROUNDS - `make check-guests`: the part that boots guests, ROUNDS
# times, each with a tally. Stops after a failed round, so that its files can be examined.
#
# check.sh unit TEST - runs one unit test, and writes its counts below $O/check.
#
# Tests run as many at once as there are CPUs, the longest first, so that no CPU is idle at
# the end. Tests that need little of a CPU have a queue of their own beside.
#
# O is the output directory; VMTEST_ARGS are passed on to the VM runner.
set -u
# A make that a test calls must not use the job slots of the calling make.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES
export O=${O:-build}
out=$O/check
WAITING=4	# tests that wait run so many at once

passed=0 failed=0 skipped=0

# tally OK NOT_OK SKIP: adds to the totals
tally()
{
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# step NAME COMMAND...: counts a command without finer results as one test point
step()
{
	local name=$1
	shift
	if "$@"; then
		tally 1 0 0
	else
		echo "check: FAILED: $name" >&2
		tally 0 1 0
	fi
}

# unit TEST: runs a TAP program, writes its counts to a file, then prints its line and
# its failures. prove, not a grep, decides: a program that dies before its last test, or
# prints no TAP, is a failure that the "ok" lines do not show.
unit()
{
	local t=$1 tap=$out/${1##*/}.tap start=$SECONDS rc=0 ok not_ok skip

	CMOCKA_MESSAGE_OUTPUT=TAP "$t" >"$tap" 2>"$tap.err" || rc=$?
	# cmocka marks a skipped test in a way that is not TAP.
	sed -i 's/^not ok \([0-9]* # SKIP\)/ok \1/' "$tap"
	ok=$(grep -c '^ok ' "$tap")
	not_ok=$(grep -c '^not ok ' "$tap")
	skip=$(grep -ci '^ok .*# skip' "$tap")
	printf '  unit    %-28s %3d ok, %d not ok, %d s\n' "${t##*/}" "$ok" \
		"$not_ok" $((SECONDS - start))
	if { [ $rc != 0 ] && [ "$not_ok" = 0 ]; } ||
	   { [ "$not_ok" = 0 ] && ! prove -Q --exec cat "$tap" >/dev/null 2>&1; }; then
		echo "check: $t ended with status $rc: see $tap" >&2
		not_ok=$((not_ok + 1))
	fi
	if [ "$not_ok" != 0 ]; then
		grep -A8 '^not ok ' "$tap" >&2
		tail -n 20 "$tap.err" >&2
	fi
	echo $((ok - skip)) "$not_ok" "$skip" >"$tap.counts"
}

# queue N TEST...: runs TAP programs in this order, N at once
queue()
{
	[ $# -gt 1 ] || return 0
	printf '%s\n' "${@:2}" | xargs -P "$1" -I {} "$0" unit {}
}

# count TEST...: adds the counts of TAP programs to the totals
count()
{
	local t counts

	for t in "$@"; do
		# A test without counts was killed.
		counts=$(cat "$out/${t##*/}.tap.counts") || counts='0 1 0'
		# shellcheck disable=SC2086
		tally $counts
	done
}

# units TEST...: runs TAP programs, and adds their counts to the totals. Tests of vmtest
# with fake guests are a queue of their own: they wait for time limits.
units()
{
	local t waiting=() busy=()

	for t in "$@"; do
		case ${t##*/} in
		vmtest_test_flood)
			busy=("$t" "${busy[@]}") ;;
		vmtest_test_*)
			waiting+=("$t") ;;
		*)
			busy+=("$t") ;;
		esac
	done
	queue "$WAITING" "${waiting[@]}" &
	queue "$(nproc)" "${busy[@]}"
	wait $!
	count "$@"
}

# runs WHAT SUMMARY JQ OPTION...: runs vmtest, and adds to the totals what JQ counts in
# SUMMARY, "OK NOT_OK SKIP". Another exit status than 0 is one more failure, unless a
# counted failure explains it.
runs()
{
	local what=$1 summary=$2 filter=$3 rc=0 count

	rm -f "$summary"
	"$O/vmtest/vmtest" "${@:4}" || rc=$?
	count=$(jq -r "$filter | @tsv" "$summary") || {
		echo "check: $what ended with status $rc and left no $summary" >&2
		count='0 1 0'
	}
	# shellcheck disable=SC2086
	tally $count
	[[ $rc != 0 && $count =~ ^[0-9]+[[:blank:]]0[[:blank:]] ]] || return 0
	echo "check: $what ended with status $rc" >&2
	tally 0 1 0
}

# Counts each test in a guest. A target without its expected outcome counts as one more
# failure. A target that must be found guilty has failing tests: that is its expected
# outcome, and counts as one passed test.
vms()
{
	# shellcheck disable=SC2086
	runs 'the VM runner' "$O/vmtest/summary.json" '[.targets[] |
		if .expected and .verdict == "PASS" then
			[.tests.ok, .tests.not_ok, .tests.skip]
		elif .expected then [1, 0, 0]
		else [.tests.ok, .tests.not_ok + 1, .tests.skip] end] |
		transpose | map(add)' $VMTEST_ARGS
}

# Runs a sample of the kernels with a known fault, to prove that the checks fire.
# `make mutants` runs all of them.
mutants()
{
	runs 'the runner of the mutants' "$O/mutants/summary.json" '[.mutants[].caught] |
		[map(select(.)), map(select(not)), []] | map(length)' \
		--mutants --sample --jobs "$(nproc)"
}

# Runs a sample of the bugs that mainline once had, each with one seed. `make history`
# runs all of them, each with ten seeds.
history()
{
	runs 'the runner of the bugs of mainline' "$O/history/summary.json" \
		'[.caught, .of - .caught, 0]' \
		--mutants-history --sample --seed 1 --jobs "$(nproc)"
}

# Runs the tests that boot no guest, and the given unit tests.
hosts()
{
	units tests/{matrix,deb,series,fuzz,deps,kernel,layers,coverage}_test.sh \
		tests/{install,apt,man,help,style,completion,bench,env}_test.sh "$@"
}

# Runs the tests that read the result files of these runs.
readers()
{
	FILES=$(ls -d "$O"/vmtest/*-[0-9]*/) queue 1 tests/export_test.sh
	FILES=$(ls "$O"/vmtest/*-[0-9]*/trace.bin) queue 1 tests/report_test.sh
	FILES=$(ls -d "$O"/vmtest/*-[0-9]*/ "$O/vmtest/") queue 1 tests/results_test.sh
}

READERS=(tests/{export,report,results}_test.sh)
GUESTS=(tests/{trace,flood,ways,shell,replay,facts,faults,image,failing}_test.sh
	tests/{selftests.sh,clients_test.sh,kernel_log_test.sh})

# Runs vmtest for the coverage of the series, and with kernels that have a fault
faults()
{
	step 'coverage of the series' tests/coverage/coverage.sh \
		"$O"/vmtest/keep-6.12-gcov-*/
	mutants
	history
}

# Runs the tests that boot guests, after vms.
guests()
{
	[ -z "${KERNEL_SRC:-}${BZIMAGE:-}" ] || return
	faults
	units "${GUESTS[@]}"
}

# Runs the tests that come after vms. A guest waits now and then, so the readers of files
# run beside the guests. The user's own tree or image has no mutants, and its runs say
# nothing about the series.
after_vms()
{
	if [ -n "${KERNEL_SRC:-}${BZIMAGE:-}" ]; then
		readers
	else
		faults
		readers &
		queue "$(nproc)" tests/tree_test.sh "${GUESTS[@]}"
		wait $!
		count tests/tree_test.sh "${GUESTS[@]}"
	fi
	count "${READERS[@]}"
}

summary()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}

case ${1:-} in
unit)
	# What two tests print is not mixed.
	unit "$2" >"$out/${2##*/}.line" 2>&1
	exec cat "$out/${2##*/}.line" ;;
esac
rm -rf "$out"
mkdir -p "$out" || exit 2
# Bash shields a queue that runs beside from Ctrl-C.
trap 'trap - INT; kill 0' INT
case ${1:-} in
units)
	units "${@:2}"
	summary
	exit ;;
guests)
	;;
*)
	hosts "$@"
	vms
	after_vms
	summary
	exit ;;
esac
for ((round = 1; round <= $2; round++)); do
	start=$SECONDS passed=0 failed=0 skipped=0
	vms
	guests
	echo "round $round of $2, $((SECONDS - start)) s"
	summary || exit
done
