#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How large a page of 100,000 records is, how long it takes to open, and how long
# a frame takes while it is zoomed from all of it to a thousandth. Each frame is
# drawn to its last pixel, by the CPU: a browser with a GPU is faster. Measures;
# fails only when there is nothing to measure. O is the output directory.
set -eu
: "${O:=build}"
BROWSER=${CHROMIUM:-chromium}
RECORDS=${RECORDS:-100000}
tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT

# row NAME TRACE OPTION...
row()
{
	local name=$1 trace=$2 said

	shift 2
	"$O/pidnstrace" report "$trace" "$@" -o "$tmp/page.html"
	said=$("$BROWSER" --headless --no-sandbox --disable-gpu --no-first-run \
		--user-data-dir="$tmp/profile" --window-size=1600,1000 \
		--host-resolver-rules='MAP * ~NOTFOUND' \
		--dump-dom "file://$tmp/page.html#bench=100" 2>/dev/null </dev/null |
		sed -n 's/.*<output id="bench">\(.*\)<\/output>.*/\1/p')
	[ -n "$said" ] || {
		echo "$name: the page did not measure itself" >&2
		return 1
	}
	printf '%-22s %5.1f MB, %s\n' "$name" \
		"$(stat -c '%s / 1000000' "$tmp/page.html" | awk '{ print $1 / $3 }')" \
		"$said"
}

"$O/unit/page_make" crowded "$tmp/crowded" "$RECORDS"
"$O/unit/bench_replay" generate "$RECORDS" 500 >"$tmp/many"
row 'short-lived tasks' "$tmp/crowded" --all
row '500 tasks all the time' "$tmp/many" --all
