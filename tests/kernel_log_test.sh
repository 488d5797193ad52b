#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Lets programs of real guests hide the kernel's reports, and imitate them: the report
# must be found, and the imitation must not count. The report is that of a process which
# the kernel kills for its memory, at the request of sysrq. Cases that need a fake QEMU
# are in tests/unit/vmtest_test_run.c.
. "${BASH_SOURCE%/*}/host.sh"
LIMIT=300
TARGET=${TARGET:-stock-6.12}
run=$TMP/out/$TARGET-1
# One boot is enough: a run with a report would otherwise be repeated.
vmtest=("$VMTEST" --target "$TARGET" --out "$TMP/out" --accel tcg --timeout 300
	--no-snapshot --bare)
# shellcheck disable=SC2016 # the guest expands it
report='sh -c "echo 1000 >/proc/self/oom_score_adj; exec sleep 1000" &
	until grep -q 1000 /proc/$!/oom_score_adj; do :; done
	echo f >/proc/sysrq-trigger
	wait; true'
warning='WARNING: CPU: 0 PID: 1 at kernel/pid.c:1'

says 'a report in the middle of a line of a program' 4 \
	'SPLAT: Out of memory: Killed process' \
	"${vmtest[@]}" -- sh -c "printf 57% >/dev/console; $report"
says 'a report that the loglevel keeps off the console' 4 \
	'SPLAT: Out of memory: Killed process' "${vmtest[@]}" -- sh -c "
	echo 1 >/proc/sys/kernel/printk
	echo off >/proc/sys/kernel/printk_devkmsg
	dmesg -c >/dev/null
	$report"
check 'is not on the console' not grep -q 'Out of memory' "$run/console.log"
check 'has its name' jq -e '.faults[0].title == "out of memory"' "$run/faults.json"
check 'and is in the log' grep -q '^<3>.* Out of memory: Killed' "$run/kernel.log"
says 'what programs write to the log and to the console is no report' 0 PASS \
	"${vmtest[@]}" -- sh -c "
	echo '$warning' >/dev/kmsg
	echo '<0>$warning' >/dev/kmsg
	printf 'a[99999.000000] $warning\n' >/dev/console
	echo '$warning' >/dev/console"
check 'though all of it is on the console' \
	[ "$(grep -c "$warning" "$run/console.log")" -eq 4 ]
# A real-time process prints on the only CPU, so init cannot read in time.
says 'a log that is overwritten before init reads it' 3 "the kernel's log has gaps" \
	"${vmtest[@]}" --cpus 1 -- chrt -f 99 sh -c '
	echo 1 >/proc/sys/kernel/printk
	for i in 1 2 3 4 5 6 7 8 9 10; do echo t >/proc/sysrq-trigger; done'

tap_end
