# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# TAP for tests in shell: a test point checks a command's exit status and messages.
# The caller ends with tap_end. Files are in the directory SCRATCH, if the caller sets it.

TMP=${SCRATCH:-}
[ -n "$TMP" ] || {
	TMP=$(mktemp -d)
	trap 'rm -rf -- "$TMP"' EXIT
}
LOG=$TMP/output		# stderr, then stdout, of the last command
OUT=$TMP/stdout
COUNT=0 FAILED=0

# tap RC NAME: prints "ok" if RC is 0, else "not ok" and the end of the command's output
tap()
{
	COUNT=$((COUNT + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $COUNT - $2"
		return
	fi
	FAILED=$((FAILED + 1))
	echo "not ok $COUNT - $2"
	# awk completes an unterminated last line
	tail -n 6 "$LOG" | awk '{ print "# " $0 }'
}

# tap_skip NAME REASON
tap_skip()
{
	COUNT=$((COUNT + 1))
	echo "ok $COUNT - $1 # SKIP $2"
}

# ended NAME STATUS TEXT RC: checks that RC, the exit status of a command, is STATUS, and
# that the command's output, in the log, contains TEXT
ended()
{
	[ "$4" -eq "$2" ] || echo "exit status $4, not $2" >>"$LOG"
	[ "$4" -eq "$2" ] && { [ -z "$3" ] || grep -qF -- "$3" "$LOG"; }
	tap $? "$1"
}

# says NAME STATUS TEXT COMMAND...: checks that COMMAND ends with STATUS before the
# timeout (LIMIT seconds), and that its output contains TEXT
says()
{
	local name=$1 status=$2 text=$3 rc=0

	shift 3
	timeout -k 5 "${LIMIT:-60}" "$@" >"$OUT" 2>"$LOG" </dev/null || rc=$?
	cat "$OUT" >>"$LOG"
	ended "$name" "$status" "$text" $rc
}

# check NAME COMMAND...: checks that COMMAND, which may be a function of the caller,
# succeeds; appends the output to the log
check()
{
	local name=$1 rc=0

	shift
	"$@" >>"$LOG" 2>&1 || rc=$?
	tap $rc "$name"
}

# not COMMAND...: succeeds if COMMAND fails
not()
{
	! "$@"
}

# Prints the plan; fails if a test point failed
tap_end()
{
	echo "1..$COUNT"
	[ "$FAILED" -eq 0 ]
}
