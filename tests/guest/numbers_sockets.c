// SPDX-License-Identifier: GPL-2.0-only
/* Credentials of sockets: SO_PEERCRED, SO_PEERPIDFD and SCM_CREDENTIALS. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ns.h"
#include "numbers.h"
#include "numbers_pidfd.h"
#include "ops.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77		/* 6.5 */
#endif

/* Each reader reads one while the owner lives, one of a zombie, one after that. */
#define MESSAGES (3 * READERS)

/* How the peer of a socket is recorded. */
enum peer { PEER_CONNECTS, PEER_LISTENS, PEER_PAIR };

/* Binds to an address of the kernel's choice, and listens. */
static long listen_anywhere(long fd, long b __maybe_unused)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };

	if (bind(fd, (const struct sockaddr *)&any, sizeof(sa_family_t)) ||
	    listen(fd, 4))
		return -errno;
	return 0;
}

/* Connects @fd to the address of @to, which listens. */
static long connect_to(long fd, long to)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);

	if (getsockname(to, (struct sockaddr *)&addr, &len) ||
	    connect(fd, (struct sockaddr *)&addr, len))
		return -errno;
	return 0;
}

static int stream(void)
{
	return check__must("socket",
			   socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

/* Makes a connection whose end for the readers has the owner as its peer. */
static void mark_peer(struct world *w, long how)
{
	int listener = stream(), client = stream(), fd;
	long l = actor__give(&w->owner, listener);
	long c = actor__give(&w->owner, client);

	if (how == PEER_LISTENS) {
		world__mark(w, listen_anywhere, l, 0);
		check__must("connect", connect_to(client, listener));
		fd = client;
		client = -1;
	} else {
		check__must("listen", listen_anywhere(listener, 0));
		world__mark(w, connect_to, c, l);
		fd = check__must("accept", accept(listener, NULL, NULL));
	}
	world__share(w, fd);
	close(client);
	close(listener);
}

static long read_peercred(long fd, long b __maybe_unused)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return -errno;
	return peer.pid;
}

static void mark_peerpidfd(struct world *w, long how)
{
	int pair[2], pidfd;
	socklen_t len = sizeof(pidfd);

	check__must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	if (getsockopt(pair[0], SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len))
		check__skip("no SO_PEERPIDFD: %s", strerror(errno));
	close(pidfd);
	close(pair[0]);
	close(pair[1]);
	mark_peer(w, how);
}

/*
 * A pidfd of the peer, by its number in fdinfo; -1 for a peer that was reaped: newer
 * kernels make a pidfd of one, others fail with EINVAL or ESRCH.
 */
static long read_peerpidfd(long fd, long b)
{
	int pidfd;
	socklen_t len = sizeof(pidfd);
	long number;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len))
		return errno == EINVAL || errno == ESRCH ? -1 : -errno;
	number = pidfd__read_info(pidfd, b);
	close(pidfd);
	return number;
}

static long send_messages(long fd, long nr)
{
	while (nr--)
		if (send(fd, "x", 1, 0) != 1)
			return -errno;
	return 0;
}

static void mark_messages(struct world *w, long b __maybe_unused)
{
	int pair[2], on = 1;

	check__must("socketpair",
		    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
	check__must("SO_PASSCRED", setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED,
					      &on, sizeof(on)));
	world__mark(w, send_messages, actor__give(&w->owner, pair[1]), MESSAGES);
	world__share(w, pair[0]);
	w->fds[w->nr_fds++] = pair[1];
}

/* The accepted socket passes credentials because the one that listens does. */
static void mark_accepted(struct world *w, long b __maybe_unused)
{
	int listener = stream(), client = stream(), on = 1, fd;
	long c = actor__give(&w->owner, client);

	check__must("SO_PASSCRED", setsockopt(listener, SOL_SOCKET, SO_PASSCRED,
					      &on, sizeof(on)));
	check__must("listen", listen_anywhere(listener, 0));
	world__mark(w, connect_to, c, actor__give(&w->owner, listener));
	fd = check__must("accept", accept(listener, NULL, NULL));
	world__mark(w, send_messages, c, MESSAGES);
	world__share(w, fd);
	w->fds[w->nr_fds++] = client;
	close(listener);
}

static long read_message(long fd, long b __maybe_unused)
{
	return op_receive_pid(fd, 0);
}

