#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fuzz.sh SECONDS - `make fuzz`: fuzzes the trace reader and the judge on all
# CPUs, from the seeds, the corpus kept here, and what earlier runs found.
# An input that breaks something is left in $O/fuzz/found, its file named; one
# that is mended goes to tests/fuzz/corpus. Exit status 1 if something broke.
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
