# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Tests `pidnstrace tree` and `wait-for`, and the selection of namespaces and threads in
# `trace`. Run by the guest's sh; KTAP on stdout. Needs /tap.sh and /held in the image.
echo 'KTAP version 1'
. /tap.sh
TRACE=pidnstrace

# held MODE: starts /held MODE, and sets WORDS to the line that it prints. let_go ends it
held()
{
	mkfifo "$TMP/hold" "$TMP/ready"
	/held "$1" <"$TMP/hold" >"$TMP/ready" &
	exec 8>"$TMP/hold"
	read -r WORDS <"$TMP/ready"
	rm "$TMP/hold" "$TMP/ready"
}

let_go()
{
	exec 8>&-
	wait
}

# ns_of NAME: prints the inum of the namespace that has a process of this name
ns_of()
{
	$TRACE tree --json | grep "\"comm\":\"$1\"" |
		sed -n 's/.*"op":"namespace","ns":\([0-9]*\),.*/\1/p' | tail -n 1
}

# waits_for TEXT: waits until the waiter has printed TEXT, for 60 seconds at most
waits_for()
{
	for _ in $(seq 600); do
		! grep -q "$1" "$TMP/waited" || return
		sleep 0.1
	done
}

# shows NAME PATTERN: checks that the last output has a line that matches
shows()
{
	grep -qE -- "$2" "$LOG"
	tap $? "$1"
}

# --- who is where now ---
held zombies
DEAD=$(ns_of deadinit) BAD=$(ns_of badinit)
for command in 'tree' 'trace --tree --duration 0.1'; do
	# shellcheck disable=SC2086 # words
	says "$command: ends" 0 'level 1' $TRACE $command
	shows "$command: an init waits for a zombie" \
		' deadinit +child of lazyparent\[[0-9]+\], outside  killed by SIGKILL, waits in zap_pid_ns_processes\(\) for unreaped\['
	shows "$command: the zombie that it waits for" \
		' unreaped +child of lazyparent\[[0-9]+\], outside  zombie, killed by SIGKILL, not waited for yet$'
	shows "$command: an orphan" ' 3 \[[0-9,]*,3\] +badinit +child of badinit\[[0-9]+\]  zombie, exit\(11\)'
	shows "$command: a child that is not waited for" \
		' 2 \[[0-9,]*,2\] +badinit +child of badinit\[[0-9]+\]  zombie, exit\(12\)'
	shows "$command: an init that lives" ' badinit +child of badparent\[[0-9]+\], outside$'
	shows "$command: a process whose children will be elsewhere" \
		" lazyparent +child of held\\[[0-9]+\\]  children will be in pid:\\[$DEAD\\]\$"
	shows "$command: a process that is being killed" \
		' doomed +child of keeper\[[0-9]+\]  being killed by SIGKILL$'
	shows "$command: one that another signal ends" \
		' leaving +child of keeper\[[0-9]+\]  being killed by SIGTERM$'
done
says 'JSON has the states' 0 '"state":"zapping","waits_for":[{"comm":"unreaped"' \
	$TRACE tree --json
shows 'also of a process that is being killed' \
	'"comm":"doomed",.*"state":"dying","code":0,"signal":9'
says 'a namespace is selected' 0 'badinit' $TRACE tree -n "$BAD"
! grep -q unreaped "$LOG"
tap $? 'and no other one is shown'
says 'an argument is refused' 2 'tree takes no argument' $TRACE tree "$BAD"

# --- what holds a namespace ---
says 'the list has the init' 1 \
	'waits in zap_pid_ns_processes() for unreaped[' $TRACE wait-for -t 1 "$DEAD"
shows 'the zombie, and what its parent does' \
	'its parent lazyparent\[[0-9]+\], outside, sleeps( in [a-z_0-9]+)?, and has not waited for it$'
shows 'what would help' 'would help: lazyparent\[[0-9]+\] waits for unreaped\[[0-9,]+\], or ends$'
shows 'the process whose children will be in it' '^  children  of lazyparent\[[0-9]+\], the next one$'
shows 'that it is still there' "$DEAD is still there"
says 'a living init is named' 1 'ends, which ends all that are in the namespace' \
	$TRACE wait-for -t 1 "pid:[$BAD]"
says 'JSON has an object for each' 1 '{"op":"holder","kind":"zombie","pid":' \
	$TRACE wait-for -t 1 --json "$DEAD"
for command in tree "wait-for $DEAD"; do
	says "${command%% *}: a full output is named" 2 'output: No space left on device' \
		sh -c "$TRACE $command >/dev/full"
	says "${command%% *}: one that nobody reads, too" 0 'status 2' sh -c \
		"exec 3>&1; { $TRACE $command 2>/dev/null; echo status \$? >&3; } | true"
done
says 'Ctrl-C ends it' 1 'is still there' timeout -s INT 3 $TRACE wait-for "$DEAD"

