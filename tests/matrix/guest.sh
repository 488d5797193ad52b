#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh [CLIENT...] - in the guest: reads the kernel's facts that decide a row of
# the matrix, then runs the clients (tests/clients/guest.sh). The output is a sequence
# of tar archives; the first has
#
#   facts/release, facts/cpus
#   facts/preempt      the models that preempt= can choose, the active one in
#                      parentheses; empty if there is no choice
#   facts/probe.json   output of `pidnstrace probe`; empty if it refuses the kernel
#   facts/refusal      its error message
#   facts/status       its exit status
set -eu
mkdir /facts
uname -r >/facts/release
busybox nproc >/facts/cpus
cat /sys/kernel/debug/sched/preempt >/facts/preempt 2>/dev/null || :
pidnstrace probe --format json >/facts/probe.json 2>/facts/refusal && status=0 || status=$?
echo "$status" >/facts/status
tar -C / -cf - facts
[ $# -eq 0 ] || exec sh /clients/guest.sh off 1 "$@"
