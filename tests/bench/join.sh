#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# join.sh VMTEST TARGET PROGRAM OUT: measures the cost of a join: OUT/join.txt (and on
# stdout), join.json, join.svg
#
# Measures twice, with this seed and the next one, so with different random numbers in
# the guest: the two means may be 1 % apart (means, since the minimum of many is a
# matter of luck). The same seed gives the same figures, to the digit.
set -euo pipefail

vmtest=$1 target=$2 program=$3 out=$4
here=${BASH_SOURCE%/*}
seed=${SEED:-1}
mkdir -p "$out"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# measure SEED: prints the table. Addresses are not randomized, since they decide how
# many pages a fork has to copy.
measure()
{
	"$vmtest" --target "$target" --seed "$1" --icount=0 --memory 1024 \
		--append norandmaps --bare --out "$out/vmtest" -- "$program"
}

measure "$seed" >"$tmp/first"
measure $((seed + 1)) >"$tmp/second"

apart=$(paste -d ' ' "$tmp/first" "$tmp/second" | awk '!/^#/ {
	half = NF / 2
	for (i = 4; i <= half; i += 2) {
		d = 100 * ($i / $(i + half) - 1)
		d = d < 0 ? -d : d
		max = d > max ? d : max
	}
} END { printf "%.2f", max }')

{
	cat "$tmp/first"
	echo "# with another seed: at most $apart % apart"
} | tee "$out/join.txt"

jq -Rn --arg target "$target" --arg seed "$seed" --arg apart "$apart" '
	def cost(v; i): { least: v[i], middle_mean: v[i + 1] };
	[inputs | select(startswith("#") | not) | [splits(" +")] |
		{ by: .[0] } + (.[1:] | map(tonumber) | { n: .[0],
			join: { setns: cost(.; 1), whole: cost(.; 3) },
			mainline: { setns: cost(.; 5), fork: cost(.; 7),
				whole: cost(.; 9) } })] |
	{ version: 1, unit: "guest instructions", target: $target,
		seed: ($seed | tonumber), apart_percent: ($apart | tonumber),
		rows: . }' "$tmp/first" >"$out/join.json"

gnuplot -e "in='$tmp/first'; out='$tmp/svg'" \
	-e "about='Getting a process into a pid namespace ($target)'" \
	"$here/join.gnuplot"
# Gnuplot knows one black only; a page may be light or dark.
sed '0,/^<defs>/s//<style>\
#gnuplot_canvas > rect { fill: #ffffff }\
@media (prefers-color-scheme: dark) {\
	#gnuplot_canvas > rect { fill: #0d1117 }\
	[color="black"] { color: #e6edf3 }\
	[fill="black"] { fill: #e6edf3 }\
	[stroke="black"] { stroke: #e6edf3 }\
}\
<\/style>\
&/' "$tmp/svg" >"$out/join.svg"

awk -v apart="$apart" 'BEGIN { exit apart > 1 }' || {
	echo "bench-join: two runs are $apart % apart, more than 1 %" >&2
	exit 1
}
