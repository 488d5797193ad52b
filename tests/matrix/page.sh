#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# page.sh PAGE ROWS KERNEL... - prints PAGE (docs/kernels.md) with the rows in ROWS,
# "TABLE<tab>ROW" each, in place of the page's rows of the same kernels. Rows of the
# other KERNELs stay as they are, rows of any kernel not listed are removed. The order
# is that of the KERNELs. A table follows a line "<!-- table: TABLE -->".
#
# page.sh --compare PAGE NEW - prints the differences, and fails if there are any. A
# kernel's version is not compared: a security update, or the next release candidate,
# is not a difference.
set -euo pipefail
shopt -s inherit_errexit

# versionless FILE: prints FILE without the kernels' versions
versionless()
{
	sed -E 's/[0-9]+\.[0-9]+[^ |,]*-amd64/VERSION/g' "$1"
}

if [ "$1" = --compare ]; then
	diff -u --label "$2" --label "$3" <(versionless "$2") <(versionless "$3")
	exit
fi

page=$1 rows=$2
shift 2
awk -v kernels="$*" '
	function kernel_of(row) {
		split(row, cell, / *\| */)
		return cell[2]
	}
	function flush(  i, kernel) {
		for (i = 1; i <= n; i++) {
			kernel = order[i]
			if (measured[kernel])
				printf "%s", new[table, kernel]
			else
				printf "%s", old[kernel]
		}
		split("", old)
		table = body = ""
	}
	BEGIN { n = split(kernels, order, " ") }
	FILENAME == ARGV[1] {
		name = $0
		sub(/\t.*/, "", name)
		row = substr($0, length(name) + 2)
		measured[kernel_of(row)] = 1
		new[name, kernel_of(row)] = new[name, kernel_of(row)] row "\n"
		next
	}
	/^<!-- table: / { table = $3; print; next }
	table && /^\|---/ { body = 1; print; next }
	body && /^\|/ { old[kernel_of($0)] = old[kernel_of($0)] $0 "\n"; next }
	body { flush() }
	{ print }
	END { if (body) flush() }' "$rows" "$page"
