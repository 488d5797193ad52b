#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bisect_test.sh - `make check-bisect`: checks that `git bisect run vmtest
# bisect-step` finds the commit that planted a bug, in a history of nine kernels
#
# The first kernel takes minutes to build, each later one a minute. One of the commits
# does not compile and must be skipped. The bug is a missing put_pid() in
# delayed_put_pid(), so each struct pid leaks.
. "${BASH_SOURCE%/*}/host.sh"
export CACHE=$USER_CACHE
HERE=$CACHE/work/bisect_test.$$
TREE=$HERE/linux
SUBJECT='pid: leave out a reference'

. kernel/lib/common.sh
. kernel/lib/source.sh
trap 'stop_job; rm -rf -- "$TMP" "$HERE"' EXIT
mkdir -p "$TREE" || exit 2

# commit SUBJECT FILE SED: commits a change to one file
commit()
{
	sed -i "$3" "$TREE/$2"
	! git_ diff --quiet || {
		echo "Bail out! $2: '$3' changes nothing"
		exit 1
	}
	git_ commit -q -a -m "$1"
}

source_from_package 6.12
tar -C "$TREE" --strip-components=1 -xf "$SOURCE_TAR" || exit 2
git_ init -q
git_ add -A -f
git_ commit -q -m 'the release'
commit 'pid: say what a number is for' kernel/pid.c \
	's|^struct pid init_struct_pid = {|/* The idle task has number 0. */\n&|'
commit 'proc: count in unsigned numbers' fs/proc/array.c \
	's|^static inline const char \*get_task_state|/* A letter and a word. */\n&|'
commit 'pid_namespace: name a cache' kernel/pid_namespace.c \
	's|^static DEFINE_MUTEX(pid_caches_mutex);|/* This lock guards the caches. */\n&|'
commit 'signal: explain a limit' kernel/signal.c \
	's|^static struct kmem_cache \*sigqueue_cachep;|/* Queued signals. */\n&|'
commit "$SUBJECT" kernel/pid.c \
	'/^static void delayed_put_pid/,/^}/ s|^\tput_pid(pid);|\t(void)pid;|'
commit 'nsproxy: half a change' kernel/nsproxy.c \
	's|^static struct kmem_cache \*nsproxy_cachep;|&\nstatic int half a change;|'
commit 'nsproxy: the other half' kernel/nsproxy.c '/^static int half a change;/d'
commit 'fork: explain a name' kernel/fork.c \
	's|^static struct kmem_cache \*task_struct_cachep;|/* A cache for threads. */\n&|'
guilty=$(git_ log --format=%H --grep="^$SUBJECT\$")
broken=$(git_ log --format=%H --grep='^nsproxy: half a change$')

git_ bisect start HEAD "$(git_ rev-list --max-parents=0 HEAD)" >"$LOG" 2>&1
(cd "$TREE" && git bisect run "$VMTEST" bisect-step --out "$HERE/out" \
	--tests semantics) >"$OUT" 2>&1
tap $? 'git bisect run ends by itself'
cat "$OUT" >>"$LOG"
grep -qxF "$guilty is the first bad commit" "$OUT"
tap $? 'the commit that planted the bug is found'
git_ bisect log >"$TMP/log" 2>>"$LOG"
# A bisection of eight commits takes three steps, and more if a commit is skipped.
[ "$(grep -cE '^git bisect (good|bad|skip) ' "$TMP/log")" -ge 3 ]
tap $? 'some kernels in between were tried'

# step COMMIT [WORD...]: runs one step on COMMIT and returns its exit status
step()
{
	(cd "$TREE" && git checkout -q "$1" &&
		timeout 900 "$VMTEST" bisect-step --out "$HERE/out" \
			--tests semantics "${@:2}") >"$OUT" 2>"$LOG" </dev/null
}
git_ bisect reset >>"$LOG" 2>&1
check 'a good kernel: 0' step "$guilty~1"
step "$guilty"; [ $? = 1 ]
tap $? 'a kernel with the bug: 1'
step "$broken"; [ $? = 125 ]
tap $? 'a kernel that does not compile: 125'
step "$guilty" --append rdinit=/nonesuch; [ $? = 125 ]
tap $? 'a kernel that does not come to its init: 125'

tap_end