const struct interface sockets_interfaces[] = {
	{ .name = "SO_PEERCRED of one that connected", .mark = mark_peer,
	  .read = read_peercred, .arg = PEER_CONNECTS, .kept = true },
	{ .name = "SO_PEERCRED of one that listens", .mark = mark_peer,
	  .read = read_peercred, .arg = PEER_LISTENS, .kept = true },
	{ .name = "SO_PEERPIDFD", .mark = mark_peerpidfd, .read = read_peerpidfd,
	  .dead = -1 },
	{ .name = "SCM_CREDENTIALS", .mark = mark_messages,
	  .read = read_message, .kept = true },
	{ .name = "SCM_CREDENTIALS of an accepted socket",
	  .mark = mark_accepted, .read = read_message, .kept = true },
	{ }
};

/* --- credentials with the number of another process --- */

/* Sends a byte in the name of process @pid. */
static long send_as(long fd, long pid)
{
	struct ucred me = { .pid = pid, .uid = getuid(), .gid = getgid() };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(me))];
	} control = { 0 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_CREDENTIALS;
	c->cmsg_len = CMSG_LEN(sizeof(me));
	memcpy(CMSG_DATA(c), &me, sizeof(me));
	return sendmsg(fd, &msg, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

static void in_the_name_of_init(void)
{
	int pair[2], on = 1;
	struct world w;
	long end;

	world__build(&w);
	world__add_child(&w);
	check__must("socketpair",
		    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
	check__must("SO_PASSCRED", setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED,
					      &on, sizeof(on)));
	end = actor__give(&w.owner, pair[1]);
	world__share(&w, pair[0]);
	for (int i = 0; i < READERS; i++) {
		check__err("credentials of the init",
			   actor__call(&w.owner, send_as, end, 1), 0);
		check__eq("their number", actor__call(&w.reader[i],
						      op_receive_pid,
						      w.handle[i], 0),
			  i == READER_OUTER ? w.reader[READER_MIDDLE].pid :
			  i == READER_MIDDLE ? 1 : 0);
	}
	check__err("credentials of the number that another ns has",
		   actor__call(&w.owner, send_as, end, w.owner.pid), -ESRCH);
}

/* Senders that name the init of their namespace, and the results. */
static const struct spoof {
	const char *who;
	bool plain;		/* a user without capabilities */
	int unshare;		/* then: into new namespaces, without a fork */
	bool fork;		/* its child, in the new namespace */
	long err;
} spoofs[] = {
	{ "root", .err = 0 },
	{ "a plain user", .plain = true, .err = -EPERM },
	{ "a plain user in a new user ns", .plain = true,
	  .unshare = CLONE_NEWUSER, .err = -EPERM },
	{ "a plain user with a new pid ns for children", .plain = true,
	  .unshare = CLONE_NEWUSER | CLONE_NEWPID, .err = -EPERM },
	{ "the init of a plain user's pid ns", .plain = true, .fork = true,
	  .unshare = CLONE_NEWUSER | CLONE_NEWPID, .err = 0 },
};

/* Enters new namespaces, as root of a user namespace if one is among them. */
static long new_namespaces(long flags, long b __maybe_unused)
{
	if (unshare(flags))
		return -errno;
	return file__write("/proc/self/setgroups", "deny") ?:
		file__write("/proc/self/gid_map", "0 1000 1\n") ?:
		file__write("/proc/self/uid_map", "0 1000 1\n");
}

static void spoof(const struct spoof *s, int fd)
{
	struct actor who = actor__spawn(s->who, NULL, 0), child;

	if (s->plain)
		check__must("become a plain user",
			    actor__call(&who, op_become, 1000, 0));
	if (s->unshare)
		check__must("unshare", actor__call(&who, new_namespaces,
						   s->unshare, 0));
	if (s->fork) {
		child = actor__spawn(s->who, &who, 0);
		who = actor__spawn(s->who, &child, 0);
	}
	check__err(s->who, actor__call(&who, send_as, actor__give(&who, fd), 1),
		   s->err);
}

static void spoofed_numbers(void)
{
	int pair[2];

	check__must("socketpair",
		    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
	for (size_t i = 0; i < ARRAY_SIZE(spoofs); i++)
		spoof(&spoofs[i], pair[1]);
}

static const struct test_case cases[] = {
	CASE(WHERE_ALWAYS, "sockets: credentials that name the init of a ns",
	     in_the_name_of_init),
	CASE(WHERE_ALWAYS, "sockets: who may name another process: root of the pid ns",
	     spoofed_numbers),
};

PROGRAM_PART(numbers_sockets__add, cases)
