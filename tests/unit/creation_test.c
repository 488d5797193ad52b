// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the reasons of failed creations of processes and namespaces: each condition by a
 * call that it explains, and by a call that differs in the deciding fact, whose line has
 * the error's text instead.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <linux/capability.h>

#include "lib/array.h"
#include "machine.h"
#include "test.h"

#define CLONE		56
#define VFORK		58
#define UNSHARE		272
#define CLONE3		435

#define SIZE		88	/* struct clone_args of Linux 5.7 and later */
#define CAP(cap)	(1ull << (cap))
#define ALL_CAPS	(CAP(41) - 1)
/* Members that are 0 get the usual value; these are for a 0. */
#define NO_CAPS		CAP(63)
#define NONE		1
#define USER_NS		0xffff888300000000ull
#define OTHER_USER_NS	0xffff888300001000ull
#define REAPER		0xffff888000000000ull
#define SET_TID		0x7ffd00000000ull	/* in user space */
#define OUTER		4026531836u	/* the namespace at level 0 */

static const struct creation {
	const char *name;
	unsigned int type;
	struct wire_call_failed facts;
	const char *line;		/* after the task */
} creations[] = {
#define CALL(type, nr, error, ...) \
	WIRE_##type##_FAILED, { .call = nr, .ret = -(error), __VA_ARGS__ }
#define BY_FORK(error, ...) \
	CALL(CLONE, CLONE, error, .exit_signal = SIGCHLD, __VA_ARGS__)
#define BY_CLONE(error, ...) CALL(CLONE, CLONE, error, __VA_ARGS__)
#define BY_CLONE3(error, ...) CALL(CLONE3, CLONE3, error, __VA_ARGS__)
#define BY_UNSHARE(error, ...) CALL(UNSHARE, UNSHARE, error, __VA_ARGS__)

	/* the words for a call */
	{ "vfork", CALL(CLONE, VFORK, EINTR),
	  "vfork = -1 EINTR (Interrupted system call)" },
	{ "fork by libc", BY_FORK(EINTR, .flags = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID),
	  "fork = -1 EINTR (Interrupted system call)" },
	{ "32-bit vfork", CALL(CLONE, 190, EINTR, .facts = WIRE_FAILED_COMPAT),
	  "vfork = -1 EINTR (Interrupted system call)" },
	{ "clone", BY_CLONE(EINTR, .flags = CLONE_VM | CLONE_NEWPID, .exit_signal = SIGCHLD),
	  "clone(flags=CLONE_VM|CLONE_NEWPID|SIGCHLD) = -1 EINTR (Interrupted system call)" },
	{ "clone without a signal", BY_CLONE(EINTR),
	  "clone(flags=0) = -1 EINTR (Interrupted system call)" },
	{ "clone3", BY_CLONE3(EINTR, .flags = CLONE_VFORK, .exit_signal = 70),
	  "clone3({flags=CLONE_VFORK, exit_signal=70}) = -1 EINTR (Interrupted system call)" },
	{ "clone3 with more numbers than the record",
	  BY_CLONE3(EINTR, .set_tid_size = 5, .asked = { { .nr = 2 }, { .nr = 3 }, { .nr = 4 }, { .nr = 5 } }),
	  "clone3({flags=0, set_tid=[2, 3, 4, 5, ...]}) = -1 EINTR (Interrupted system call)" },
	{ "unshare", BY_UNSHARE(EINTR, .flags = CLONE_NEWNS | CLONE_NEWPID),
	  "unshare(CLONE_NEWNS|CLONE_NEWPID) = -1 EINTR (Interrupted system call)" },
	{ "unknown error", BY_FORK(4000), "fork = -1 ? (Unknown error 4000)" },

	/* flags */
	{ "pidfd and parent_tid", BY_CLONE(EINVAL, .flags = CLONE_PIDFD | CLONE_PARENT_SETTID),
	  "EINVAL, CLONE_PIDFD excludes CLONE_PARENT_SETTID" },
	{ "pidfd and parent_tid of clone3",
	  BY_CLONE3(EINVAL, .flags = CLONE_PIDFD | CLONE_PARENT_SETTID),
	  "EINVAL (Invalid argument)" },
	{ "thread without handlers", BY_CLONE(EINVAL, .flags = CLONE_THREAD | CLONE_VM),
	  "EINVAL, CLONE_THREAD needs CLONE_SIGHAND" },
	{ "handlers without memory", BY_CLONE3(EINVAL, .flags = CLONE_SIGHAND),
	  "EINVAL, CLONE_SIGHAND needs CLONE_VM" },
	{ "handlers with memory", BY_CLONE3(EINVAL, .flags = CLONE_SIGHAND | CLONE_VM),
	  "EINVAL (Invalid argument)" },
	{ "mount namespace and fs", BY_CLONE(EINVAL, .flags = CLONE_NEWNS | CLONE_FS),
	  "EINVAL, CLONE_NEWNS excludes CLONE_FS" },
	{ "unshared mount namespace and fs", BY_UNSHARE(EINVAL, .flags = CLONE_NEWNS | CLONE_FS),
	  "EINVAL (Invalid argument)" },
	{ "thread in a new pid namespace",
	  BY_CLONE(EINVAL, .flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWPID),
	  "EINVAL, CLONE_THREAD excludes CLONE_NEWPID" },
	{ "sibling of an init",
	  BY_CLONE(EINVAL, .flags = CLONE_PARENT, .facts = WIRE_FAILED_BY_INIT),
	  "EINVAL, an init cannot have siblings" },
	{ "sibling of another", BY_CLONE(EINVAL, .flags = CLONE_PARENT),
	  "EINVAL (Invalid argument)" },
	{ "child of an init", BY_CLONE(EINVAL, .facts = WIRE_FAILED_BY_INIT),
	  "EINVAL (Invalid argument)" },

	/* arguments of clone3 */
	{ "small arguments", BY_CLONE3(EINVAL, .args_size = 63),
	  "EINVAL, the size of the arguments, 63, is less than 64" },
	{ "least arguments", BY_CLONE3(EINVAL, .args_size = 64),
	  "EINVAL (Invalid argument)" },
	{ "large arguments", BY_CLONE3(E2BIG, .args_size = 4097),
	  "E2BIG, the size of the arguments is more than a page" },
	{ "unknown arguments", BY_CLONE3(E2BIG, .args_size = 4096),
	  "E2BIG, the arguments have fields that this kernel does not know" },
	{ "unreadable arguments", BY_CLONE3(EFAULT, .facts = WIRE_FAILED_NO_ARGS),
	  "clone3(?) = -1 EFAULT, the arguments cannot be read" },
	{ "unreadable numbers",
	  BY_CLONE3(EFAULT, .set_tid_size = 1, .facts = WIRE_FAILED_NO_TIDS),
	  "clone3({flags=0, set_tid=?}) = -1 EFAULT, the numbers of set_tid cannot be read" },
	{ "readable numbers", BY_CLONE3(EFAULT, .set_tid_size = 1), "EFAULT (Bad address)" },
	{ "no signal", BY_CLONE3(EINVAL, .exit_signal = 65), "EINVAL, 65 is not a signal" },
	{ "last signal", BY_CLONE3(EINVAL, .exit_signal = 64), "EINVAL (Invalid argument)" },
	{ "flags with a signal", BY_CLONE3(EINVAL, .flags = SIGCHLD),
	  "EINVAL, CLONE_DETACHED and the bits of a signal are not for clone3()" },
	{ "new time namespace", BY_CLONE3(EINVAL, .flags = 0x80), "EINVAL (Invalid argument)" },
	{ "both kinds of handlers",
	  BY_CLONE3(EINVAL, .flags = CLONE_SIGHAND | CLONE_VM | 0x100000000),
	  "EINVAL, CLONE_SIGHAND excludes CLONE_CLEAR_SIGHAND" },
	{ "thread with a signal",
	  BY_CLONE3(EINVAL, .flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD),
	  "EINVAL, CLONE_THREAD and CLONE_PARENT exclude an exit signal" },
	{ "size without a stack", BY_CLONE3(EINVAL, .stack_size = 4096),
	  "EINVAL, a stack size without a stack" },
	{ "stack without a size", BY_CLONE3(EINVAL, .child_stack = 4096),
	  "EINVAL, a stack without a size" },
	{ "stack", BY_CLONE3(EINVAL, .child_stack = 4096, .stack_size = 4096),
	  "EINVAL (Invalid argument)" },

	/* set_tid */
	{ "size of no list", BY_CLONE3(EINVAL, .set_tid = NONE, .set_tid_size = 1),
	  "EINVAL, a size of set_tid without set_tid" },
	{ "list without a size", BY_CLONE3(EINVAL, .set_tid = SET_TID),
	  "EINVAL, set_tid without a size" },
#define ASKED(n, ...) .set_tid_size = n, .asked = { { __VA_ARGS__ } }
	{ "too many numbers", BY_CLONE3(EINVAL, ASKED(2, .nr = 7)),
	  "EINVAL, set_tid has 2 numbers for 1 levels" },
	{ "as many numbers as levels", BY_CLONE3(EINVAL, ASKED(1, .nr = 7)),
	  "EINVAL (Invalid argument)" },
	{ "one more with a new namespace",
	  BY_CLONE3(EINVAL, .flags = CLONE_NEWPID, .set_tid_size = 2,
		    .asked = { { .nr = 1 }, { .nr = 7, .child_reaper = REAPER } }),
	  "EINVAL (Invalid argument)" },
	{ "number 0", BY_CLONE3(EINVAL, ASKED(1, .nr = 0)),
	  "EINVAL, 0 is not a number of pid:[4026531836]" },
	{ "number beyond pid_max", BY_CLONE3(EINVAL, ASKED(1, .nr = 300, .pid_max = 300)),
	  "EINVAL, 300 is not a number of pid:[4026531836]" },
	{ "number below pid_max", BY_CLONE3(EINVAL, ASKED(1, .nr = 299, .pid_max = 300)),
	  "EINVAL (Invalid argument)" },
	{ "number beyond any pid_max", BY_CLONE3(EINVAL, ASKED(1, .nr = 4194304)),
	  "EINVAL, 4194304 is not a number of pid:[4026531836]" },
	{ "second number first", BY_CLONE3(EINVAL, ASKED(1, .nr = 2, .child_reaper = NONE)),
	  "EINVAL, 2 is asked for in pid:[4026531836], which has no init" },
	{ "second number of a new namespace",
	  BY_CLONE3(EINVAL, .flags = CLONE_NEWPID, ASKED(1, .nr = 2, .child_reaper = NONE, .ns = NONE)),
	  "EINVAL, 2 is asked for in the new pid namespace, which has no init" },
	{ "first number first", BY_CLONE3(EINVAL, ASKED(1, .nr = 1, .child_reaper = NONE)),
	  "EINVAL (Invalid argument)" },
	{ "number of a task", BY_CLONE3(EEXIST, ASKED(1, .nr = 100)),
	  "EEXIST, 100 in pid:[4026531836] is taken by me[100]" },
	{ "number of no task", BY_CLONE3(EEXIST, ASKED(1, .nr = 99)),
	  "EEXIST, 99 in pid:[4026531836] is taken" },
	{ "number of a task in another namespace",
	  BY_CLONE3(EEXIST, ASKED(1, .nr = 100, .ns = OUTER + 100)),
	  "EEXIST, 100 in pid:[4026531936] is taken" },
	{ "one of two numbers of no task", BY_CLONE3(EEXIST, ASKED(2, .nr = 99)),
	  "EEXIST (File exists)" },
	{ "number without the capability",
	  BY_CLONE3(EPERM, .caps = NO_CAPS, ASKED(1, .nr = 7)),
	  "EPERM, neither CAP_CHECKPOINT_RESTORE nor CAP_SYS_ADMIN in the user namespace of pid:[4026531836]" },
	{ "number with the capability",
	  BY_CLONE3(EPERM, .caps = CAP(CAP_CHECKPOINT_RESTORE), ASKED(1, .nr = 7)),
	  "EPERM (Operation not permitted)" },
	{ "number in an outer user namespace",
	  BY_CLONE3(EPERM, .user_level = 1, ASKED(1, .nr = 7, .user_ns = OTHER_USER_NS)),
	  "EPERM, neither CAP_CHECKPOINT_RESTORE nor CAP_SYS_ADMIN in the user namespace of pid:[4026531836]" },
	{ "number in an inner user namespace",
	  BY_CLONE3(EPERM, .caps = NO_CAPS, ASKED(1, .nr = 7, .user_ns = OTHER_USER_NS, .user_level = 1)),
	  "EPERM (Operation not permitted)" },

	/* capabilities */
	{ "namespace without the capability", BY_CLONE(EPERM, .flags = CLONE_NEWPID, .caps = NO_CAPS),
	  "EPERM, no CAP_SYS_ADMIN in its own user namespace" },
	{ "unshare without the capability",
	  BY_UNSHARE(EPERM, .flags = CLONE_NEWNS, .caps = ALL_CAPS & ~CAP(CAP_SYS_ADMIN)),
	  "EPERM, no CAP_SYS_ADMIN in its own user namespace" },
	{ "unshare with the capability", BY_UNSHARE(EPERM, .flags = CLONE_NEWNS),
	  "EPERM (Operation not permitted)" },
	{ "user namespace", BY_UNSHARE(EPERM, .flags = CLONE_NEWNS | CLONE_NEWUSER, .caps = NO_CAPS),
	  "EPERM (Operation not permitted)" },

	/* limits */
	{ "RLIMIT_NPROC",
	  BY_FORK(EAGAIN, .uid = 1000, .caps = NO_CAPS, .processes = 4, .processes_max = 4),
	  "EAGAIN, RLIMIT_NPROC is reached: user 1000 has 4 of 4 processes" },
	{ "RLIMIT_NPROC of root", BY_FORK(EAGAIN, .caps = NO_CAPS, .processes = 4, .processes_max = 4),
	  "EAGAIN (Resource temporarily unavailable)" },
	{ "RLIMIT_NPROC of the privileged",
	  BY_FORK(EAGAIN, .uid = 1000, .processes = 4, .processes_max = 4),
	  "EAGAIN (Resource temporarily unavailable)" },
	{ "RLIMIT_NPROC of the root of a user namespace",
	  BY_FORK(EAGAIN, .uid = 1000, .user_level = 1, .processes = 4, .processes_max = 4),
	  "EAGAIN, RLIMIT_NPROC is reached: user 1000 has 4 of 4 processes" },
	{ "below RLIMIT_NPROC",
	  BY_FORK(EAGAIN, .uid = 1000, .caps = NO_CAPS, .processes = 3, .processes_max = 4),
	  "EAGAIN (Resource temporarily unavailable)" },
	{ "threads-max", BY_FORK(EAGAIN, .processes_max = 4, .threads = 9, .threads_max = 9),
	  "EAGAIN, kernel.threads-max is reached: 9 of 9" },
	{ "below threads-max", BY_FORK(EAGAIN, .processes_max = 4, .threads = 8, .threads_max = 9),
	  "EAGAIN (Resource temporarily unavailable)" },
	{ "pids.max",
	  BY_FORK(EAGAIN, .processes_max = 4, .cgroup_pids = 2, .cgroup_pids_max = 2),
	  "EAGAIN, pids.max of its cgroup is reached: 2 of 2" },
	{ "pids.max of another cgroup",
	  BY_CLONE3(EAGAIN, .flags = 0x200000000, .cgroup_pids = 2, .cgroup_pids_max = 2),
	  "EAGAIN (Resource temporarily unavailable)" },
	{ "deepest level", BY_UNSHARE(ENOSPC, .flags = CLONE_NEWPID, .children_level = 32),
	  "ENOSPC, level 33 is too deep: the deepest is 32" },
	{ "last level but one", BY_UNSHARE(ENOSPC, .flags = CLONE_NEWPID, .children_level = 31),
	  "ENOSPC (No space left on device)" },
	{ "deepest user namespace", BY_UNSHARE(ENOSPC, .flags = CLONE_NEWUSER, .user_level = 33),
	  "ENOSPC, level 34 of user namespaces is too deep" },
	{ "user.max_pid_namespaces",
	  BY_CLONE(ENOSPC, .flags = CLONE_NEWPID | CLONE_NEWNET, .limits = 1 << WIRE_LIMIT_PID),
	  "ENOSPC, user.max_pid_namespaces is reached" },
	{ "user.max_user_namespaces",
	  BY_UNSHARE(ENOSPC, .flags = CLONE_NEWPID | CLONE_NEWUSER,
		     .limits = 1 << WIRE_LIMIT_PID | 1 << WIRE_LIMIT_USER),
	  "ENOSPC, user.max_user_namespaces is reached" },
	{ "limit of others", BY_CLONE(ENOSPC, .flags = CLONE_NEWNET, .limits = 1 << WIRE_LIMIT_PID),
	  "ENOSPC (No space left on device)" },

	/* unshare */
	{ "unshare with threads", BY_UNSHARE(EINVAL, .flags = CLONE_NEWUSER, .task.nr_threads = 2),
	  "EINVAL, it has 2 threads" },
	{ "unshare a pid namespace with threads",
	  BY_UNSHARE(EINVAL, .flags = CLONE_NEWPID, .task.nr_threads = 2),
	  "EINVAL (Invalid argument)" },
	{ "unshare shared handlers",
	  BY_UNSHARE(EINVAL, .flags = CLONE_SIGHAND, .facts = WIRE_FAILED_SIGHAND),
	  "EINVAL, it shares its signal handlers" },
	{ "unshare own handlers", BY_UNSHARE(EINVAL, .flags = CLONE_SIGHAND),
	  "EINVAL (Invalid argument)" },

	/* memory */
	{ "living init", BY_FORK(ENOMEM), "ENOMEM (Cannot allocate memory)" },
};

