#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# lossless.sh SECONDS [RECORD-OPTION...]: in the guest, records two processes that
# fork as fast as they can for that long, by fork() and then by vfork(). Before and after
# each, they run untraced for a quarter of that time. The trace has the number of lost
# records; the trace is read from a pipe, since the guest's memory cannot hold a file of
# it. A line begins with the name of the system call.
set -eu

seconds=$1
shift

untraced()
{
	/bench/bench_ops rate $(((seconds + 3) / 4)) "$call" | sed "s/rate/$call untraced/"
}

for call in fork vfork; do
	untraced
	/bench/bench_bpf ring "$seconds" >/tmp/ring &
	pidnstrace record "$@" -o - -- \
		sh -c "exec /bench/bench_ops rate $seconds $call >/tmp/rate" |
		/bench/trace_counts - >/tmp/counts
	wait
	untraced
	sed "s/^/$call /" /tmp/rate /tmp/ring
	awk -v call="$call" '
		{ records += $2; bytes += $3; lost += $6; refused += $7; missed += $8 }
		$1 == "fork" { forks = $2 + $6 + $8 }
		END { printf "%s trace records %d bytes %d ring %d map %d missed %d forks %d\n",
			call, records, bytes, lost, refused, missed, forks }' /tmp/counts
done
