// SPDX-License-Identifier: GPL-2.0-only
/*
 * SysV IPC objects and message queues: the processes that used them last, whom a
 * message queue notifies, the end of shared memory with its creator, and that of
 * semaphores' undo values with their owner.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "joined.h"
#include "ns.h"
#include "numbers.h"
#include "ops.h"

union semun {
	int val;
	unsigned short *array;
};

/* --- objects; all of them end with the ipc namespace of the case --- */

enum ipc_kind { SEM, MSG, SHM };

static int make_object(enum ipc_kind kind)
{
	int id = kind == SEM ? semget(IPC_PRIVATE, 2, 0600) :
		 kind == MSG ? msgget(IPC_PRIVATE, 0600) :
			       shmget(IPC_PRIVATE, 4096, 0600);

	return check__must("an ipc object", id < 0 ? -errno : id);
}

/* How the owner uses an object; its kind is in the table below. */
enum use { SEMOP, SETVAL_, SETALL_, MSGSND, MSGRCV, SHMGET, SHMAT, SHMDT };

static const enum ipc_kind kinds[] = {
	[SEMOP] = SEM, [SETVAL_] = SEM, [SETALL_] = SEM, [MSGSND] = MSG,
	[MSGRCV] = MSG, [SHMGET] = SHM, [SHMAT] = SHM, [SHMDT] = SHM,
};

static long use_sem(int id, enum use how)
{
	struct sembuf up = { .sem_num = 1, .sem_op = 1 };
	unsigned short all[2] = { 1, 2 };

	if (how == SEMOP)
		return semop(id, &up, 1) ? -errno : 0;
	if (how == SETVAL_)
		return semctl(id, 1, SETVAL, (union semun){ .val = 3 }) ?
			-errno : 0;
	return semctl(id, 1, SETALL, (union semun){ .array = all }) ? -errno : 0;
}

static long use_msg(int id, enum use how)
{
	struct { long type; char text; } m = { 1, 'x' };

	if (msgsnd(id, &m, 1, 0))
		return -errno;
	if (how == MSGRCV && msgrcv(id, &m, 1, 0, 0) != 1)
		return -errno;
	return 0;
}

static long use_shm(int id, enum use how)
{
	void *at = shmat(id, NULL, 0);

	if (at == (void *)-1)
		return -errno;
	if (how == SHMDT && shmdt(at))
		return -errno;
	return 0;
}

/* Returns the object, which for SHMGET the owner makes. */
static long use_object(long id, long how)
{
	long err = 0;

	if (how == SHMGET)
		return make_object(SHM);
	if (kinds[how] == SEM)
		err = use_sem(id, how);
	else if (kinds[how] == MSG)
		err = use_msg(id, how);
	else
		err = use_shm(id, how);
	return err ?: id;
}

static void mark_object(struct world *w, long how)
{
	int id = how == SHMGET ? 0 : make_object(kinds[how]);

	world__set_handle(w, world__mark(w, use_object, id, how));
}

/* --- what readers see --- */

static long read_ctl(long id, long how)
{
	struct msqid_ds msg;
	struct shmid_ds shm;

	switch (how) {
	case MSGSND:
	case MSGRCV:
		if (msgctl(id, IPC_STAT, &msg))
			return -errno;
		return how == MSGSND ? msg.msg_lspid : msg.msg_lrpid;
	case SHMGET:
	case SHMAT:
	case SHMDT:
		if (shmctl(id, IPC_STAT, &shm))
			return -errno;
		return how == SHMGET ? shm.shm_cpid : shm.shm_lpid;
	default:
		return semctl(id, 1, GETPID);
	}
}

/* Reads column @column (the first is 0) of the line about @id in /proc/sysvipc/NAME. */
static long read_column(const char *name, long id, int column)
{
	char path[32], line[512], *at, *end;
	long value = -ENOENT;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sysvipc/%s", name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (value == -ENOENT && fgets(line, sizeof(line), f)) {
		long field[8] = { [1] = -1 };

		at = line;
		for (int i = 0; i <= column; i++, at = end) {
			long number = strtol(at, &end, 10);

			if (end == at)	/* the line of titles */
				break;
			field[i] = number;
		}
		if (field[1] == id)
			value = field[column];
	}
	fclose(f);
	return value;
}

static long read_sysvipc(long id, long how)
{
	/*
	 * msg: key msqid perms cbytes qnum lspid lrpid;
	 * shm: key shmid perms size cpid lpid.
	 */
	switch (how) {
	case MSGSND:
		return read_column("msg", id, 5);
	case MSGRCV:
		return read_column("msg", id, 6);
	case SHMGET:
		return read_column("shm", id, 4);
	default:
		return read_column("shm", id, 5);
	}
}

#define OBJECT(name_, read_, how) \
	{ .name = name_, .mark = mark_object, .read = read_, .arg = how, \
	  .kept = true }

/* --- message queues --- */

/* Makes a queue without a name, for processes that inherit or receive its fd. */
static int make_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 1 };
	mqd_t q = mq_open("/numbers", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC,
			  0666, &attr);

	if (q < 0)
		check__bail("mq_open: %s", strerror(errno));
	mq_unlink("/numbers");
	return q;
}

