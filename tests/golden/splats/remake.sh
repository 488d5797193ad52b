#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# remake.sh PRINTER [NAME...]: what kernels say on the console, made anew
#
# Runs each of the guests below, or those named, and leaves beside this script
# NAME.console, without the boot and without what a hung guest was asked for, and
# NAME.faults, what PRINTER, tests/unit's vmtest_test_fault, finds in it. Whether
# that is right is for the reader of the diff. Takes half an hour, most of it on
# the kernels that watch themselves; so "make golden-splats" is not in "make check".
# O is the output directory.
set -euo pipefail

printer=$1
shift
here=$(cd -- "${BASH_SOURCE%/*}" && pwd)
vmtest=$(realpath "${O:-build}")/vmtest/vmtest
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
wanted=" $* "

lkdtm=/sys/kernel/debug/provoke-crash/DIRECT
dog=/proc/sys/kernel/watchdog_thresh
hung=/proc/sys/kernel/hung_task_timeout_secs
stall=/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout

# reported DIR: prints the directory of the reported run, if one was repeated
reported()
{
	jq -r '.targets[0].results[0].dir' "$1/summary.json"
}

# guest NAME ARG...: those of the runner's
guest()
{
	local name=$1
	shift

	[ "$wanted" = "  " ] || [[ $wanted == *" $name "* ]] || return 0
	echo "$name" >&2
	"$vmtest" --out "$tmp/$name" "$@" >"$tmp/log" 2>&1 || true
	# Without the boot, unless it is all there was, or all that counts.
	sed -e '/sysrq: Show/,$d' "$(reported "$tmp/$name")/console.log" | tr -d '\r' |
		awk -v all="$([[ $name != well-* ]] || echo 1)" '
			{ l[NR] = $0 }
			/smpboot: Booting Node/ { from = NR + 1 }
			END {
				if (!from || all)
					from = NR > 60 && !all ? NR - 60 : 1
				for (i = from; i <= NR; i++)
					print l[i]
			}' \
			>"$here/$name.console"
	"$printer" --print "$here/$name.console" >"$here/$name.faults"
}

# as mutants-6.12, and the same with KASAN, lockdep and kmemleak
fault() { guest "$1" --target mutants-6.12 "${@:2}"; }
watched() { guest "$1" --target mutants-6.12-debug "${@:2}"; }

fault panic-boot --append 'rdinit=/nonexistent init=/nonexistent' -- true
fault panic-sysrq -- sh -c 'echo c >/proc/sysrq-trigger'
fault panic -- sh -c "echo PANIC >$lkdtm"
fault warn -- sh -c "echo WARNING >$lkdtm"
fault bug -- sh -c "echo BUG >$lkdtm"
fault null-pointer -- sh -c "echo EXCEPTION >$lkdtm"
fault oops-goes-on --append sysctl.kernel.panic_on_oops=0 -- sh -c "echo ACCESS_NULL >$lkdtm"
fault list-corruption -- sh -c "echo CORRUPT_LIST_ADD >$lkdtm"
fault hard-lockup --timeout 20 -- sh -c "echo 1 >$dog; echo HARDLOCKUP >$lkdtm"
fault soft-lockup --timeout 20 -- sh -c "echo 1 >$dog; echo SOFTLOCKUP >$lkdtm"
fault rcu-stall --timeout 20 -- sh -c "echo 3 >$stall; sleep 1; echo SOFTLOCKUP >$lkdtm"
fault hung-task --timeout 20 -- sh -c "echo 2 >$hung; echo HUNG_TASK >$lkdtm"
watched kasan --append pidns_mutant=old-not-held --tests semantics:view
watched lockdep-circular --append pidns_mutant=siglock-outside --tests semantics:view
watched lockdep-irq --append pidns_mutant=tasklist-irqs-on --tests semantics:life
watched atomic-sleep --append panic_on_warn=0 -- sh -c "echo SPINLOCKUP >$lkdtm"
watched refcount --append panic_on_warn=0 -- sh -c "echo REFCOUNT_DEC_AND_TEST_NEGATIVE >$lkdtm"
watched kasan-out-of-bounds -- sh -c "echo SLAB_LINEAR_OVERFLOW >$lkdtm"
watched sleeping --append pidns_mutant=flush-locked --tests semantics:view
watched kmemleak --append pidns_mutant=install-ns-leaked --tests semantics:life
guest kcsan --target join-6.12-kcsan --tests races
# and kernels that are well
guest well-stock --target stock-6.12 --no-snapshot -- true
guest well-join --target join-6.12 --no-snapshot -- true
guest well-debug --target join-6.12-debug --no-snapshot -- true

# QEMU executes an int3 that was replaced: with a thread for each CPU, while a
# static key is switched. Two of three guests die of it, so several are tried.
cat >"$tmp/threads" <<'END'
#!/bin/bash
exec qemu-system-x86_64 "${@/tcg,thread=single/tcg,thread=multi}"
END
# The int3 is in memory: gdb puts it after ksys_sync()'s call of the tracer.
cat >"$tmp/debugged" <<'END'
#!/bin/bash
exec qemu-system-x86_64 "$@" -gdb tcp:127.0.0.1:23457
END
chmod +x "$tmp/threads" "$tmp/debugged"
busy='while :; do /bin/true; done'
key=/proc/sys/kernel/sched_schedstats
QEMU=$tmp/threads guest int3-emulator --target stock-6.12 --bare --no-snapshot -- \
	sh -c "($busy) & ($busy) & ($busy) &
		for i in \$(seq 400); do echo 1 >$key; echo 0 >$key; done"

# flags-emulator cannot be made at will: QEMU 7.2 loses the flags in one guest of some
# hundreds. It is the console of a run of make matrix (stock-6.12, preempt=full).
int3_kernel()
{
	local at
	at=$("$vmtest" --target stock-6.12 --bare --out "$tmp/at" -- \
		awk '$3 == "ksys_sync" { print $1 }' /proc/kallsyms 2>/dev/null)
	{
		sleep 10
		gdb -batch -ex 'set architecture i386:x86-64' \
			-ex 'target remote 127.0.0.1:23457' \
			-ex "set {char}(0x$at + 9) = 0xcc" -ex detach
	} >/dev/null 2>&1 &
	QEMU=$tmp/debugged guest int3-kernel --target stock-6.12 --bare \
		--no-snapshot -- sh -c 'sleep 20; sync'
	wait
}

[ "$wanted" != "  " ] && [[ $wanted != *" int3-kernel "* ]] || int3_kernel
