#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# join.sh VMTEST TARGET BASE OUT: measures the cost of both kinds of join on TARGET, and
# what its struct pid costs all other processes, compared with the kernel BASE:
# OUT/join.txt (and on stdout), join.json, join.svg
#
# Measures joins twice, with this seed and the next one, so with different random numbers
# in the guest: the two means may be 1 % apart (means, since the minimum of many is a
# matter of luck). In about a quarter of the joins that keep, the allocator has no free
# object at hand, which doubles the cost: their least cost is compared. The same seed gives
# the same figures, to the digit.
#
# Fails if a goal is missed: a join that keeps is at most as dear as the other, and the
# operations of a process that joins nothing cost within 0.5 % of those of BASE.
#
# O is the build directory.
set -euo pipefail

vmtest=$1 target=$2 base=$3 out=$4
here=${BASH_SOURCE%/*}
seed=${SEED:-1}
mkdir -p "$out"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# guest TARGET OPTION... -- COMMAND: prints the command's output. Addresses are not
# randomized, since they decide how many pages a fork has to copy.
guest()
{
	"$vmtest" --target "$1" --icount=0 --no-snapshot --append norandmaps --bare \
		--out "$out/vmtest" "${@:2}"
}

# measure SEED: prints the table
measure()
{
	guest "$target" --seed "$1" --memory 1024 -- "$O/guest/bench_join"
}

slabs()
{
	guest "$1" -- "$O/guest/bench_join" --slabs
}

# operations TARGET: prints lines "OPERATION MEDIAN"
operations()
{
	guest "$1" --add "$O/guest/bench_ops:/bench/bench_ops" \
		--add "$here/guest.sh:/bench/guest.sh" -- sh /bench/guest.sh none \
		fork:2000 setpgid:20000 getppid:100000 setns:20000 |
		awk '{ print $2, $5 }'
}

measure "$seed" >"$tmp/first"
measure $((seed + 1)) >"$tmp/second"
join <(slabs "$base" | cut -d ' ' -f 2-) <(slabs "$target" | cut -d ' ' -f 2-) \
	--nocheck-order >"$tmp/slabs"
join --nocheck-order <(operations "$base") <(operations "$target") >"$tmp/operations"

keep=14	# the column with the mean of the joins that keep
apart=$(paste -d ' ' "$tmp/first" "$tmp/second" | awk -v keep="$keep" '!/^#/ {
	half = NF / 2
	for (i = 4; i <= half; i += 2) {
		c = i == keep ? i - 1 : i
		d = 100 * ($c / $(c + half) - 1)
		d = d < 0 ? -d : d
		max = d > max ? d : max
	}
} END { printf "%.2f", max }')

{
	cat "$tmp/first"
	echo "# with another seed: at most $apart % apart"
	echo "#"
	echo "# a struct pid born at a depth: bytes, objects in a slab, pages of a slab"
	printf '#%-9s %17s %17s\n' depth "$base" "$target"
	awk '{ printf "%-10s %7d %4d %4d %7d %4d %4d\n", $1, $2, $3, $4, $5, $6, $7 }' \
		"$tmp/slabs"
	echo "#"
	echo "# instructions of a process that joins nothing (fork, with exit and wait)"
	printf '#%-9s %17s %17s %9s\n' operation "$base" "$target" added
	awk '{ printf "%-10s %17.1f %17.1f %8.2f%%\n", $1, $2, $3, 100 * ($3 / $2 - 1) }' \
		"$tmp/operations"
} | tee "$out/join.txt"

jq -Rn --arg target "$target" --arg base "$base" --arg seed "$seed" --arg apart "$apart" \
	--rawfile slabs "$tmp/slabs" --rawfile operations "$tmp/operations" '
	def lines: split("\n") | map(select(. != "") | split(" "));
	def cost(v; i): { least: v[i], middle_mean: v[i + 1] };
	def slab(v; i): { bytes: v[i], objects: v[i + 1], pages: v[i + 2] };
	[inputs | select(startswith("#") | not) | [splits(" +")] |
		{ by: .[0] } + (.[1:] | map(tonumber) | { n: .[0],
			join: { setns: cost(.; 1), whole: cost(.; 3) },
			mainline: { setns: cost(.; 5), fork: cost(.; 7),
				whole: cost(.; 9) },
			keep: { setns: cost(.; 11), whole: cost(.; 13) } })] |
	{ version: 2, unit: "guest instructions", target: $target, base: $base,
		seed: ($seed | tonumber), apart_percent: ($apart | tonumber),
		rows: .,
		struct_pid: ($slabs | lines | map(map(tonumber) | { depth: .[0],
			base: slab(.; 1), target: slab(.; 4) })),
		operations: ($operations | lines | map({ (.[0]): {
			base: (.[1] | tonumber), target: (.[2] | tonumber) } }) | add),
	} | . + { goals: {
		"a join that keeps is at most as dear as the other":
			all(.rows[]; .keep.setns.middle_mean <= .join.setns.middle_mean and
				.keep.whole.middle_mean <= .join.whole.middle_mean),
		"fork, exit and wait cost within 0.5 %":
			(.operations.fork | (.target / .base - 1) * 100 | fabs <= 0.5),
		"getppid, which is a pid_nr(), costs within 0.5 %":
			(.operations.getppid | (.target / .base - 1) * 100 | fabs <= 0.5),
	} }' "$tmp/first" >"$out/join.json"

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

jq -r '"#", (.goals | to_entries[] | "# \(if .value then "met" else "MISSED" end): \(.key)")' \
	"$out/join.json" | tee -a "$out/join.txt"
jq -e '.goals | all' "$out/join.json" >/dev/null || {
	echo "bench-join: a goal is missed" >&2
	exit 1
}
awk -v apart="$apart" 'BEGIN { exit apart > 1 }' || {
	echo "bench-join: two runs are $apart % apart, more than 1 %" >&2
	exit 1
}