# A file and a mount hold it on.
: >"$TMP/bound"
pid=$($TRACE tree -n "$BAD" | sed -n 's/^ *1 \[\([0-9]*\),1\] .*/\1/p')
mount --bind "/proc/$pid/ns/pid" "$TMP/bound"
sleep 100 8>&- 9<"/proc/$pid/ns/pid" &
sleeper=$!
$TRACE wait-for "$BAD" >"$TMP/waited" 2>&1 8>&- &
waiter=$!
waits_for 'is held by'
exec 8>&-
waits_for 'no longer: init'
says 'a namespace without processes is an error of trace' 2 \
	"--namespace $BAD: no process is in it" $TRACE trace -n "$BAD"
says 'and of tree' 2 "\`pidnstrace wait-for $BAD' shows what does" $TRACE tree -n "$BAD"
kill $sleeper
waits_for 'no longer: file'
umount "$TMP/bound"
wait $waiter
rc=$?
cp "$TMP/waited" "$LOG"
ended 'the end of the namespace ends it' 0 "pid:[$BAD] is gone" $rc
shows 'it had a file' "^  file      fd 9 of sleep\\[$sleeper\\]\$"
shows 'and a mount' "^  mount     on $TMP/bound, as [a-z]+\\[[0-9]+\\] sees it\$"
shows 'the zombies went' '^no longer: zombie    badinit\['
wait

says 'a namespace that is gone is an error' 2 'it is gone, or held by what cannot be seen' \
	$TRACE wait-for "$BAD"
says 'and a warning if the command may make it' 0 \
	"--namespace $BAD: no task was seen in it" $TRACE trace -n "$BAD" -- true
says 'a namespace that is none' 2 'neither the number' $TRACE wait-for x
says 'no namespace' 2 'NS is missing' $TRACE wait-for

# A mount of proc holds a namespace on, and is not seen to be its mount when it is empty.
mkdir "$TMP/proc"
cat >"$TMP/empty" <<X
mount -t proc proc $TMP/proc
exec sleep 1000
X
unshare --fork --pid sh "$TMP/empty" &
for _ in $(seq 30); do
	# shellcheck disable=SC2046 # two words
	set -- $($TRACE tree --json | sed -n \
		's/.*"ns":\([0-9]*\),.*"comm":"sleep","numbers":\[\([0-9]*\),1\].*/\1 \2/p')
	[ $# -eq 0 ] || break
done
: >"$TMP/waited"
$TRACE wait-for "$1" >"$TMP/waited" 2>&1 &
waiter=$!
waits_for 'is held by'
kill -KILL "$2"
waits_for 'no holder'
waits_for 'mounts of proc'
umount "$TMP/proc"
wait $waiter
rc=$?
cp "$TMP/waited" "$LOG"
ended 'the end of a mount of proc ends the namespace' 0 "pid:[$1] is gone" $rc
shows 'which the mount held visibly at first' "^  mount     of proc, on $TMP/proc, as "
shows 'and then is suspected' '^  1 mounts of proc for a namespace without processes, the first as process'
wait

# A namespace below, whose only process is killed, holds its parent by a file.
cat >"$TMP/below" <<'X'
unshare --fork --pid sleep 1000 &
until [ "$inner" ]; do
	for p in /proc/[0-9]*; do
		[ "$(cat "$p/comm")" != sleep ] || inner=$p
	done
done
exec 9<"$inner/ns/pid"
kill -KILL "${inner#/proc/}"
wait
exec sleep 1000
X
unshare --fork --pid --mount-proc sh "$TMP/below" &
for _ in $(seq 30); do
	# the init of a namespace at level 1, which is a sleep by now
	# shellcheck disable=SC2046 # two words
	set -- $($TRACE tree --json | sed -n \
		's/.*"ns":\([0-9]*\),.*"comm":"sleep","numbers":\[\([0-9]*\),1\].*/\1 \2/p')
	[ $# -eq 0 ] || break
done
outer=$1 init=$2
says 'a file of a namespace below' 1 "fd 9 of sleep[$init]" $TRACE wait-for -t 1 "$outer"
shows 'is named as such' 'in pid:\[[0-9]+\], which is below it$'
shows 'a mount of proc holds it, too' 'mount     of proc, on /proc, as [a-z]+\['
[ -z "$init" ] || kill -KILL "$init"
wait

# --- threads and lists ---
held threads
pid=${WORDS% *} tid=${WORDS#* }
says 'a thread selects its process' 0 "--pid $tid: this is a thread of process $pid" \
	$TRACE trace -p "$tid" -e fork --duration 1
shows 'which is traced' "held\\[$tid\\] fork  = held\\["
says 'a list of processes' 0 "held[$tid] fork" $TRACE trace -p "1,$pid" -e fork --duration 1
says 'one of which does not exist' 2 '--pid 4711: no such process' \
	$TRACE trace -p "$pid,4711"
let_go
tap_end
