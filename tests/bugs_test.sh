#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the reproducers of docs/mainline-bugs.md: each bug must show on the stock kernel
# of LINE (6.12), and must not show on join if its series fixes it.
. "${BASH_SOURCE%/*}/host.sh"
. tests/bugs/show.sh
: "${LINE:=6.12}"
O=$B

# shows TARGET yes|no PROGRAM [ARGUMENT...]: runs PROGRAM, compares its answer
shows()
{
	local target=$1 wanted=$2 answer

	shift 2
	answer=$(bug_show "$target" "$TMP/out" "$@")
	cp "$TMP/out.log" "$LOG"
	[ "$answer" = "$wanted" ]
}

shows "stock-$LINE" yes "$O/bugs/proc-exec"
tap $? "stock-$LINE: /proc keeps the number of a thread that has executed"
check "join-$LINE: it does not, within 20 s" shows "join-$LINE" no "$O/bugs/proc-exec"
shows "stock-$LINE" yes "$O/bugs/setns-creds"
tap $? "stock-$LINE: setns() without memory leaks the credentials"
shows "stock-$LINE" yes "$O/bugs/ptrace-exec"
tap $? "stock-$LINE: a tracer is not woken when an exec releases the leader"
tap_end
