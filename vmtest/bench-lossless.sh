#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench-lossless.sh VMTEST TARGET OUT SECONDS: records as many forks as two CPUs make,
# with a ring buffer of the default size. Prints the rates, the losses and the loader's
# memory; writes OUT/lossless.txt. Fails if a fork is neither recorded nor counted as
# lost; a missed goal is not a failure.
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
"$vmtest" --target "$target" --bare --cpus 2 --memory 1024 --out "$out/lossless" \
	"${add[@]}" -- sh /bench/lossless.sh "$seconds" ${RECORD:-} \
	>"$out/lossless.lines" 2>"$log" || {
	cat "$out/lossless.lines" "$log" >&2
	exit 1
}
awk -v target="$target" '
	# "NAME key value key value ..."
	{ for (i = 2; i < NF; i += 2) v[$1 " " $i] = $(i + 1) }
	function goal(text, figure, most) {
		printf "  %-38s %12.1f   at most %6.1f   %s\n", text, figure, most,
			figure <= most ? "met" : "not met"
	}
	END {
		s = v["rate seconds"]
		forks = v["rate forks"]
		printf "%s, two CPUs, fork and exit by two processes for %.1f s\n", target, s
		printf "  %-38s %12.1f\n", "forks a second", forks / s
		printf "  %-38s %12.1f\n", "records a second", v["trace records"] / s
		printf "  %-38s %12.1f\n", "MiB a second", v["trace bytes"] / s / 1048576
		goal("lost, records", v["trace ring"] + v["trace map"] + v["trace missed"], 0)
		goal("peak memory of the loader, MiB", v["rate peak_kib"] / 1024, 64)
		printf "  %-38s %12.1f   of %.1f\n", "most in the ring, MiB",
			v["ring most"] / 1048576, v["ring size"] / 1048576
		# Allows for forks of the command itself and of kernel threads.
		if (!forks || v["trace forks"] <= forks || v["trace forks"] > forks + 50) {
			print "bench-lossless: " forks " forks, but " v["trace forks"] \
				" recorded or lost" >"/dev/stderr"
			exit 1
		}
	}' "$out/lossless.lines" | tee "$out/lossless.txt"
