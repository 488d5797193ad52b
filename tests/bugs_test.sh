#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The reproducers of docs/mainline-bugs.md: each shows its bug on a stock kernel of
# LINE (6.12), and does not on join, whose series mends it. O is the output directory.
set -u
cd -- "${BASH_SOURCE%/*}/.." || exit 2
. tests/tap.sh
: "${LINE:=6.12}"
O=$(realpath "${O:-build}")

# in_guest TARGET STATUS WORD...: the program ends with STATUS there
in_guest()
{
	local target=$1 status=$2

	shift 2
	"$O/vmtest/vmtest" --target "$target" --out "$TMP/out" --bare -- "$@" \
		>"$LOG" 2>&1
	grep -q " ended with exit status $status " "$LOG" ||
		{ [ "$status" -eq 0 ] && grep -q "^$target .* PASS " "$LOG"; }
}

in_guest "stock-$LINE" 0 "$O/bugs/proc-exec"
tap $? "stock-$LINE: /proc keeps the number of a thread that has executed"
in_guest "join-$LINE" 1 "$O/bugs/proc-exec" 20
tap $? "join-$LINE: it does not, within 20 s"
in_guest "stock-$LINE" 0 "$O/bugs/setns-creds"
tap $? "stock-$LINE: setns() without memory leaks the credentials"
tap_end
