#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench-trace.sh VMTEST TARGET OUT: measures the cost of tracing, in instructions per
# operation
#
# Each tracer has its own guest, under --icount=0, so that no tracer affects the next.
# All is repeated ROUNDS times, which shows the spread. tests/guest/bench_ops.c has the
# measured operations; tests/bench/guest.sh runs the tracers and checks that they have
# traced; tests/bench/trace.jq has the goals. Writes OUT/trace.json and OUT/trace.txt.
# Fails if a tracer has not traced; a missed goal is not a failure.
#
# O is the build directory. TRACERS="none record ..." selects tracers, "none" and
# "record" among them, and thereby the goals that are checked. ROUNDS: default 2.
set -euo pipefail

vmtest=$1 target=$2 out=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Tracers that write text make fewer operations, so that the text fits their buffers.
many=(setns:20000 fork:2000 setpgid:20000 getppid:200000)
few=(setns:2000 fork:500 setpgid:2000)

for p in bpftrace strace pahole; do
	command -v "$p" >/dev/null || {
		echo "bench-trace: $p is not in PATH: install $p" >&2
		exit 2
	}
done

image=$(kernel/build.sh "$target" | tail -n 1)
# offset NAME STRUCT MEMBER: prints -DNAME=OFFSET, as bpftrace and kprobe_events cannot
# name the member
offset()
{
	local bytes

	bytes=$(pahole -C "$2" "$image" |
		sed -n "s/.* $3[]; [].*\/\* *\([0-9]*\) .*/\1/p")
	[ -n "$bytes" ] || {
		echo "bench-trace: $image: no struct $2 with a $3 in its BTF" >&2
		exit 2
	}
	echo "-D$1=$bytes"
}
offsets=("$(offset NS_OFFSET pid_namespace ns)"
	"$(offset NS_RCU_OFFSET pid_namespace rcu)"
	"$(offset RCU_OFFSET pid rcu)" "$(offset PID_LEVEL pid level)"
	"$(offset PID_TASKS pid tasks)" "$(offset PID_NUMBERS pid numbers)")
mkdir -p "$out"
# bpftrace has no macros with arguments and no strings in pieces; C has both.
cpp() { cc -E -P -x c "${offsets[@]}" "$1" | sed 's/" *"//g'; }
cpp tests/bench/trace.bt.h >"$out/trace.bt"
cpp tests/bench/kprobes.h >"$out/kprobes"

add=()
for f in "$O"/guest/bench_ops "$O"/guest/bench_bpf "$out"/trace_counts \
	"$out"/trace.bt "$out"/kprobes tests/bench/guest.sh; do
	add+=(--add "$f:/bench/${f##*/}")
done

# run TRACER: prints the guest's lines
run()
{
	local memory=1500 more=() ops=("${few[@]}" getppid:200000)

	case $1 in
	bpftrace) more=(--add "$(command -v bpftrace):/usr/bin/bpftrace") ;;
	ftrace) ;;
	strace)
		more=(--add "$(command -v strace):/usr/bin/strace")
		ops=("${few[@]}" getppid:20000)
		;;
	*) memory=512 ops=("${many[@]}") ;;
	esac
	# The layout of mappings affects the work of a fork, so it must not vary.
	"$vmtest" --target "$target" --bare --icount=0 --no-snapshot --append norandmaps \
		--memory $memory --out "$tmp/run" "${add[@]}" "${more[@]}" \
		-- sh /bench/guest.sh "$1" "${ops[@]}" 2>"$tmp/log" || {
		cat "$tmp/lines" "$tmp/log" >&2
		return 1
	}
}

for ((round = 1; round <= ${ROUNDS:-2}; round++)); do
	for tracer in ${TRACERS:-none floor record verify bpftrace ftrace strace stats}; do
		echo "bench-trace: $tracer, round $round" >&2
		run "$tracer" >"$tmp/lines"
		sed -n "s/^# /$tracer /p" "$tmp/lines" >"$tmp/parts.$tracer"
		# Only the parts of stats are of interest, as stats itself adds cost.
		[ "$tracer" = stats ] ||
			sed -n "/^#/!s/^/$round /p" "$tmp/lines" >>"$tmp/results"
	done
done

cat "$tmp"/parts.* | jq -R -s --rawfile results "$tmp/results" --arg target "$target" \
	-f tests/bench/trace.jq >"$out/trace.json"
jq -r -f tests/bench/table.jq "$out/trace.json" | tee "$out/trace.txt"
