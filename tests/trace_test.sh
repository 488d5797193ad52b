#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests `pidnstrace trace` on stock kernels: with wrong usage, on a machine that lacks
# something, and with a slow reader; and `pidnstrace verify` of commands that fail.
. "${BASH_SOURCE%/*}/host.sh"

# guest TARGET ARG...: runs a command in a guest of its own, without the tracer
guest()
{
	timeout -k 5 600 "$VMTEST" --out "$TMP/vm" --bare --target "$@" \
		</dev/null
}

# on_each "TARGET..." NAME "PROGRAM..." TITLE: runs tests/guest/NAME.sh, with guest programs, on
# each target, and checks that it passed there
on_each()
{
	local targets=$1 name=$2 programs=$3 title=$4 words=() word

	for word in $targets; do
		words+=(--target "$word")
	done
	for word in $programs; do
		words+=(--add "$B/guest/$word:/$word")
	done
	# guest itself has the first --target
	guest "${words[@]:1}" --ktap --add "tests/guest/$name.sh:/$name.sh" \
		--add tests/tap.sh:/tap.sh -- sh "/$name.sh" >"$OUT" 2>&1
	for word in $targets; do
		passed "$title on $word" "$word"
	done
}

on_each 'stock-6.12 stock-6.1' trace 'terminal thread_exec' 'trace, wrongly used,'
on_each 'stock-6.12 stock-6.1 stock-7.3' tree held 'tree, wait-for and selections'
on_each 'stock-6.12 stock-6.1 stock-7.3' ends ends 'trace, of processes that end,'

# A kernel without a required feature: the tracer names what is missing.
guest stock-6.12 -- strace -f -o /dev/null -e inject=bpf:error=EINVAL \
	pidnstrace trace -- true >"$LOG" 2>&1
grep -q 'this kernel, 6.12.* has no BPF ring buffers, which came with 5.8: 6.1 or later' "$LOG"
tap $? 'a kernel without BPF ring buffers is reported as too old'

# A kernel that is too old. Mirrors will drop its suite some day.
if kernel/build.sh stock-5.10 >"$OUT" 2>"$LOG"; then
	says 'a kernel older than 6.1 is refused, and why' 1 \
		'this kernel, 5.10.0-' "$VMTEST" --out "$TMP/vm" --target stock-5.10
	grep -qE 'has no bpf_loop\(\), which came with 5.17: 6.1 or later is needed' "$LOG"
	tap $? 'by what it lacks, and by the first version that is not'
	guest stock-5.10 -- sh -c 'pidnstrace trace -- echo it ran; echo "status $?"' \
		>"$LOG" 2>&1
	grep -q '^status 2$' "$LOG" && ! grep -q '^it ran$' "$LOG"
	tap $? 'and the command is not run'
else
	tap_skip 'a kernel older than 6.1 is refused, and why' 'no Linux 5.10 to be had'
	tap_skip 'by what it lacks, and by the first version that is not' 'the same'
	tap_skip 'and the command is not run' 'the same'
fi

# A command that joins has a new number: the tracer still waits for its end, and does
# not signal a process that reuses the old number.
cat >"$TMP/joins.sh" <<'X'
sysctl -q kernel.setns_pid_join=1
unshare --fork --pid sleep 100 &
until ps | grep -q '[0-9] sleep 100$\|  sleep 100$'; do sleep 0.1; done
inner=$(ps | awk '/ sleep 100$/ && !/unshare/ { print $1 }')
pidnstrace trace -- setsid nsenter -F -p -t "$inner" sh -c 'sleep 0.3; exit 5'
echo "trace ended with $?"
pidnstrace verify -- setsid nsenter -F -p -t "$inner" sh -c 'sleep 0.3; exit 0'
echo "verify ended with $?"
pidnstrace trace --duration 1 -- setsid nsenter -F -p -t "$inner" sleep 50
echo "ended by $?"
X
guest join-6.12 --add "$TMP/joins.sh:/joins.sh" -- sh /joins.sh >"$LOG" 2>&1
grep -q 'joined: pid' "$LOG" && grep -q 'exit(5)' "$LOG" &&
	grep -q 'wait  = sh' "$LOG" && grep -q 'trace ended with 5' "$LOG"
tap $? 'a command that joins is followed, and its exit status is returned'
grep -q '^PASS' "$LOG" && grep -q 'verify ended with 0' "$LOG"
tap $? 'and judged'
check 'and ended when time is up' grep -q 'ended by 143' "$LOG"

# A command that fails may not have done what was to be judged.
cat >"$TMP/fails.sh" <<'X'
verify()
{
	echo "run $*"
	pidnstrace verify --report ktap=/tmp/ktap --report text=- "$@"
	echo "status $?"
	grep ' command$' /tmp/ktap
}
verify -- true
verify -- sh -c 'exit 7'
verify -- sh -c 'kill -9 $$'
verify --any-status -- sh -c 'exit 7'
verify --duration 1 -- sleep 50
verify -- /no/such/command
X
guest stock-6.12 --add "$TMP/fails.sh:/fails.sh" -- sh /fails.sh >"$LOG" 2>&1

# ends RUN STATUS TEXT: run RUN of fails.sh ended with STATUS and printed TEXT
ends()
{
	awk -v run="run $1" '/^run /{ on = $0 == run } on' "$LOG" >"$OUT"
	grep -q "^status $2\$" "$OUT" && grep -qF -- "$3" "$OUT"
}

ends '-- true' 0 'command         exit status 0' && grep -q '^ok [0-9]* command$' "$OUT"
tap $? 'verify of a command that succeeds passes'
ends '-- sh -c exit 7' 3 '  the command failed (exit status 7), so' &&
	grep -q '^INCONCLUSIVE$' "$OUT" && grep -q '^not ok [0-9]* command$' "$OUT"
tap $? 'of one that fails is INCONCLUSIVE, and shows why'
check 'and so is that of one that is killed' ends '-- sh -c kill -9 $$' 3 \
	'  the command failed (killed by signal 9 (Killed)), so'
ends '--any-status -- sh -c exit 7' 0 'exit status 7' && ! grep -q ' command$' "$OUT"
tap $? 'but not with --any-status'
check 'nor when pidnstrace ends the command' ends '--duration 1 -- sleep 50' 0 \
	'killed by signal 15 (Terminated), after pidnstrace was asked to end it'
check 'a command that does not start is an error' ends '-- /no/such/command' 2 \
	'No such file or directory'

# A slow reader: losses are reported in their place, and all lines are whole.
cat >"$TMP/slow.sh" <<'X'
pidnstrace trace --ring-size 64K --format json -- sh -c '
	i=0; while [ $i -lt 1500 ]; do (:); i=$((i + 1)); done' \
	2>&1 >/dev/null | { sleep 15; cat; }
X
guest stock-6.12 --add "$TMP/slow.sh:/slow.sh" -- sh /slow.sh \
	>"$OUT" 2>"$LOG"
jq -e -s 'map(.op) | (index("lost") != null) and (last == "losses") and
	(map(select(. == "fork")) | length > 100)' "$OUT" >>"$LOG" 2>&1
tap $? 'a slow reader has all lines whole, and losses where they are'
jq -e -s '(map(select(.op == "losses")) | .[0].ring) as $ring |
	(map(select(.op == "lost").records) | add) as $reported |
	$reported > 0 and $reported <= $ring' "$OUT" >>"$LOG" 2>&1
tap $? 'the gaps are no more than what the kernel counted'
tap_end
