#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Measures a page of 100,000 records: its size, the time to open it, and the time of a
# frame while the view zooms from the whole trace to a thousandth. The CPU draws each
# frame to its last pixel: a browser with a GPU is faster. Fails only if there is
# nothing to measure. O is the output directory.
set -eu
: "${O:=build}"
BROWSER=${CHROMIUM:-chromium}
RECORDS=${RECORDS:-100000}
tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT

# row NAME TRACE OPTION...: measures the page of one trace
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