static long notify_me(long q, long b __maybe_unused)
{
	const struct sigevent ev = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN,
	};

	signal__block(SIGRTMIN);
	return mq_notify(q, &ev) ? -errno : 0;
}

static void mark_queue(struct world *w, long b __maybe_unused)
{
	world__mark(w, notify_me, world__share_all(w, make_queue()), 0);
}

/* The text of a queue: QSIZE:0 NOTIFY:0 SIGNO:34 NOTIFY_PID:123 */
static long read_queue(long q, long b __maybe_unused)
{
	char text[128];
	ssize_t n = pread(q, text, sizeof(text) - 1, 0);
	const char *at;

	if (n < 0)
		return -errno;
	text[n] = '\0';
	at = strstr(text, "NOTIFY_PID:");
	return at ? atol(at + strlen("NOTIFY_PID:")) : -EIO;
}

const struct interface ipc_interfaces[] = {
	OBJECT("GETPID after semop", read_ctl, SEMOP),
	OBJECT("GETPID after SETVAL", read_ctl, SETVAL_),
	OBJECT("GETPID after SETALL", read_ctl, SETALL_),
	OBJECT("msg_lspid", read_ctl, MSGSND),
	OBJECT("msg_lrpid", read_ctl, MSGRCV),
	OBJECT("shm_cpid", read_ctl, SHMGET),
	OBJECT("shm_lpid after shmat", read_ctl, SHMAT),
	OBJECT("shm_lpid after shmdt", read_ctl, SHMDT),
	OBJECT("lspid of /proc/sysvipc/msg", read_sysvipc, MSGSND),
	OBJECT("lrpid of /proc/sysvipc/msg", read_sysvipc, MSGRCV),
	OBJECT("cpid of /proc/sysvipc/shm", read_sysvipc, SHMGET),
	OBJECT("lpid of /proc/sysvipc/shm", read_sysvipc, SHMDT),
	/* The registration ends with the file descriptors of a process that exits. */
	{ .name = "NOTIFY_PID of a message queue", .mark = mark_queue,
	  .read = read_queue, .needs_life = true, .recorded = true },
	{ }
};

/* --- the signal of a queue --- */

static long send_message(long q, long b __maybe_unused)
{
	return mq_send(q, "x", 1, 0) ? -errno : 0;
}

/* In the owner: takes the message and the signal that reports it. */
static long take_signal(long q, long info)
{
	char byte;

	if (mq_receive(q, &byte, 1, NULL) != 1)
		return -errno;
	return signal__await(SIGRTMIN, run__patience() / 2, (siginfo_t *)info) < 0 ?
		-errno : 0;
}

/* A plain user in the namespace of each reader notifies the owner, who is root. */
static void notified_by_users(void)
{
	siginfo_t *info = shared__alloc(sizeof(*info));
	struct ns_numbers n;
	struct actor sender;
	struct world w;
	long q, sent;

	world__build(&w);
	world__add_child(&w);
	q = world__share_all(&w, make_queue());
	for (int i = 0; i < READERS; i++) {
		sender = actor__spawn("sender", &w.reader[i], 0);
		check__must("become a plain user",
			    actor__call(&sender, op_become, 1000, 0));
		n = joined__numbers(NULL, sender.pid, "NSpid");
		world__mark(&w, notify_me, q, 0);
		sent = actor__call(&sender, send_message,
				   actor__give(&sender, w.fds[0]), 0);
		check__err("mq_send() of a plain user", sent, 0);
		check__err("the owner's signal",
			   actor__call(&w.owner, take_signal, q, (long)info), 0);
		check__eq("si_code", info->si_code, SI_MESGQ);
		check__eq("si_uid", info->si_uid, 1000);
		check__eq("si_pid", info->si_pid,
			  i == READER_MIDDLE || i == READER_INNER ?
			  n.number[1] : 0);
	}
}

/* --- segments whose creator went to another ipc namespace --- */

#define RMID_FORCED "/proc/sys/kernel/shm_rmid_forced"

static long own_ipc(long forced, long b __maybe_unused)
{
	if (unshare(CLONE_NEWIPC))
		return -errno;
	return file__set(RMID_FORCED, forced);
}

static long make_segment(long a __maybe_unused, long b __maybe_unused)
{
	return make_object(SHM);
}

static long segment_exists(long id, long b __maybe_unused)
{
	struct shmid_ds shm;

	return shmctl(id, IPC_STAT, &shm) ? -errno : 0;
}

