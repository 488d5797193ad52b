#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# lossless.sh SECONDS [RECORD-OPTION...]: in the guest, records two processes that
# fork as fast as they can for that long. The trace has the number of lost records;
# the trace is read from a pipe, since the guest's memory cannot hold a file of it.
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