/* Completes the facts of a row. */
static struct wire_call_failed facts_of(const struct creation *c)
{
	struct wire_call_failed r = c->facts;
	struct wire_asked *a = &r.asked[0];

	r.user_ns = USER_NS;
	r.caps = r.caps ?: ALL_CAPS;
	if (c->type == WIRE_CLONE3_FAILED)
		r.args_size = r.args_size ?: SIZE;
	if (!r.set_tid_size)
		return r;
	r.set_tid = !r.set_tid ? SET_TID : r.set_tid == NONE ? 0 : r.set_tid;
	a->user_ns = a->user_ns ?: USER_NS;
	a->child_reaper = !a->child_reaper ? REAPER :
			  a->child_reaper == NONE ? 0 : a->child_reaper;
	a->ns = !a->ns ? OUTER : a->ns == NONE ? 0 : a->ns;
	return r;
}

static void test_creation(void **state)
{
	const struct creation *c = *state;
	const struct wire_call_failed facts = facts_of(c);
	struct machine m;

	machine__begin(&m);
	gen__fails(m.gen, m.me, c->type, &facts);
	machine__end(&m, c->line);
}

/* --- creations whose reason depends on other records --- */

static const struct wire_call_failed fork_fails = {
	.call = CLONE, .ret = -ENOMEM, .exit_signal = SIGCHLD,
}, unshare_fails = {
	.call = UNSHARE, .ret = -EINVAL, .flags = CLONE_NEWPID,
}, thread_fails = {
	.call = CLONE, .ret = -EINVAL,
	.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
}, no_number = {
	.call = CLONE, .ret = -EAGAIN, .exit_signal = SIGCHLD, .processes_max = 1,
};

