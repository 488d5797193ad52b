#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Replays a recorded run bit for bit, with the real QEMU: a difference of one byte is
# detected, a truncated recording is refused, and gdb steps backwards to the write of
# the pid of a task that joined.
. "${BASH_SOURCE%/*}/host.sh"
DIR=$TMP/join-6.12-1
SESSION=

# state_of DIR: prints the names and hashes of all files in DIR
state_of()
{
	(cd "$1" && find . -type f -exec sha256sum {} + | sort -k2)
}

# flip FILE OFFSET: inverts a bit of the byte at OFFSET
flip()
{
	local byte

	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf "\\$(printf %03o $((byte ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# spoiled NAME STATUS TEXT COMMAND...: replays after COMMAND, then restores DIR
spoiled()
{
	local name=$1 status=$2 text=$3

	shift 3
	cp -a "$DIR" "$TMP/whole"
	"$@"
	says "$name" "$status" "$text" "$VMTEST" replay "$DIR"
	rm -rf "$DIR"
	mv "$TMP/whole" "$DIR"
}

says 'a run is recorded' 0 'vmtest replay' \
	"$VMTEST" --record --target join-6.12 --tests semantics:view --out "$TMP"
[ -f "$DIR/record.json" ] || {
	tap_end
	exit 1
}

state_of "$DIR" >"$TMP/before"
console=$(stat -c %s "$DIR/console.log")
trace=$(stat -c %s "$DIR/trace.bin")
says 'a replay is the same, byte for byte' 0 \
	"console $console bytes identical, trace $trace bytes identical" \
	"$VMTEST" replay "$DIR"
state_of "$DIR" | diff "$TMP/before" - >"$LOG" 2>&1
tap $? 'it leaves the files of the run as they were, and none of its own'

spoiled 'one other byte of the trace is reported, with its place' 1 \
	'trace differs at offset 3000' flip "$DIR/trace.bin" 3000
spoiled 'one other byte of the console, too' 1 \
	'console differs at offset 77' flip "$DIR/console.log" 77
spoiled 'a recording that was cut short is refused' 2 \
	'record again' truncate -s -1000 "$DIR/rr.log"

# Steps backwards, from the first joiner's new pid to the function that wrote the pid.
cat >"$TMP/session" <<'G'
hbreak change_pid if type == PIDTYPE_TGID && task->signal->pids[PIDTYPE_TGID] != pid
continue
set $joiner = task
delete
hbreak free_pid
continue
at
delete
watch -l $joiner->thread_pid
reverse-continue
at
backtrace 4
reverse-continue
at
backtrace 2
kill
G
# backwards: lets gdb run the session above; 124 if gdb hangs. QEMU 7.2 sometimes
# hangs in a reverse-continue when the machine is busy.
backwards()
{
	setsid "$VMTEST" replay "$DIR" --gdb >"$TMP/command" 2>"$TMP/messages" \
		</dev/null &
	SESSION=$!
	until_true 10 [ -S "$DIR/replay/gdb" ] && until_true 10 [ -s "$TMP/command" ]
	# shellcheck disable=SC2046 # the command as it was printed
	timeout -k 5 240 $(cat "$TMP/command") -batch -x "$TMP/session" \
		>"$LOG" 2>&1 </dev/null
}

if command -v gdb >/dev/null; then
	for _ in 1 2 3; do
		backwards
		[ $? -eq 124 ] || break
		echo '# QEMU stood still while it went backwards'
		kill "$SESSION"
		wait "$SESSION"
	done
	grep -q 'change_pid (.*type=PIDTYPE_PID\|change_pid (.*PIDTYPE_PID' "$LOG" &&
		grep -q 'pidns_commit_join' "$LOG"
	tap $? 'gdb goes backwards to the change_pid() of the join'
	check 'and from there to the fork of the joiner' grep -q 'copy_process' "$LOG"
	counts=$(sed -n 's/.*instruction count = //p' "$LOG")
	[ "$(wc -l <<<"$counts")" -eq 3 ] && sort -rnc <<<"$counts" 2>>"$LOG"
	tap $? 'each stop is before the one that came earlier'
	until_true 5 not kill -0 "$SESSION" 2>/dev/null && [ ! -e "$DIR/replay" ]
	tap $? 'with gdb the session ends, and nothing is left of it'
	kill "$SESSION" 2>/dev/null

	# On a terminal: the session ends when gdb ends, after the guest. QEMU may be
	# gone before gdb has noticed that the guest was killed.
	printf 'kill\nquit\n' | timeout -k 5 30 script -qec \
		"'$VMTEST' replay '$DIR' --gdb" /dev/null >"$LOG" 2>&1
	[ $? -eq 0 ] && grep -qE 'killed|Target disconnected' "$LOG" && [ ! -e "$DIR/replay" ]
	tap $? 'on a terminal gdb is started, and its end ends the session'
else
	tap_skip 'gdb goes backwards' 'gdb is not installed'
fi
tap_end
