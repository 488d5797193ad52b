# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Tests unusual cases of `pidnstrace trace`: bad arguments, views, colours, closed
# outputs, missing kernel features. Run by the guest's sh; KTAP on stdout. Needs /tap.sh
# and /terminal in the image.
echo 'KTAP version 1'
. /tap.sh
TRACE=pidnstrace
ENABLED=/sys/kernel/debug/tracing/enabled_functions

# attached: prints the number of functions that have a program
attached()
{
	wc -l <"$ENABLED"
}

# settles VALUE COMMAND: succeeds if COMMAND prints VALUE within 5 seconds
settles()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$($2)" = "$1" ] && return 0
		sleep 0.5
	done
	echo "$2: $($2), not $1" >>"$LOG"
	return 1
}

# pid_of TEXT: prints the pid of the process whose command line ends with TEXT
pid_of()
{
	ps | awk -v t=" $1" 'substr($0, length($0) - length(t) + 1) == t {
		print $1; exit }'
}

# runs TEXT: succeeds if there is such a process
runs()
{
	[ -n "$(pid_of "$1")" ]
}

# busy_until COMMAND...: forks repeatedly until COMMAND succeeds, at most 200 times
busy_until()
{
	for _ in $(seq 200); do
		"$@" && return 0
		true &
		sleep 0.1
	done
	echo "never: $*" >>"$LOG"
	return 1
}

# follows NAME PATTERN COMMAND WORD...: runs `pidnstrace trace` with the options WORD, and
# COMMAND once the hooks are attached; checks that the trace ends with status 0 and has a
# line with PATTERN
follows()
{
	name=$1 pattern=$2 command=$3
	shift 3
	rm -f "$TMP/followed"
	$TRACE trace --json -o "$TMP/followed" "$@" >"$LOG" 2>&1 &
	tracer=$!
	# The first line appears when the hooks are attached.
	until grep -q '"op":"machine"' "$TMP/followed" 2>/dev/null ||
		! kill -0 $tracer; do
		sleep 0.1
	done
	$command
	wait $tracer
	rc=$?
	cat "$TMP/followed" >>"$LOG"
	[ $rc -eq 0 ] && grep -q "$pattern" "$TMP/followed"
	tap $? "$name"
}

before=$(attached)

# --- the target ---
says 'an unknown operation names those there are' 2 'wait, ns, error' \
	$TRACE trace -e frobnicate
says 'an unknown format names those there are' 2 'text, json' \
	$TRACE trace --format yaml
says 'a colour that is none names those there are' 2 'auto, always, never' \
	$TRACE trace --color maybe
says 'a pid that is none is named' 2 '0x: not a pid' $TRACE trace -p 0x
says 'a pid that does not exist is named' 2 '--pid 4711: no such process' \
	$TRACE trace -p 4711
says 'one that exists, but not there' 2 '--pid 1@' \
	$TRACE trace -p 1@4026530000
says 'a namespace that is a file' 2 'is not a namespace' \
	$TRACE trace -n /etc/passwd
says 'a namespace of another kind' 2 '(mnt), not a pid namespace' \
	$TRACE trace -n /proc/self/ns/mnt
says 'a namespace of a process that has ended' 2 'has the process ended?' \
	$TRACE trace -n /proc/4711/ns/pid

sleep 1000 &
follows 'a process that ends ends its trace' '"op":"exit"' "kill $!" -p $!

# In its namespace the shell is 1 and its sleep 2: the trace names the sleep by that 2.
unshare --fork --pid sh -c 'sleep 1000; true' &
busy_until runs 'sleep 1000'
inner=$(pid_of 'sleep 1000')
follows 'a pid as seen from another namespace' \
	"\"exit\",\"comm\":\"sleep\",\"pid\":$inner,.*{\"nr\":2,.*\"signal\":15" \
	"kill $inner" -p "2@/proc/$inner/ns/pid"

# A thread that executes takes over its leader's number.
says 'an exec by a thread is followed to its end' 3 'exit(3)' \
	$TRACE trace -- /thread_exec
(until [ -e "$TMP/go" ]; do sleep 0.1; done; exec /thread_exec) &
follows 'and ends the trace of that process' '"op":"exit",.*"code":3' \
	"touch $TMP/go" -p $!
wait

# --- views ---
says 'the tree of now has this shell' 0 "$$ " \
	$TRACE trace --tree --duration 0.2

# A recording has the same views.
cat >"$TMP/story" <<'X'
unshare --fork --pid true
true & wait
exec /thread_exec
X
# A namespace is freed after an RCU grace period, whose length varies.
for grace in 1 10; do
	$TRACE record -o "$TMP/trace" --grace $grace -- sh "$TMP/story"
	$TRACE replay --print --summary "$TMP/trace" >"$LOG" 2>&1
	! grep -q gone "$LOG" || break