/* Returns a namespace for m->me's children. */
static struct gen_ns *unshare_pid_ns(struct machine *m)
{
	struct gen_ns *ns = gen__ns(m->gen, m->me, m->me->children_ns);

	gen__switch_ns(m->gen, m->me, ns);
	return ns;
}

static void test_dead_init(void **)
{
	struct gen_task *init;
	struct machine m;
	struct gen_ns *ns;

	machine__begin(&m);
	ns = unshare_pid_ns(&m);
	init = gen__fork(m.gen, m.me);
	init->state |= WIRE_T_EXITING;
	gen__zap_enter(m.gen, init, ns);
	gen__fails(m.gen, m.me, WIRE_CLONE_FAILED, &fork_fails);
	machine__end(&m, "fork = -1 ENOMEM, the init of pid:[4026531837] is dead");
}

static void test_second_pid_ns(void **)
{
	struct machine m;

	machine__begin(&m);
	unshare_pid_ns(&m);
	gen__fails(m.gen, m.me, WIRE_UNSHARE_FAILED, &unshare_fails);
	machine__end(&m, "EINVAL, its children are born in pid:[4026531837] already");
}

static void test_thread_elsewhere(void **)
{
	struct machine m;

	machine__begin(&m);
	unshare_pid_ns(&m);
	gen__fails(m.gen, m.me, WIRE_CLONE_FAILED, &thread_fails);
	machine__end(&m, "EINVAL, its children are born in pid:[4026531837] already");
}

