#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the fuzzer of the trace reader, the judge and all outputs, for a number of runs that
# does not depend on the clock; then with planted bugs, each of which it must find.
. "${BASH_SOURCE%/*}/host.sh"
RUNS=${FUZZ_RUNS:-4000}
fuzz=(-seed=1 -len_control=0 -mutate_depth=2 -max_len=24576 -timeout=60 -rss_limit_mb=2048)

# run PROGRAM RUNS [DIR]...: runs the fuzzer, returns its status
run()
{
	local program=$1 runs=$2
	shift 2
	# libFuzzer writes new inputs to the first directory, which must not be the seeds.
	rm -rf "$TMP/work"
	mkdir "$TMP/work"
	"$program" "${fuzz[@]}" -runs="$runs" -artifact_prefix="$TMP/" \
		"$TMP/work" "$@" \
		>"$LOG" 2>&1
}

# The header has the format's version: an input of another version tests nothing.
corpus=(tests/fuzz/corpus/*)
seed=$O/fuzz/seeds/scene_join
rc=0
: >"$LOG"
for f in "${corpus[@]}"; do
	cmp -n 8 -i 12 "$f" "$seed" >>"$LOG" 2>&1 && continue
	rc=1
	echo "$f is of another version of records: make it again or drop it" >>"$LOG"
done
tap $rc "the corpus is of this version"

"$O/fuzz/trace_fuzz" "${corpus[@]}" "$O"/fuzz/seeds/* >"$LOG" 2>&1
tap $? "${#corpus[@]} inputs that broke something once or reach rare code, and all seeds"

run "$O/fuzz/trace_fuzz" "$RUNS" "$O/fuzz/seeds" tests/fuzz/corpus
rc=$?
[ $rc -eq 0 ] || cp "$TMP"/{crash,leak,oom,timeout}-* "$O/fuzz/" 2>/dev/null
tap $rc "$RUNS runs, nothing found"

for planted in "$O"/fuzz/planted/*; do
	[ -x "$planted" ] && [ -f "$planted" ] || continue
	# A sanitizer's report is required: a program that does not start finds nothing.
	! run "$planted" "$RUNS" "$O/fuzz/seeds" &&
		grep -qE 'ERROR: (Address|Leak)Sanitizer|runtime error|not so: ' "$LOG"
	tap $? "finds the planted bug ${planted##*/}"
done
tap_end
