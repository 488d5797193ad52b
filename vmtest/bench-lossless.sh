#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench-lossless.sh VMTEST TARGET OUT SECONDS: records as many forks as two CPUs make, by
# fork() and by vfork(), with a ring buffer of the default size. Prints the rates, beside
# those without a tracer, the losses and the loader's memory; writes OUT/lossless.txt.
# Fails if a fork is neither recorded nor counted as lost; a missed goal is not a failure.
#
# O is the build directory. RECORD has more options for pidnstrace record.
set -euo pipefail

vmtest=$1 target=$2 out=$3 seconds=$4
log=$(mktemp)
trap 'rm -f "$log"' EXIT
add=()
for f in "$O"/guest/bench_ops "$O"/guest/bench_bpf "$out"/trace_counts \
	tests/bench/lossless.sh; do
	add+=(--add "$f:/bench/${f##*/}")
done

# shellcheck disable=SC2086
"$vmtest" --target "$target" --bare --cpus 2 --memory 1024 \
	--timeout $((3 * seconds + 120)) --out "$out/lossless" \
	"${add[@]}" -- sh /bench/lossless.sh "$seconds" ${RECORD:-} \
	>"$out/lossless.lines" 2>"$log" || {
	cat "$out/lossless.lines" "$log" >&2
	exit 1
}
awk -v target="$target" '
	# "CALL NAME key value key value ..."; several lines of a name are added up.
	{ for (i = 3; i < NF; i += 2) v[$1 " " $2 " " $i] += $(i + 1) }
	function print_figure(text, figure, more) {
		printf "  %-38s %12.1f%s\n", text, figure, more
	}
	function goal(text, figure, most) {
		print_figure(text, figure, "   at most " most "   " \
			(figure <= most ? "met" : "not met"))
	}
	function print_call(call,   s, forks, traced, untraced, lost) {
		s = v[call " rate seconds"]
		forks = v[call " rate forks"]
		traced = v[call " trace forks"]
		untraced = v[call " untraced forks"] / v[call " untraced seconds"]
		printf "%s, two CPUs, %s and exit by two processes for %.1f s\n",
			target, call, s
		print_figure("forks a second, untraced", untraced, "")
		print_figure("forks a second", forks / s, "   " \
			int(100 * forks / s / untraced) "% of those")
		print_figure("records a second", v[call " trace records"] / s, "")
		print_figure("MiB a second", v[call " trace bytes"] / s / 1048576, "")
		lost = v[call " trace ring"] + v[call " trace map"] + v[call " trace missed"]
		goal("lost, records", lost, 0)
		goal("peak memory of the loader, MiB", v[call " rate peak_kib"] / 1024, 64)
		print_figure("most in the ring, MiB", v[call " ring most"] / 1048576, "   of " \
			v[call " ring size"] / 1048576)
		# Allows for forks of the command itself and of kernel threads.
		if (!forks || traced <= forks || traced > forks + 50) {
			print "bench-lossless: " forks " forks, but " traced \
				" recorded or lost" >"/dev/stderr"
			exit 1
		}
	}
	END {
		print_call("fork")
		print_call("vfork")
	}' "$out/lossless.lines" | tee "$out/lossless.txt"