static void test_no_number(void **)
{
	struct machine m;

	machine__begin(&m);
	gen__alloc_fails(m.gen, m.me, m.me->children_ns, -EAGAIN);
	gen__fails(m.gen, m.me, WIRE_CLONE_FAILED, &no_number);
	machine__end(&m, "EAGAIN, no number is free in pid:[4026531836]");
}

static void test_no_number_below(void **)
{
	struct machine m;
	struct gen_ns *ns;

	machine__begin(&m);
	ns = unshare_pid_ns(&m);
	gen__alloc_fails(m.gen, m.me, ns, -EAGAIN);
	gen__fails(m.gen, m.me, WIRE_CLONE_FAILED, &no_number);
	machine__end(&m, "EAGAIN, no number is free in pid:[4026531837] or above it");
}

/* Another call failed in alloc_pid(). */
static void test_number_before(void **)
{
	struct machine m;

	machine__begin(&m);
	gen__alloc_fails(m.gen, m.me, m.me->children_ns, -EAGAIN);
	gen__fails(m.gen, m.me, WIRE_CLONE_FAILED, &no_number);
	gen__fails(m.gen, m.me, WIRE_CLONE_FAILED, &no_number);
	machine__end(&m, "EAGAIN (Resource temporarily unavailable)");
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(creations) + 6] = {
		cmocka_unit_test(test_dead_init),
		cmocka_unit_test(test_second_pid_ns),
		cmocka_unit_test(test_thread_elsewhere),
		cmocka_unit_test(test_no_number),
		cmocka_unit_test(test_no_number_below),
		cmocka_unit_test(test_number_before),
	};
	size_t n = 6;

	for (size_t i = 0; i < ARRAY_SIZE(creations); i++)
		tests[n++] = ROW_TEST(test_creation, &creations[i]);
	return _cmocka_run_group_tests("creation", tests, n, NULL, NULL);
}
