# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The beginning of a test on the host: goes to the top directory, and sources tap.sh. O
# is the output directory as the caller names it (default build), B its absolute path.
# The user's BZIMAGE and KERNEL_SRC, and the make that runs the test, do not affect the
# test.

set -u
cd -- "${BASH_SOURCE[0]%/*}/.." || exit 2
unset BZIMAGE KERNEL_SRC MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS
: "${O:=build}"
# shellcheck disable=SC2034 # for the caller
B=$(realpath "$O") || exit 2
# shellcheck disable=SC2034 # for the caller
PIDNSTRACE=$B/pidnstrace VMTEST=$B/vmtest/vmtest
# shellcheck disable=SC2034 # for the caller
USER_CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
. tests/tap.sh

# until_true SECONDS COMMAND...: repeats COMMAND until it succeeds; fails after SECONDS
until_true()
{
	local i

	for ((i = $1 * 10; i > 0; i--)); do
		"${@:2}" && return
		sleep 0.1
	done
	return 1
}

# processes_with NAME=VALUE: prints the processes with this variable in their environment
processes_with()
{
	# The first grep fails if a process has just ended; the second one fails only if
	# there is no match
	grep -lzsxF "$1" /proc/[0-9]*/environ | grep .
}

# says_unless REASON NAME STATUS TEXT COMMAND...: calls says; skips the test point instead
# if REASON is not empty
says_unless()
{
	if [ -n "$1" ]; then
		tap_skip "$2" "$1"
	else
		says "${@:2}"
	fi
}

# passed NAME TARGET: checks that the tests in a guest of TARGET passed, by the files that
# vmtest left in TMP/vm; prints the tests that failed. OUT has the output of vmtest
passed()
{
	local rc=0 ktap=$TMP/vm/$2-1/tests.ktap

	jq -e --arg target "$2" '.targets[] | select(.target == $target) |
		.verdict == "PASS" and .tests.ok > 0' "$TMP/vm/summary.json" \
		>"$LOG" 2>&1 || rc=$?
	[ $rc -eq 0 ] || cat "$OUT" "$ktap" >>"$LOG"
	tap $rc "$1"
	sed -n 's/^ *\(not ok .*\)/# \1/p' "$ktap"
}

# git_ WORD...: runs git in the caller's TREE, with a fixed user, without background tasks
git_()
{
	git -C "$TREE" -c user.name=test -c user.email=test@localhost \
		-c gc.auto=0 -c maintenance.auto=false "$@"
}

# signalled NAME SIGNAL RC: checks that RC is the status of a command killed by SIGNAL
signalled()
{
	check "$1" [ "$3" -eq $((128 + $(kill -l "$2"))) ]
}
