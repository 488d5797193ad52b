# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Traces the same workload with every way of attaching that the kernel still allows,
# and compares the output. Run by the guest's sh; KTAP on stdout. Needs /tap.sh and
# /refuse in the image, and a kernel with lsm=bpf.
echo 'KTAP version 1'
. /tap.sh
TRACE=pidnstrace
ENABLED=/proc/sys/kernel/ftrace_enabled
FULL='full:__x64_sys_setns full:release_task full:change_pid'

# The workload: forks, execs, a session, a namespace, entries into it, an error, its
# end, a fork that fails: all events of a mainline kernel. The fifos make each run the
# same.
mkfifo "$TMP/there" "$TMP/end"
cat >"$TMP/story.sh" <<X
unshare --fork --pid sh -c 'echo >$TMP/there; read -r line <$TMP/end' &
read -r line <$TMP/there
ns=/proc/\$!/ns/pid_for_children
setsid true
nsenter --pid=\$ns true
nsenter --pid=/proc/self/ns/net true
unshare --pid sh -c '(:); (:)'
echo >$TMP/end
wait
exit 4
X

# lines FILE: prints the lines without numbers, times, and messages about the kernel's
# counters, sorted because the order of independent processes varies
lines()
{
	sed '/^--- this kernel does not count/d; s/^[0-9.]* //; s/+0x[0-9a-f/x]*//; s/[0-9][0-9]*/N/g' "$1" | sort
}

# story NAME [WAY]...: traces the workload into NAME, with the WAYs refused
story()
{
	name=$1
	shift
	[ $# -eq 0 ] || set -- /refuse "$@" --
	"$@" $TRACE trace --grace 3 --stack -e setns,rewrite,fork,exec,exit,wait,ns \
		-o "$TMP/$name" -- sh "$TMP/story.sh" 2>"$LOG"
}

# equal ONE OTHER: compares two files, and logs the lines that differ
equal()
{
	[ -s "$1" ] && [ "$(cat "$1")" = "$(cat "$2")" ] && return
	grep -vxFf "$1" "$2" | sed 's/^/more: /' >>"$LOG"
	grep -vxFf "$2" "$1" | sed 's/^/less: /' >>"$LOG"
	return 1
}

# same NAME: compares the trace NAME with the trace "best", line by line
same()
{
	lines "$TMP/best" >"$TMP/best.lines"
	lines "$TMP/$1" >"$TMP/$1.lines"
	equal "$TMP/best.lines" "$TMP/$1.lines"
}

# by HOOK: prints the way by which HOOK is attached, from "$TMP/probe"
by()
{
	awk -v h="$1" '$1 == "hook" { n++ } n == 2 && $1 == h { print $2 }' "$TMP/probe"
}

# is_by HOOK WAY: succeeds if HOOK is attached by WAY; copies "$TMP/probe" to the log
is_by()
{
	cp "$TMP/probe" "$LOG"
	[ "$(by "$1")" = "$2" ]
}

story best
[ $? -eq 4 ] && grep -q 'setns(.*children will be in' "$TMP/best" &&
	grep -q 'setsid' "$TMP/best" && grep -q ' gone' "$TMP/best" &&
	grep -q ' fork = -1 ENOMEM, the init of' "$TMP/best"
tap $? 'the story, with all ways open'

# --- a security module refuses trampolines: EPERM at load time ---
/refuse fentry -- $TRACE probe >"$TMP/probe" 2>"$LOG"
tap $? 'probe, where fentry is refused'
# Debian's 6.1 has no kprobe.multi.
multi=.multi
! grep -q 'kprobe.multi: EOPNOTSUPP' "$TMP/probe" || multi=
is_by fentry:__x64_sys_setns kprobe$multi && is_by fexit:copy_pid_ns kretprobe$multi &&
	is_by tp_btf:error_report_end tp_btf && is_by iter:task iter
tap $? 'kprobes are taken for what is on functions, and only for that'
grep -q '^fentry:change_pid .*kprobe.* fentry: EPERM (refused' "$TMP/probe"
tap $? 'and it says what the kernel said'
story kprobe fentry
[ $? -eq 4 ] && same kprobe
tap $? 'the story is the same, without fentry'
/refuse fentry -- $TRACE verify --any-status -- sh "$TMP/story.sh" >"$LOG" 2>&1
[ $? -eq 3 ] && grep -q 'hook fentry:put_pid may miss events' "$LOG"
tap $? 'verify does not PASS by what a kprobe may miss, and finds nothing wrong'
story plain fentry multi
[ $? -eq 4 ] && same plain
tap $? 'nor without kprobe.multi'

# --- kprobes are refused, too ---
/refuse fentry kprobe -- $TRACE probe >"$TMP/probe" 2>"$LOG"
is_by fentry:__x64_sys_setns tp_btf:sys_enter &&
	is_by fexit:__x64_sys_setns tp_btf:sys_exit && is_by fentry:release_task none
tap $? 'setns is had by the tracepoints of system calls, where nothing else is left'
grep -q '^fentry:change_pid .*none .*fentry, kprobe.multi, kprobe: EPERM (refused' "$TMP/probe"
tap $? 'and what is not had says why not'
story syscall fentry kprobe
[ $? -eq 3 ]
tap $? 'what cannot be seen makes status 3'
grep -q 'does not let us see: rewrite, wait, ns' "$LOG"
tap $? 'and is named on stderr'
for name in best syscall; do
	lines "$TMP/$name" | grep 'setns(\| = -1 ' >"$TMP/$name.setns"
done
equal "$TMP/best.setns" "$TMP/syscall.setns"
tap $? 'setns and failed calls are seen all the same'
/refuse fentry kprobe -- $TRACE trace -e setns -o "$TMP/setns" -- \
	nsenter -t $$ -p true 2>"$LOG"
[ $? -eq 0 ] && grep -q 'setns(' "$TMP/setns"
tap $? 'and is all that is asked for: the status is that of the command'
/refuse fentry kprobe -- $TRACE verify --any-status -- sh "$TMP/story.sh" >"$LOG" 2>&1
[ $? -eq 3 ] && grep -q INCONCLUSIVE "$LOG" && grep -q 'hook fentry:release_task is not attached' "$LOG"
tap $? 'verify is INCONCLUSIVE and names the hooks'

# --- a function is missing in BTF: the test renames it in the BTF that is read ---
mkdir "$TMP/btf"
sed 's/release_task/release_tasX/' /sys/kernel/btf/vmlinux >"$TMP/btf/vmlinux"
mount --bind "$TMP/btf" /sys/kernel/btf
$TRACE probe >"$TMP/probe" 2>"$LOG"
is_by fentry:release_task kprobe$multi && is_by fexit:pidns_commit_join none
tap $? 'a function that is a symbol only is had by a kprobe'
story symbol
[ $? -eq 4 ] && same symbol
tap $? 'the story is the same'
umount /sys/kernel/btf

# --- perf's tracepoints: tracefs lists their ids ---
# Debian's 7.3 preempts programs on tracepoints, 6.1 and 6.12 do not.
current=tp_btf child=tp_btf
case $(uname -r) in
[7-9].*) current=tp child=kprobe.multi ;;
esac
$TRACE probe >"$TMP/probe" 2>"$LOG"
is_by tp_btf:sched_process_exit $current && is_by tp_btf:sched_process_exec $current &&
	is_by tp_btf:task_newtask $child
