# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Traces a program whose calls fail, and which prints the lines that the trace has to
# show; then the tests of creation, whose calls fail in many ways, and on a kernel with
# the join series the tests of refused joins. Run by the guest's sh; KTAP on stdout.
# Needs /tap.sh, /failing, /creation and /semantics in the image.
echo 'KTAP version 1'
. /tap.sh
TRACE=pidnstrace

# lines FILE: prints the lines without their times and tasks; nr_threads varies
lines()
{
	sed 's/^[0-9.]* [^[]*\[[0-9, /]*\] //; s/\(threads-max is reached: \)[0-9]*/\1N/' "$1"
}

# equal ONE OTHER: compares two files, and logs the lines that differ
equal()
{
	[ -s "$1" ] && cmp -s "$1" "$2" && return
	grep -vxFf "$1" "$2" | sed 's/^/more: /' >>"$LOG"
	grep -vxFf "$2" "$1" | sed 's/^/less: /' >>"$LOG"
	return 1
}

# --- each reason ---
$TRACE trace -Z -o "$TMP/trace" -- /failing >"$TMP/said" 2>"$LOG"
tap $? 'the calls fail, and nothing else does'
lines "$TMP/trace" >"$TMP/seen"
equal "$TMP/said" "$TMP/seen"
tap $? '-Z shows each failed call, with its reason, and no other line'

$TRACE trace -e fork -o "$TMP/trace" -- /failing >"$TMP/said" 2>"$LOG"
grep ' = -1 ' "$TMP/trace" >"$TMP/failed"
lines "$TMP/failed" >"$TMP/seen"
grep -v '^unshare\|^setns' "$TMP/said" >"$TMP/forks"
equal "$TMP/forks" "$TMP/seen" && grep -q ' fork  = ' "$TMP/trace"
tap $? 'without -Z, they are among the calls that succeed'

$TRACE record -o "$TMP/recorded" -- /failing >"$TMP/said" 2>"$LOG"
$TRACE replay --print -Z "$TMP/recorded" >"$TMP/trace" 2>>"$LOG"
lines "$TMP/trace" >"$TMP/seen"
equal "$TMP/said" "$TMP/seen"
tap $? 'a recorded trace shows the same'
$TRACE replay --print --summary -Z "$TMP/recorded" >"$LOG"
[ "$(awk '/^all/ { print $(NF - 2) }' "$LOG")" = "$(wc -l <"$TMP/said")" ]
tap $? '--summary counts them as errors'
$TRACE replay --print -Z --format json "$TMP/recorded" >"$LOG"
[ "$(grep -c '"error":"E[A-Z0-9]*","reason":"' "$LOG")" = "$(wc -l <"$TMP/said")" ] &&
	grep -q '"op":"fork".*"syscall":"clone".*"error":"ENOMEM","reason":"the init of pid:\[[0-9]*\] is dead"' "$LOG"
tap $? 'JSON has the error and the reason'

# --- calls whose reason is not in the records ---
cat >"$TMP/known" <<X
clone3({flags=0, exit_signal=SIGCHLD}) = -1 EINTR (Interrupted system call)
clone3({flags=0, exit_signal=SIGCHLD}) = -1 EINVAL (Invalid argument)
clone3({flags=0x8000000000000000, exit_signal=SIGCHLD}) = -1 EINVAL (Invalid argument)
clone3({flags=CLONE_INTO_CGROUP, exit_signal=SIGCHLD}) = -1 EBADF (Bad file descriptor)
clone3({flags=CLONE_INTO_CGROUP, exit_signal=SIGCHLD}) = -1 EINVAL (Invalid argument)
clone3({flags=CLONE_PIDFD, exit_signal=SIGCHLD}) = -1 EFAULT (Bad address)
clone3({flags=CLONE_PIDFD|CLONE_PARENT_SETTID, exit_signal=SIGCHLD}) = -1 EINVAL (Invalid argument)
X
# Before 6.3 no child that shares the memory was made for another time namespace, and
# before 6.9 no thread had a pidfd.
case $(uname -r) in
6.1.*) cat >>"$TMP/known" <<X ;;
clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_PIDFD|CLONE_THREAD}) = -1 EINVAL (Invalid argument)
clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}) = -1 EINVAL (Invalid argument)
vfork = -1 EINVAL (Invalid argument)
X
esac
$TRACE trace -Z -o "$TMP/trace" -- /creation --mode mainline >"$LOG" 2>&1
tap $? 'the tests of creation pass while they are traced'
lines "$TMP/trace" >"$TMP/seen"
[ "$(grep -vc ')$' "$TMP/seen")" -gt 1000 ]
tap $? 'most of their failed calls have a reason'
# A namespace may end after the kernel has counted it, and before the call ends.
grep ' = -1 E[A-Z0-9]* (.*)$' "$TMP/seen" | grep -v ' ENOSPC ' | sort -u >"$TMP/unexplained"
equal "$TMP/known" "$TMP/unexplained"
tap $? 'and the others are those of which the records have none'

# --- the refusals of a join: the tests of semantics make each of them ---
if [ -e /proc/sys/kernel/setns_pid_join ]; then
	cat >"$TMP/known" <<X
EPERM, no CAP_SYS_ADMIN in the user namespace of pid:[N]
EPERM, no CAP_SYS_ADMIN in its own user namespace
EPERM, no CAP_SYS_ADMIN in the user namespace of pid:[N]
EPERM, no right to trace process N
EINVAL, it is the init of pid:[N]
EPERM, pid:[N] is not a child of pid:[N], where it lives
EINVAL, pid:[N] has no init
EPERM, it does not lead its process group
EPERM, it does not lead its session
EPERM, it does not lead its process group
EUSERS, it has 2 threads
EBUSY, it is traced
EBUSY, it shares its session
EBUSY, it has a controlling terminal
EBUSY, it has timers from timer_create()
EPERM, no CAP_SYS_ADMIN in the initial user namespace
ENOMEM, the init of pid:[N] is dead
EAGAIN, no number is free in pid:[N] or above it
EPERM, pid:[N] is not a child of pid:[N], where it lives
EBUSY, it has children
EBUSY, it traces a process
X
	$TRACE trace -Z -e setns -o "$TMP/trace" -- \
		/semantics --mode join --only 'refused: ' >"$LOG" 2>&1
	tap $? 'the tests of refused joins pass while they are traced'
	sed 's/.* = -1 //; s/\(pid:\[\|process \)[0-9][0-9]*/\1N/g' "$TMP/trace" |
		uniq >"$TMP/seen"
	equal "$TMP/known" "$TMP/seen"
	tap $? 'each refused join shows its reason, in the order of the tests'
fi
tap_end
