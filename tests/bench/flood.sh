#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# flood.sh WORKLOAD OPTIONS: in the guest, records a workload of bench_ops with these
# options. Prints the workload's own counts, and those of the trace: see bench_ops.c,
# trace_counts.c.
set -eu

# shellcheck disable=SC2086 # words
pidnstrace record --sweep 0 --grace 1 $2 -o /tmp/trace -- /bench/bench_ops $1
/bench/trace_counts /tmp/trace