tap $? "execs and exits are had by $current, forks by $child"
hidden='/sys/kernel/tracing /sys/kernel/debug'
for dir in $hidden; do
	mount -t tmpfs none $dir
done
$TRACE probe >"$TMP/probe" 2>"$LOG"
is_by tp_btf:sched_process_exit tp_btf &&
	{ [ $current = tp_btf ] || grep -q '^tp_btf:sched_process_exit .* tp: ENOENT (tracefs' "$TMP/probe"; }
tap $? 'exits are seen without tracefs, too'
story untraced
[ $? -eq 4 ] && same untraced
tap $? 'the story is the same'
for dir in $hidden; do
	umount $dir
done

# --- the user excludes better ways with --attach ---
says 'what --attach leaves out is not seen, either' 3 'left out by --attach' \
	$TRACE trace --attach syscall -e wait -- true
says 'by --attach=kprobe all is seen' 0 'wait  = sh' \
	$TRACE trace --attach kprobe -- sh -c 'true & wait'

# --- ftrace is switched off: attached programs would never be called ---
if echo 0 2>"$LOG" >$ENABLED; then
	$TRACE probe >"$TMP/probe" 2>"$LOG"
	is_by fentry:__x64_sys_setns tp_btf:sys_enter &&
		grep -q '^fentry:release_task .*none .*ftrace_enabled is 0' "$TMP/probe"
	tap $? 'with kernel.ftrace_enabled=0 the tracepoints are left'
	$TRACE trace -e setns -o "$TMP/setns" -- nsenter -t $$ -p true 2>"$LOG"
	[ $? -eq 0 ] && grep -q 'setns(' "$TMP/setns"
	tap $? 'and setns is seen'
	echo 1 >$ENABLED
else
	tap_skip 'kernel.ftrace_enabled=0' 'this kernel needs ftrace itself'
fi

# --- trampolines of some functions are full: E2BIG at attach time ---
# shellcheck disable=SC2086 # words
/refuse $FULL -- $TRACE probe >"$TMP/probe" 2>"$LOG"
is_by fentry:release_task kprobe$multi
tap $? 'a function whose trampoline is full is had by a kprobe'
grep -q '^fentry:change_pid .*kprobe.* fentry: E2BIG' "$TMP/probe"
tap $? 'and it says what the kernel said'
is_by fentry:attach_pid fentry
tap $? 'others are had as ever'
# shellcheck disable=SC2086 # words
story full $FULL
[ $? -eq 4 ] && same full
tap $? 'the story is the same, with some trampolines full'

# --- there is room for some of a hook's copies ---
/refuse full:release_task:2 kprobe -- $TRACE trace --attach fentry --copies 3 -e wait \
	-o "$TMP/wait" -- sh -c 'true & wait' 2>"$LOG"
[ $? -eq 3 ] && grep -q 'does not let us see: wait' "$LOG"
tap $? 'a hook with room for two of its three copies is not had'
cp "$TMP/wait" "$LOG"
! grep -q ' wait  = ' "$TMP/wait"
tap $? 'and those two make no records'
says 'room for three is enough' 0 'wait  = ' /refuse full:release_task:3 kprobe -- \
	$TRACE trace --attach fentry --copies 3 -e wait -- sh -c 'true & wait'

# --- each program is an open file ---
(
	ulimit -Sn 100
	$TRACE verify --copies 5 -- sh -c "ulimit -Sn >$TMP/limit" >"$LOG" 2>&1
) && [ "$(cat "$TMP/limit")" = 100 ]
tap $? 'the limit of open files is raised, and the command has that of before'
(
	ulimit -n 80
	$TRACE trace --copies 5 -- true
) >"$LOG" 2>&1
rc=$?
grep -q 'raise the hard limit' "$LOG" && [ $rc -eq 2 ]
tap $? 'where the limit cannot be raised, it is named'
tap_end
