# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# TAP for tests in shell: a command's exit status and what it said, one test
# point each. The caller ends with tap_end. Files are in the caller's SCRATCH, if
# it has one.

TMP=${SCRATCH:-}
[ -n "$TMP" ] || {
	TMP=$(mktemp -d)
	trap 'rm -rf -- "$TMP"' EXIT
}
LOG=$TMP/output		# of the last command: stderr, then stdout
OUT=$TMP/stdout
COUNT=0 FAILED=0

# tap RC NAME: "ok" if RC is 0, else also what the command said
tap()
{
	COUNT=$((COUNT + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $COUNT - $2"
		return
	fi
	FAILED=$((FAILED + 1))
	echo "not ok $COUNT - $2"
	# awk ends the last line, which a log may leave open
	tail -n 6 "$LOG" | awk '{ print "# " $0 }'
}

tap_skip()
{
	COUNT=$((COUNT + 1))
	echo "ok $COUNT - $1 # SKIP $2"
}

# says NAME STATUS TEXT COMMAND...: ends with STATUS, not by the clock (LIMIT
# seconds), and its messages have TEXT in them
says()
{
	local name=$1 status=$2 text=$3 rc=0

	shift 3
	timeout -k 5 "${LIMIT:-60}" "$@" >"$OUT" 2>"$LOG" </dev/null || rc=$?
	cat "$OUT" >>"$LOG"
	[ "$rc" -eq "$status" ] || echo "exit status $rc, not $status" >>"$LOG"
	[ "$rc" -eq "$status" ] && grep -qF -- "$text" "$LOG"
	tap $? "$name"
}

tap_end()
{
	echo "1..$COUNT"
	[ "$FAILED" -eq 0 ]
}
