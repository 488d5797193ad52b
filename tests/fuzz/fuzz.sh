#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fuzz.sh SECONDS - `make fuzz`: fuzzes all that reads a trace on all CPUs,
# starting from the seeds, the corpus in the tree, and the inputs of earlier runs. A
# failing input is kept in $O/fuzz/found, and its name printed; move it to
# tests/fuzz/corpus once fixed. Exit status 1 if an input failed.
set -u
: "${O:=build}"
seconds=$1
mkdir -p "$O/fuzz/work" "$O/fuzz/found" || exit 2
before=$(find "$O/fuzz/found" -type f | wc -l)

"$O/fuzz/trace_fuzz" -max_len=24576 -len_control=0 -mutate_depth=2 -fork="$(nproc)" \
	-ignore_crashes=1 -ignore_timeouts=1 -timeout=20 -rss_limit_mb=2048 \
	-max_total_time="$seconds" -artifact_prefix="$O/fuzz/found/" \
	"$O/fuzz/work" "$O/fuzz/seeds" tests/fuzz/corpus

after=$(find "$O/fuzz/found" -type f | wc -l)
echo "$((after - before)) inputs broke something; $(find "$O/fuzz/work" -type f | wc -l) kept in $O/fuzz/work"
[ "$after" -eq "$before" ] || {
	echo "again: $O/fuzz/trace_fuzz FILE, for each in $O/fuzz/found" >&2
	exit 1
}
