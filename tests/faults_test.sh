#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Lets real guests die, hang and flood, on mutants-6.12 with LKDTM: each must get its
# verdict in time, its fault must be named, and no process may be left. Cases that need
# a fake QEMU are in tests/unit/vmtest_test_*.c.
. "${BASH_SOURCE%/*}/host.sh"
LIMIT=300
out=$TMP/out
run=$out/mutants-6.12-1
lkdtm=/sys/kernel/debug/provoke-crash/DIRECT
# A session of its own identifies the processes that are left.
vmtest=(setsid --wait sh -c "echo \$\$ >$TMP/session; exec \"\$@\"" vmtest
	"$VMTEST" --target mutants-6.12 --out "$out" --accel tcg)

# Neither the boot nor the saving of a guest is timed. A run in which a resumed guest
# panics or splats is repeated before the report; that is timed.
"${vmtest[@]}" -- true >"$LOG" 2>&1 || {
	cat "$LOG" >&2
	exit 2
}

# A process that was killed as its parent ended disappears once the machine's init has
# reaped it.
nothing_left()
{
	until_true 2 not pgrep -a -s "$(cat "$TMP/session")" >>"$LOG"
}

# ends NAME STATUS TEXT SECONDS ARG...: checks that the runner prints TEXT, ends in
# time with STATUS, and leaves no process
ends()
{
	local name=$1 status=$2 text=$3 most=$4 began=$SECONDS
	shift 4

	says "$name" "$status" "$text" "${vmtest[@]}" "$@"
	[ $((SECONDS - began)) -le "$most" ] && nothing_left
	tap $? "$name: reported within $most s, and no process is left"
}

# larger FILE BYTES: tests that the file is there, and larger
larger()
{
	[ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt "$2" ]
}

# has NAME JQ: tests faults.json of the last run
has()
{
	check "$1" jq -e "$2" "$run/faults.json"
}

ends 'a panic at boot' 5 'PANIC: Kernel panic - not syncing: VFS: Unable to mount root' 12 \
	--append 'rdinit=/nonexistent init=/nonexistent' -- true
ends 'a panic in a test' 5 'PANIC: Kernel panic - not syncing: sysrq triggered crash' 20 \
	-- sh -c 'echo c >/proc/sysrq-trigger'
has 'its stack has file and line' \
	'.faults[0].frames[0] == "sysrq_handle_crash"'
grep -q '^sysrq_handle_crash+.*(drivers/tty/sysrq.c:[0-9]*)$' "$run/splat.txt"
tap $? 'as far as splat.txt goes'
ends 'an oops that panics is reported as that oops' 5 \
	'kernel BUG in lkdtm_BUG; Kernel panic - not syncing: Fatal exception' 20 \
	-- sh -c "echo BUG >$lkdtm"
ends 'a warning' 4 'SPLAT: WARNING: CPU: ' 20 -- sh -c "echo WARNING >$lkdtm"
has 'its name has no number in it' '.faults[0].title == "WARNING in lkdtm_WARNING"'
ends 'a warning in the middle of a line of a program' 4 'SPLAT: WARNING: CPU: ' 20 \
	-- sh -c "printf '57%%' >/dev/console; echo WARNING >$lkdtm"
has 'and its name is that of any other' '.faults[0].title == "WARNING in lkdtm_WARNING"'

ends 'a hang with interrupts off' 6 'HANG: no output for ' 15 \
	--cpus 1 --timeout 2 -- sh -c "echo HARDLOCKUP >$lkdtm"
has 'the registers show the CPU' \
	'.hang == "no output" and (.where[0] |
	test("^CPU 0: lkdtm_HARDLOCKUP\\+.*drivers/misc/lkdtm/bugs.c:"))'
# On a busy host a healthy init may be silent for 2 s, which would be another hang.
ends 'a task that sleeps for ever' 6 'HANG: no progress of the tests' 60 \
	--timeout 6 -- sh -c "echo HUNG_TASK >$lkdtm"
has 'the report has the place' '.hang == "no progress" and ([.where[] |
	select(test("^blocked sh\\[[0-9]*\\]: lkdtm_HUNG_TASK"))] | length == 1)'
ends 'a console that is flooded' 6 'HANG: ' 40 --timeout 2 \
	-- sh -c 'while :; do echo flood; done >/dev/console'
check 'what it said is kept' [ "$(grep -c flood "$run/console.log")" -gt 100 ]

# The date depends on the seed: here the date selects the fault.
ends 'six runs, two faults' 5 '6 of 6 runs of mutants-6.12 failed: 2 distinct faults' 60 \
	--seed 1..6 --jobs 2 -- sh -c "case \$(date +%S) in
		[0-2]*) echo WARNING ;; *) echo BUG ;; esac >$lkdtm"
[ "$(jq -c '[.targets[0].faults[] | .runs] | add' "$out/summary.json")" = 6 ]
tap $? 'summary.json has them, too'

# drawn SEED: prints the date and random bytes of a guest with that seed
drawn()
{
	"${vmtest[@]}" --seed "$1" -- sh -c \
		'date +%s; head -c 16 /dev/urandom | base64' 2>"$LOG"
}
first=$(drawn 7) again=$(drawn 7) other=$(drawn 8)
# A tolerance: on a busy host the guest may read the clock a second later.
[ $((${again%%$'\n'*} - ${first%%$'\n'*})) -le 5 ] 2>"$LOG"
tap $? 'a seed has its date'
[ "${first%%$'\n'*}" != "${other%%$'\n'*}" ] &&
	[ "${first##*$'\n'}" != "${other##*$'\n'}" ]
tap $? 'and another seed another, and other random numbers'
grep -q 'vmtest: the saved guest woke up after ' "$out/mutants-6.12-8/log"
tap $? 'though all begin as the same saved guest'

# QEMU is killed by another process: the records received so far are judged.
"${vmtest[@]}" --tests stress --ops 400 >"$LOG" 2>&1 &
until_true 30 larger "$run/trace.bin" 100000
pkill -9 -s "$(cat "$TMP/session")" qemu-system
wait $!
[ $? -eq 7 ] && grep -q 'LOST: no verdict; QEMU was killed by signal 9' "$LOG" &&
	[ "$(jq .targets[0].events "$out/summary.json")" -gt 100 ]
tap $? 'QEMU killed: LOST, and the trace that came is judged'

# starve: lets QEMU run for a small part of the time only, until it ends
starve()
{
	local pid

	while pid=$(pgrep -s "$(cat "$TMP/session")" qemu-system); do
		# shellcheck disable=SC2086 # a word for each process
		kill -STOP $pid && sleep 0.97 && kill -CONT $pid && sleep 0.01
	done
}
# The time that these cases take on the clock is longer than their limit.
"${vmtest[@]}" --bare --ktap -- "$B/guest/semantics" --mode join --limit 500 \
	--only 'view: /proc' >"$LOG" 2>&1 &
until_true 60 larger "$run/tests.ktap" 0
starve
wait $!
tap $? 'limits of guest programs count what the guest can do'

# The guest has a single CPU, which ten busy loops share.
hogs=()
for ((i = 0; i < 10; i++)); do
	taskset -c 0 sh -c 'while :; do :; done' &
	hogs+=($!)
done
says 'a host so busy that all takes ten times as long' 0 ' PASS ' \
	taskset -c 0 "${vmtest[@]}" --tests stress --ops 5
kill "${hogs[@]}"
wait "${hogs[@]}" 2>/dev/null

tap_end
