#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# flood.sh RING N [stop]: in the guest, N of each operation recorded with so small a
# ring. What the workload says, and what the trace says: see bench_ops.c,
# trace_counts.c.
set -eu

pidnstrace record --sweep 0 --grace 1 --ring-size "$1" -o /tmp/trace -- \
	/bench/bench_ops flood "$2" ${3:+"$3"}
/bench/trace_counts /tmp/trace
