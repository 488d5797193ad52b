#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench-icount.sh VMTEST TARGET SEED: makes a run twice under --icount and compares
# the numbers of executed instructions, which must not depend on the host's load,
# clock and random numbers. Fails if the numbers differ by more than 0.1 %.
set -eu

vmtest=$1 target=$2 seed=$3
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

count() {
	"$vmtest" --target "$target" --seed "$seed" --icount --tests stress \
		--ops "${OPS:-20}" --out "$out" 2>&1 >/dev/null |
		sed -n 's/.*: \([0-9]*\) instructions$/\1/p'
}

first=$(count)
second=$(count)
if [ -z "$first" ] || [ -z "$second" ]; then
	echo "bench-icount: a run was not counted" >&2
	exit 2
fi
awk -v a="$first" -v b="$second" 'BEGIN {
	d = 100 * (a > b ? a - b : b - a) / a
	printf "instructions %d and %d, apart by %.4f %% (at most 0.1 %%)\n", a, b, d
	exit d > 0.1
}'
