#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests a real guest's standard input, its shell, and gdb. on_terminal.py compares the
# terminal's settings before and after. Tests that need a fake guest are in
# tests/unit/vmtest_test_input.c and _terminal.c. TARGET is a kernel without symbols for
# gdb; SYMBOLS is a kernel built here, with symbols.
. "${BASH_SOURCE%/*}/host.sh"
# With lastpipe the last command of a pipe can count a test point in this shell.
shopt -s lastpipe
LIMIT=300
TARGET=${TARGET:-stock-6.12}
SYMBOLS=${SYMBOLS:-join-6.12}
args=(--target "$TARGET" --out "$TMP/out" --timeout 300)
run=$TMP/out/$TARGET-1

# ends NAME STATUS ARG...: runs vmtest, on this function's standard input
ends()
{
	local name=$1 status=$2 rc=0

	shift 2
	timeout -k 5 "$LIMIT" "$VMTEST" "${args[@]}" "$@" >"$OUT" 2>"$LOG" || rc=$?
	ended "$name" "$status" '' $rc
}

# printed NAME TEXT: checks that the command printed TEXT and nothing else
printed()
{
	printf '%s\n' "$2" | diff - "$OUT" >"$LOG"
	tap $? "$1"
}

# session NAME STATUS TEXT STEP... [-- COMMAND...]: runs a session on a terminal, a
# shell's without a COMMAND. TEXT must appear there, and the settings must be restored
# at the end.
session()
{
	local name=$1 status=$2 text=$3 steps=() rc=0

	shift 3
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		steps+=("$1")
		shift
	done
	[ $# -gt 0 ] || set -- -- "$VMTEST" shell "${args[@]}"
	timeout -k 5 "$LIMIT" python3 tests/on_terminal.py "${steps[@]}" "$@" \
		>"$LOG" 2>&1 </dev/null || rc=$?
	ended "$name" "$status" "$text" $rc
}

# --- standard input ------------------------------------------------------

echo hello | ends 'a command has the standard input while the rules watch' 0 -- cat
printed 'and reads what is there' hello
echo 'echo ran' | ends 'a shell runs what is piped into it' 0 --bare -- sh
printed 'and its output is ours' ran
printf 'KTAP version 1\n1..1\nok 1 piped\n' |
	ends 'a command that prints KTAP has it, too' 0 --bare --ktap -- cat
check 'and its results are those that came in' grep -q 'ok 1 piped' "$run/tests.ktap"

# Each value of a byte, 1 MiB in all
for ((i = 0; i < 256; i++)); do
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\$(printf %03o "$i")"
done >"$TMP/values"
for ((i = 0; i < 4096; i++)); do
	cat "$TMP/values"
done >"$TMP/bytes"
sum=$(sha256sum <"$TMP/bytes")
# shellcheck disable=SC2002 # a pipe is what is tested
cat "$TMP/bytes" | ends 'a pipe of 1 MiB' 0 --bare -- sha256sum
printed 'every byte arrives' "$sum"
ends 'a file of 1 MiB' 0 --bare -- sha256sum <"$TMP/bytes"
printed 'every byte arrives from it, too' "$sum"
ends 'both ways' 0 --bare -- cat <"$TMP/bytes"
check 'every byte comes back' cmp "$OUT" "$TMP/bytes"
head -c 100M /dev/zero | ends 'a pipe of 100 MiB' 0 --bare -- wc -c
printed 'arrives' 104857600

ends 'an empty input' 0 --bare -- wc -c </dev/null
printed 'has no bytes' 0
yes | ends 'a command that does not read an endless one' 0 --bare -- true
yes | ends 'one that reads a line of it' 0 --bare -- head -n 1
printed 'has that line' y
# shellcheck disable=SC2016
yes | head -c 1000000 |
	ends 'one that reads late, with its output closed' 0 --bare -- \
	sh -c 'sleep 2; exec >/dev/null 2>&1; [ "$(wc -c)" = 1000000 ]'
(sleep 1; echo a; sleep 1; echo b) | ends 'an input that comes slowly' 0 --bare -- cat
printed 'all the same' $'a\nb'
seq 5 | ends 'a pipe for two runs' 0 --bare --runs 2 -- wc -l
printed 'is the same for both' $'5\n5'
ends 'a directory is no input' 2 --bare -- cat </usr

# --- the shell -----------------------------------------------------------

# shellcheck disable=SC2016
echo 'echo $((6 * 7)); tty' | timeout "$LIMIT" "$VMTEST" shell "${args[@]}" >"$OUT" 2>"$LOG"
[ $? -eq 1 ]
tap $? 'a shell without a terminal ends with the status of its last command'
printed 'and has run them all' $'42\nnot a tty'

# A line is typed after the prompt: input that arrives while the shell sets up its
# terminal may be lost.
# shellcheck disable=SC2016
session 'a shell on a terminal' 0 'seen 42 33 101' "wait:$TARGET" 'wait:# ' \
	'type:echo seen $((6 * 7)) $(stty size)\r' 'wait:33 101' 'wait:# ' 'type:exit 3\r'
# shellcheck disable=SC2016
session 'has a terminal that follows ours in size' 0 'seen 40 120' 'wait:# ' \
	size:40x120 'kill:SIGWINCH' 'type:sleep 1; echo seen $(stty size)\r' \
	'wait:seen 40 120' 'wait:# ' 'type:\x04'
session 'has the tracer at hand, and the tests' 0 /tests/stress 'wait:# ' \
	'type:pidnstrace trace -- true 2>&1 | cat\r' 'wait:exit(0)' \
	'wait:# ' 'type:which stress\r' 'wait:/tests/stress' 'wait:# ' \
	'type:exit\r'
# The process that prints "begun" is the one that receives Ctrl-C
session 'Ctrl-C is that of what runs in it' 0 'seen 130' 'wait:# ' \
	'type:sh -c "echo be\\gun; exec sleep 1000"\r' 'wait:begun' 'type:\x03' \
	'wait:# ' 'type:echo seen $?\r' 'wait:seen 130' 'wait:# ' 'type:exit\r'
session 'Ctrl-] q ends it' 7 'ended by Ctrl-] q' 'wait:# ' 'type:\x1dq'
session 'a panic ends it' 5 'PANIC: Kernel panic' 'wait:# ' \
	'type:echo c >/proc/sysrq-trigger\r'
# shellcheck disable=SC2016
session 'a report of the kernel is shown, and is its verdict' 4 'SPLAT: Out of memory' \
	'wait:# ' \
	'type:sh -c "echo 1000 >/proc/self/oom_score_adj; exec sleep 1000" &\r' \
	'type:until grep -q 1000 /proc/$!/oom_score_adj; do :; done\r' 'wait:# ' \
	'type:echo f >/proc/sysrq-trigger\r' \
	'wait:kernel.log)' 'type:\r' 'wait:# ' 'type:exit\r'
session 'SIGTERM ends it' 143 'signal 15' 'wait:# ' kill:SIGTERM
session 'SIGKILL, too, and the terminal is restored' 137 '# ' 'wait:# ' kill:SIGKILL

# --- gdb -----------------------------------------------------------------

printf 'info threads\nbacktrace\ndetach\n' >"$TMP/script"
echo hello | ends 'gdb connects to a kernel without symbols' 0 \
	--gdb="$TMP/script" -- cat
printed 'and the command runs when it has gone' hello
echo hello | timeout "$LIMIT" "$VMTEST" "${args[@]}" --gdb="$TMP/script" -- cat >"$OUT" 2>"$LOG"
grep -q 'gdb has no symbols of this kernel' "$LOG" && grep -q 'CPU#1' "$LOG"
tap $? 'it says so, and shows the CPUs'
[ ! -e "$run/gdb" ] && [ ! -e "$run/gdbinit" ]
tap $? 'what was there for gdb is gone'

# gdb takes longer than the limit
printf 'shell sleep 12\ndetach\n' >"$TMP/long"
says 'no limit runs while gdb has the guest stopped' 0 PASS \
	"$VMTEST" --target "$TARGET" --out "$TMP/out" --timeout 10 \
	--gdb="$TMP/long" --bare -- true
says 'gdb is for one run' 2 'needs a single run' "$VMTEST" "${args[@]}" --runs 2 \
	--gdb="$TMP/script" -- true
says 'a script that is not there' 2 'No such file' "$VMTEST" "${args[@]}" \
	--gdb="$TMP/nothing" -- true
# Without a terminal, and without a script
"$VMTEST" "${args[@]}" --gdb --bare -- echo ran >"$OUT" 2>"$TMP/messages" </dev/null &
until_true 60 grep -q 'gdb -nx' "$TMP/messages"
# shellcheck disable=SC2046 # the command as it was printed
timeout "$LIMIT" $(sed -n 's/.*\(gdb -nx .*gdbinit\),.*/\1/p' "$TMP/messages") -batch \
	-ex detach >"$LOG" 2>&1
wait $! && [ "$(cat "$OUT")" = ran ]
tap $? 'the command that is printed connects'

args=(--target "$SYMBOLS" --out "$TMP/out" --timeout 300)
printf 'hbreak do_exit\ncontinue\nbacktrace 3\ndelete\ndetach\n' >"$TMP/script"
says 'gdb has the symbols of a kernel that was built here' 0 'do_group_exit' \
	"$VMTEST" "${args[@]}" --gdb="$TMP/script" --bare -- true
check 'with file and line' grep -q 'kernel/exit.c:[0-9]' "$LOG"
gdb=("$VMTEST" "${args[@]}" --gdb --bare -- echo ran)
session 'gdb has the terminal' 0 ran 'wait:(gdb)' 'type:print init_task.pid\r' \
	'wait:= 0' 'type:quit\r' -- "${gdb[@]}"
session 'SIGTERM ends gdb, too' 143 '(gdb)' 'wait:(gdb)' kill:SIGTERM -- "${gdb[@]}"
session 'and SIGKILL' 137 '(gdb)' 'wait:(gdb)' kill:SIGKILL -- "${gdb[@]}"
tap_end
