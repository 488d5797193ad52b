#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# record.sh PAGE DISTRIBUTION QEMU ACCELERATION RUN RESULT: writes a row of the table
# in PAGE (docs/machines.md), with today's date. A row with the same first four
# columns is replaced; the rows stay sorted.
set -euo pipefail
shopt -s inherit_errexit

page=$1
shift
row="| $1 | $2 | $3 | $4 | $5 | $(date -u +%F) |"
new=$(mktemp "$page.XXXXXX")
trap 'rm -f "$new"' EXIT
awk -v row="$row" '
	function key(line) {
		split(line, f, / *\| */)
		return f[2] "|" f[3] "|" f[4] "|" f[5]
	}
	function flush(  i, cmd) {
		cmd = "LC_ALL=C sort"
		for (i in rows)
			print rows[i] | cmd
		close(cmd)
		table = 0
	}
	/^\|---/ { print; table = 1; rows[key(row)] = row; next }
	table && /^\|/ { if (key($0) != key(row)) rows[key($0)] = $0; next }
	table { fflush(); flush() }
	{ print }
	END { if (table) { fflush(); flush() } }' "$page" >"$new"
cat "$new" >"$page"
