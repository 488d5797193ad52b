// SPDX-License-Identifier: GPL-2.0-only
/* Processes of a test case that execute functions on request. */
#include "actor.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "beat.h"
#include "ns.h"
#include "run.h"

/* An actor's only fd besides stdio; later fds have higher numbers. */
#define ACTOR_SOCK 3

struct request {
	actor_fn *fn;		/* NULL: keep the fd that comes with the request */
	long a, b;
};

union fd_control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

static int send_with_fd(int sock, const void *data, size_t len, int fd)
{
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	union fd_control control;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	memset(&control, 0, sizeof(control));
	if (fd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(fd));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Returns the bytes read, 0 at EOF, or -errno. *fd: the received fd or -1. */
static ssize_t recv_with_fd(int sock, void *data, size_t len, int *fd,
			    pid_t *sender)
{
	struct iovec iov = { .iov_base = data, .iov_len = len };
	union fd_control control;
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	struct ucred cred;
	ssize_t n;

	*fd = -1;
	do {
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_type == SCM_RIGHTS) {
			memcpy(fd, CMSG_DATA(c), sizeof(*fd));
		} else if (c->cmsg_type == SCM_CREDENTIALS && sender) {
			memcpy(&cred, CMSG_DATA(c), sizeof(cred));
			*sender = cred.pid;
		}
	}
	return n;
}

static _Noreturn void serve(void)
{
	struct request r;
	long answer = 0;
	int fd;

	/* The first answer is a greeting, which carries the actor's number. */
	for (;;) {
		if (send_with_fd(ACTOR_SOCK, &answer, sizeof(answer), -1))
			_exit(1);
		if (recv_with_fd(ACTOR_SOCK, &r, sizeof(r), &fd, NULL) !=
		    sizeof(r))
			_exit(1);
		answer = r.fn ? r.fn(r.a, r.b) : fd;
	}
}

static void *serve_in_thread(void *arg __maybe_unused)
{
	serve();
}

long actor__move(long leader_stays, long b __maybe_unused)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, serve_in_thread, NULL);

	if (err)
		return -err;
	/* The greeting of the new thread is the answer. */
	while (leader_stays)
		pause();
	syscall(SYS_exit, 0);
	__builtin_unreachable();
}

long actor__exec(long path, long b __maybe_unused)
{
	execl(path ? (const char *)path : "/proc/self/exe", "actor", ACTOR_RESUME,
	      NULL);
	return -errno;
}

int actor__resume(void)
{
	serve();
}

/* Clones in the calling process; the child serves @sock. */
static long clone_server(long flags, long sock)
{
	pid_t pid = ns__clone(flags, NULL);

	if (!pid) {
		if (dup3(sock, ACTOR_SOCK, 0) < 0 && sock != ACTOR_SOCK)
			_exit(1);
		syscall(SYS_close_range, ACTOR_SOCK + 1, ~0U, 0);
		serve();
	}
	close(sock);
	return pid;
}

struct actor actor__spawn(const char *name, const struct actor *parent,
			  unsigned long long flags)
{
	struct actor x = { .name = name, .pidfd = -1, .sock = -1 };
	int pair[2], on = 1, fd;
	long pid, greeting;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		check__bail("socketpair: %s", strerror(errno));
	/*
	 * With SO_PASSCRED the greeting has the sender's number in the
	 * director's namespace.
	 */
	if (setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		check__bail("SO_PASSCRED: %s", strerror(errno));
	x.sock = pair[0];

	if (parent) {
		pid = actor__call(parent, clone_server, flags,
				  actor__give(parent, pair[1]));
		close(pair[1]);
	} else {
		pid = clone_server(flags, pair[1]);
	}
	if (pid < 0)
		check__bail("cannot clone %s: %s", name, strerror(-pid));
	if (actor__pending(&x, run__patience()))
		check__bail("%s does not start", name);
	if (recv_with_fd(x.sock, &greeting, sizeof(greeting), &fd, &x.pid) !=
	    sizeof(greeting) || x.pid <= 0)
		check__bail("%s died at birth", name);
	x.pidfd = check__must("pidfd_open", ns__pidfd(x.pid, 0));
	return x;
}

static void ask(const struct actor *x, struct request r, int fd)
{
	int err = send_with_fd(x->sock, &r, sizeof(r), fd);

	if (err)
		check__bail("%s cannot be asked: %s", x->name, strerror(-err));
}

void actor__ask(const struct actor *x, actor_fn *fn, long a, long b)
{
	ask(x, (struct request){ fn, a, b }, -1);
}

int actor__pending(const struct actor *x, int ms)
{
	return ns__poll(x->sock, POLLIN, ms) < 0;
}

static long answer(const struct actor *x, pid_t *sender)
{
	long value;
	ssize_t n;
	int fd;

	if (actor__pending(x, run__patience()))
		check__bail("%s does not answer within %d ms", x->name,
			    run__patience());
	n = recv_with_fd(x->sock, &value, sizeof(value), &fd, sender);
	if (n != sizeof(value))
		check__bail("%s died instead of answering", x->name);
	return value;
}

long actor__answer(const struct actor *x)
{
	return answer(x, NULL);
}

long actor__call(const struct actor *x, actor_fn *fn, long a, long b)
{
	actor__ask(x, fn, a, b);
	return actor__answer(x);
}

long actor__run(const struct actor *x, actor_fn *fn)
{
	return actor__call(x, fn, 0, 0);
}

long actor__give(const struct actor *x, int fd)
{
	ask(x, (struct request){ .fn = NULL }, fd);
	return actor__answer(x);
}

void actor__wait_asleep(const struct actor *x)
{
	const long end = beat__now_ms() + run__patience();
	int unread = -1;

	/* No event reports that a task falls asleep, so poll its state. */
	while (beat__now_ms() < end) {
		if (!ioctl(x->sock, SIOCOUTQ, &unread) && !unread &&
		    ns__state(x->pid) == 'S')
			return;
		poll(NULL, 0, 1);
	}
	check__bail("%s does not fall asleep", x->name);
}

static long do_nothing(long a __maybe_unused, long b __maybe_unused)
{
	return 0;
}

pid_t actor__number(const struct actor *x)
{
	pid_t sender = -1;

	actor__ask(x, do_nothing, 0, 0);
	answer(x, &sender);
	return sender;
}

static long do_exit(long status, long b __maybe_unused)
{
	_exit(status);
}

/*
 * The EOF of its socket shows the end of an actor. Its pidfd does not: a pidfd
 * on an old number reports a join, too.
 */
void actor__exit(const struct actor *x, int status)
{
	int got;

	actor__ask(x, do_exit, status, 0);
	got = ns__poll(x->sock, POLLRDHUP, run__patience());
	if (got < 0 || !(got & (POLLRDHUP | POLLHUP)))
		check__bail("%s does not exit", x->name);
}
