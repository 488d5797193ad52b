# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# TAP for debian13.sh and user.sh: a test point is a whole command, with a log in DIR;
# some are also rows of docs/machines.md. The caller sources begin.sh first, which
# removes tap.sh's files, and sets DIR, MACHINE (the first column), and INSIDE, the
# words that run a command in that machine.

. tests/tap.sh

# point NAME COMMAND...: checks that COMMAND ends with 0
point()
{
	local name=$1 rc=0

	shift
	LOG=$DIR/$((COUNT + 1)).log
	echo "# $name" >&2
	"${INSIDE[@]}" "$@" >"$LOG" 2>&1 </dev/null || rc=$?
	tap $rc "$name"
	[ $rc -eq 0 ] || echo "# exit status $rc; the log is $LOG"
	return $rc
}

# row RUN COMMAND...: as point, and writes the result as a row
row()
{
	local result=PASS

	point "$@" || result=FAIL
	record "$MACHINE" "$("${INSIDE[@]}" qemu-system-x86_64 --version |
		qemu_version)" TCG "$1" $result
}