done
grep -q gone "$LOG"
tap $? 'the summary has a line for a namespace that is gone'
says 'the tree of a command has its namespace' 0 '1 [' \
	$TRACE replay --print --tree "$TMP/trace"
grep -qF 'exit(3), waited for by' "$LOG"
tap $? 'and an exec by a thread'

# --- colours ---
esc=$(printf '\033')
says 'a terminal has colours' 0 "${esc}[36m" \
	/terminal $TRACE trace -e fork -- sh -c 'true & wait'
# coloured COMMAND...: runs COMMAND with the options that print the forks
coloured()
{
	"$@" replay --print -e fork "$TMP/trace" >"$LOG" 2>&1 && grep -q fork "$LOG" &&
		grep -qF "${esc}[36m" "$LOG"
}
# plain COMMAND...: the same without any escape sequence
plain()
{
	"$@" replay --print -e fork "$TMP/trace" >"$LOG" 2>&1 && grep -q fork "$LOG" &&
		! grep -q "$esc" "$LOG"
}
coloured /terminal $TRACE
tap $? 'for a recording, too'
NO_COLOR=1
export NO_COLOR
plain /terminal $TRACE
tap $? 'not with NO_COLOR'
unset NO_COLOR
plain $TRACE
tap $? 'a pipe has none'
says 'unless it is asked for' 0 "${esc}[36m" \
	$TRACE replay --print --color always -e fork "$TMP/trace"

# --- ends ---
/terminal --close $TRACE trace >"$LOG" 2>&1
grep -q 'ended with' "$LOG"
tap $? 'a terminal that is closed ends it'
says 'a command on it, too' 0 'ended with' \
	/terminal --close $TRACE trace -- sh -c 'while sleep 0.1; do :; done'
ps >"$LOG"
! grep -q 'root  *sh -c while sleep' "$LOG"
tap $? 'and leaves no command behind'

: >"$LOG"
{ $TRACE trace --duration 60; echo "status $?" >>"$LOG"; } 2>>"$LOG" |
	head -n 1 >/dev/null &
busy_until grep -q status "$LOG"
grep -q 'status 2' "$LOG" && grep -q 'Broken pipe' "$LOG"
tap $? 'a reader that goes away is reported, with status 2'
: >"$LOG"
{ $TRACE trace --duration 60 -a -o /proc/self/fd/1 -- \
	sh -c 'while sleep 0.1; do :; done'; echo "status $?" >>"$LOG"; } \
	2>>"$LOG" | head -n 1 >/dev/null &
busy_until grep -q status "$LOG"
grep -q 'status 2' "$LOG"
tap $? 'that of a command, too'
ps >"$LOG"
! grep -q 'root  *sh -c while sleep' "$LOG"
tap $? 'and the command is ended'

: >"$LOG"
$TRACE trace -o "$TMP/file" 2>>"$LOG" &
tracer=$!
busy_until [ -s "$TMP/file" ]
kill -INT $tracer
wait $tracer
rc=$?
echo "status $rc" >>"$LOG"
[ $rc -eq 0 ]
tap $? 'SIGINT ends it with status 0'
says 'a full output is named' 2 'No space left on device' \
	$TRACE trace -o /dev/full -- sh -c 'true & wait'

$TRACE trace -o "$TMP/killed" &
tracer=$!
busy_until [ -s "$TMP/killed" ]
attached >"$LOG"
[ "$(attached)" -gt "$before" ]
tap $? 'while it runs, there are programs attached'
kill -KILL $tracer
wait $tracer 2>/dev/null
settles "$before" attached
tap $? 'nothing stays attached, even after SIGKILL'

# --- the machine ---
says 'in a user namespace the capabilities are named' 2 CAP_PERFMON \
	unshare --user --map-root-user $TRACE trace -- true
cat >"$TMP/noproc" <<X
umount -l /proc
exec $TRACE trace -p 1
X
says 'without /proc it says so' 2 'is /proc mounted?' \
	unshare --mount sh "$TMP/noproc"
cat >"$TMP/notracefs" <<X
umount -l /sys/kernel/tracing /sys/kernel/debug
exec $TRACE trace -- true
X
says 'without tracefs it works' 0 exec unshare --mount sh "$TMP/notracefs"
cat >"$TMP/nobtf" <<X
mount -t tmpfs none /sys/kernel/btf
exec $TRACE trace -- true
X
says 'without BTF the option is named' 2 CONFIG_DEBUG_INFO_BTF \
	unshare --mount sh "$TMP/nobtf"
tap_end
