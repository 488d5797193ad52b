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
# O is the output directory; VMTEST_ARGS are passed on to the VM runner.
set -u
# A make that a test calls must not use the job slots of the calling make.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES
: "${O:=build}"
out=$O/check
rm -rf "$out"
mkdir -p "$out" || exit 2

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

# unit TEST: runs a TAP program. prove, not a grep, decides: a program that dies
# before its last test, or prints no TAP, is a failure that the "ok" lines do not show.
unit()
{
	local t=$1 tap=$out/${1##*/}.tap ok
	local start=$SECONDS
	CMOCKA_MESSAGE_OUTPUT=TAP "$t" >"$tap" 2>"$tap.err"
	local rc=$?
	# cmocka marks a skipped test in a way that is not TAP.
	sed -i 's/^not ok \([0-9]* # SKIP\)/ok \1/' "$tap"
	ok=$(grep -c '^ok ' "$tap")
	local not_ok
	not_ok=$(grep -c '^not ok ' "$tap")
	local skip
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
	tally $((ok - skip)) "$not_ok" "$skip"
}

# Counts each test in a guest, from the runner's summary; a target without its
# expected outcome counts as one more failure.
vms()
{
	local summary=$O/vmtest/summary.json
	rm -f "$summary"
	# shellcheck disable=SC2086
	"$O/vmtest/vmtest" $VMTEST_ARGS
	local rc=$?
	if [ ! -s "$summary" ]; then
		echo "check: the VM runner ended with status $rc and left no $summary" >&2
		tally 0 1 0
		return
	fi
	# A target that must be found guilty has failing tests: that is its expected
	# outcome, and counts as one passed test.
	local count
	count=$(jq -r '[.targets[] |
		if .expected and .verdict == "PASS" then
			[.tests.ok, .tests.not_ok, .tests.skip]
		elif .expected then [1, 0, 0]
		else [.tests.ok, .tests.not_ok + 1, .tests.skip] end] |
		transpose | map(add) | @tsv' "$summary") || count="0 1 0"
	# shellcheck disable=SC2086
	tally $count
	if [ $rc != 0 ] && ! jq -e '[.targets[].expected] | any(not)' "$summary" >/dev/null; then
		echo "check: the VM runner ended with status $rc" >&2
		tally 0 1 0
	fi
}

# Runs a sample of the kernels with a known fault, to prove that the checks fire.
# `make mutants` runs all of them.
mutants()
{
	local summary=$O/mutants/summary.json
	rm -f "$summary"
	"$O/vmtest/vmtest" --mutants --sample --jobs "$(nproc)"
	local rc=$? count
	count=$(jq -r '[.mutants[].caught] |
		[map(select(.)), map(select(not))] | map(length) | @tsv' \
		"$summary") || count="0 1"
	# shellcheck disable=SC2086
	tally $count 0
	if [ $rc != 0 ] && [ "${count#*	}" = 0 ]; then
		echo "check: the runner of the mutants ended with status $rc" >&2
		tally 0 1 0
	fi
}

# Runs the tests that boot no guest, and the given unit tests.
hosts()
{
	local t
	for t in "$@" tests/env_test.sh tests/deps_test.sh tests/kernel_test.sh \
		tests/apt_test.sh tests/fuzz_test.sh tests/man_test.sh tests/help_test.sh tests/layers_test.sh \
		tests/completion_test.sh tests/install_test.sh tests/deb_test.sh \
		tests/bench_test.sh tests/matrix_test.sh tests/coverage_test.sh; do
		unit "$t"
	done
	# The series is checked as sent: on the pristine source, whatever KERNEL_SRC says.
	step 'the kernel series' env -u KERNEL_SRC kernel/check-series.sh
}

# Runs the tests that read the result files of these runs.
readers()
{
	FILES=$(ls -d "$O"/vmtest/*-[0-9]*/ "$O/vmtest/") unit tests/results_test.sh
	FILES=$(ls -d "$O"/vmtest/*-[0-9]*/) unit tests/export_test.sh
	FILES=$(ls "$O"/vmtest/*-[0-9]*/trace.bin) unit tests/report_test.sh
}

# Runs the tests that boot guests, after vms. The user's own tree or image has no
# mutants, and its runs say nothing about the series.
guests()
{
	local t
	[ -z "${KERNEL_SRC:-}${BZIMAGE:-}" ] || return
	step 'coverage of the series' tests/coverage/coverage.sh \
		"$O"/vmtest/join-6.12-gcov-*/
	mutants
	for t in image clients trace ways faults flood shell replay; do
		unit tests/${t}_test.sh
	done
	unit tests/selftests.sh
}

summary()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}

case ${1:-} in
units)
	shift
	for t in "$@"; do
		unit "$t"
	done
	summary
	exit ;;
guests)
	;;
*)
	hosts "$@"
	vms
	readers
	[ -n "${KERNEL_SRC:-}${BZIMAGE:-}" ] || unit tests/tree_test.sh
	guests
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
