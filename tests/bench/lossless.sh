#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# lossless.sh SECONDS [RECORD-OPTION...]: in the guest, two processes fork as fast as
# they can for so long, all of it recorded. What was lost is in the trace, which is
# read as it comes: a file of it would not fit the guest's memory.
set -eu

seconds=$1
shift
/bench/bench_bpf ring "$seconds" >/tmp/ring &
pidnstrace record "$@" -o - -- \
	sh -c "exec /bench/bench_ops rate $seconds >/tmp/rate" |
	/bench/trace_counts - >/tmp/counts
wait
cat /tmp/rate /tmp/ring
awk '{ records += $2; bytes += $3; lost += $6; refused += $7; missed += $8 }
	$1 == "fork" { forks = $2 + $6 + $8 }
	END { printf "trace records %d bytes %d ring %d map %d missed %d forks %d\n",
		records, bytes, lost, refused, missed, forks }' /tmp/counts