static void segments_at_exit(void)
{
	for (int forced = 0; forced < 4; forced++) {
		struct actor home = actor__spawn("home", NULL, 0);
		struct actor away = actor__spawn("away", NULL, 0), creator;
		int fd;
		long id;

		check__must("ipc ns", actor__call(&home, own_ipc, forced & 1, 0));
		check__must("ipc ns", actor__call(&away, own_ipc, forced >> 1, 0));
		creator = actor__spawn("creator", &home, 0);
		id = actor__run(&creator, make_segment);
		fd = check__must("ipc ns", ns__open(away.pid, "ipc"));
		check__err("setns", scene__enter(&creator, fd, CLONE_NEWIPC), 0);
		check__err("the segment after setns",
			   actor__call(&home, segment_exists, id, 0), 0);
		actor__exit(&creator, 0);
		check__must("death of the creator",
			    ns__wait_dead(creator.pidfd, run__patience()));
		check__note("shm_rmid_forced: segment's ns %d, creator's %d",
			    forced & 1, forced >> 1);
		check__err("the segment after its creator's exit",
			   actor__call(&home, segment_exists, id, 0),
			   forced & 1 ? -EINVAL : 0);
		close(fd);
	}
}

/* --- undo values of semaphores, whose owner goes to another ipc namespace --- */

/* The call, or exit, by which the owner stops to use its undo values. */
static const struct undo {
	int unshares;		/* flags */
	int enters;		/* flags, for the other ipc namespace */
	bool shared;		/* a process that lives on shares the undo values */
} by_exit, by_newipc = { .unshares = CLONE_NEWIPC },
	by_sysvsem = { .unshares = CLONE_SYSVSEM },
	by_setns = { .enters = CLONE_NEWIPC },
	shared_by_exit = { .shared = true },
	shared_by_newipc = { .unshares = CLONE_NEWIPC, .shared = true };

#define VALUE 5
#define TAKEN 2

static long make_semaphore(long a __maybe_unused, long b __maybe_unused)
{
	int id = make_object(SEM);

	if (semctl(id, 0, SETVAL, (union semun){ .val = VALUE }))
		return -errno;
	return id;
}

static long take_with_undo(long id, long b __maybe_unused)
{
	struct sembuf down = { .sem_op = -TAKEN, .sem_flg = SEM_UNDO };

	return semop(id, &down, 1) ? -errno : 0;
}

static long value_of(long id, long b __maybe_unused)
{
	int value = semctl(id, 0, GETVAL);

	return value < 0 ? -errno : value;
}

static void stop_use(const struct undo *u, const struct actor *x, int away)
{
	if (u->unshares) {
		check__err("unshare", actor__call(x, op_unshare, u->unshares, 0), 0);
	} else if (u->enters) {
		check__err("setns", scene__enter(x, away, u->enters), 0);
	} else {
		actor__exit(x, 0);
		check__must("death", ns__wait_dead(x->pidfd, run__patience()));
	}
}

/* The first semaphores of both ipc namespaces have the same id. */
static void undo_is_carried_out(const void *arg)
{
	const struct undo *u = arg;
	struct actor home = actor__spawn("home", NULL, CLONE_NEWIPC);
	struct actor away = actor__spawn("away", NULL, CLONE_NEWIPC);
	struct actor owner = actor__spawn("owner", &home, 0), sharer = home;
	const long id = actor__run(&home, make_semaphore);
	int fd = check__must("ipc ns", ns__open(away.pid, "ipc"));

	check__eq("the id elsewhere", actor__run(&away, make_semaphore), id);
	if (u->shared)
		sharer = actor__spawn("sharer", &owner, CLONE_SYSVSEM);
	check__must("semop", actor__call(&owner, take_with_undo, id, 0));
	check__eq("while it is used", actor__call(&home, value_of, id, 0),
		  VALUE - TAKEN);
	stop_use(u, &owner, fd);
	check__eq("after it was used", actor__call(&home, value_of, id, 0),
		  u->shared ? VALUE - TAKEN : VALUE);
	if (u->shared) {
		stop_use(&by_exit, &sharer, fd);
		check__eq("after the sharer's exit",
			  actor__call(&home, value_of, id, 0), VALUE);
	} else if (u->unshares || u->enters) {
		stop_use(&by_exit, &owner, fd);
		check__eq("after the owner's exit",
			  actor__call(&home, value_of, id, 0), VALUE);
	}
	check__eq("the semaphore elsewhere", actor__call(&away, value_of, id, 0),
		  VALUE);
	close(fd);
}

#define UNDO(name, how) \
	CASE_WITH(WHERE_ALWAYS, "sem: SEM_UNDO is carried out " name, \
		  undo_is_carried_out, &how)

static const struct test_case cases[] = {
	UNDO("at the exit of the owner", by_exit),
	UNDO("in the old ns at unshare(CLONE_NEWIPC)", by_newipc),
	UNDO("at unshare(CLONE_SYSVSEM)", by_sysvsem),
	UNDO("in the old ns at setns(CLONE_NEWIPC)", by_setns),
	UNDO("at the exit of the last that shares it", shared_by_exit),
	UNDO("by the last that shares it, after unshare(CLONE_NEWIPC)",
	     shared_by_newipc),
	CASE(WHERE_ALWAYS, "mqueue: a plain user's message notifies root, by its number",
	     notified_by_users),
	CASE(WHERE_ALWAYS, "shm: shm_rmid_forced of the segment's own ns decides at exit",
	     segments_at_exit),
};

PROGRAM_PART(numbers_ipc__add, cases)
