// SPDX-License-Identifier: GPL-2.0-only
/* Worker processes of bench_join, and error checks that end the benchmark. */
#include "bench_hand.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"

long must(const char *what, long value)
{
	if (value >= 0)
		return value;
	fprintf(stderr, "bench_join: %s: %s\n", what, strerror(-value));
	_exit(1);
}

void must_be(const char *what, bool is)
{
	if (is)
		return;
	fprintf(stderr, "bench_join: not so: %s\n", what);
	_exit(1);
}

long or_errno(long value)
{
	return value == -1 ? -errno : value;
}

void must_end_well(const char *what, pid_t pid)
{
	int status;

	must(what, or_errno(waitpid(pid, &status, 0)));
	if (!status)
		return;
	fprintf(stderr, "bench_join: %s: ended with status %#x\n", what,
		status);
	_exit(1);
}

static _Noreturn void serve(int sock, int (*work)(int))
{
	int n;

	while (read(sock, &n, sizeof(n)) == sizeof(n)) {
		n = work(n);
		must_be("an answer is sent",
			write(sock, &n, sizeof(n)) == sizeof(n));
	}
	_exit(0);
}

void hand__start(struct hand *h, unsigned long long flags, int (*work)(int))
{
	int sock[2];

	must("socketpair",
	     or_errno(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sock)));
	h->pid = must("clone", ns__clone(flags, &h->pidfd));
	if (!h->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(sock[0]);
		serve(sock[1], work);
	}
	close(sock[1]);
	h->sock = sock[0];
	h->nsfd = must("pid namespace", ns__of_children(h->pidfd));
}

int hand__ask(const struct hand *h, int n)
{
	must_be("a request is sent",
		write(h->sock, &n, sizeof(n)) == sizeof(n));
	must_be("a request is answered",
		read(h->sock, &n, sizeof(n)) == sizeof(n));
	return n;
}

int hand__take(const struct hand *h, int fd)
{
	return must("pidfd_getfd", or_errno(pidfd_getfd(h->pidfd, fd, 0)));
}

void hand__end(struct hand *h)
{
	must("kill", or_errno(kill(h->pid, SIGKILL)));
	must("end of the namespace", or_errno(waitpid(h->pid, NULL, 0)));
	close(h->sock);
	close(h->pidfd);
	close(h->nsfd);
}
