// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detaches the programs from a child process, in the background.
 *
 * The kernel detaches a program when the last file descriptor of its link is closed.
 * For each function it then waits, in close(), until no task can be inside the code
 * that called the program (synchronize_rcu_tasks()): three seconds in all on an idle
 * system, ten under load, and on some kernels as long as an init that ends waits for
 * its last process. The programs do nothing by then, so nobody needs to wait for this.
 *
 * A process that is killed by SIGKILL closes its links itself, and exists that long.
 */
#include "loader/capture/detacher.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "lib/array.h"
#include "lib/memory.h"

/* Name of the process, for ps and the journal. */
#define NAME "pidns-detach"

struct detacher {
	int *fds;		/* the links and parent[0], ascending */
	size_t n;
	int parent[2];		/* a pipe: its end of file is the parent's last close */
};

static void detacher__keep(struct detacher *d, int fd)
{
	size_t i = d->n;

	d->fds = xrealloc(d->fds, (d->n + 1) * sizeof(*d->fds));
	for (; i && d->fds[i - 1] > fd; i--)
		d->fds[i] = d->fds[i - 1];
	d->fds[i] = fd;
	d->n++;
}

struct detacher *detacher__new(void)
{
	struct detacher *d = xcalloc(1, sizeof(*d));

	if (pipe2(d->parent, O_CLOEXEC)) {
		free(d);
		return NULL;
	}
	detacher__keep(d, d->parent[0]);
	return d;
}

void detacher__add(struct detacher *d, const struct bpf_link *link)
{
	if (d && link)
		detacher__keep(d, bpf_link__fd(link));
}

/*
 * Closes all descriptors but those kept: a reader of this program's output must not
 * wait for the child.
 */
static void close_others(const struct detacher *d)
{
	unsigned int from = 0;

	for (size_t i = 0; i < d->n; i++) {
		unsigned int fd = d->fds[i];

		if (fd > from)
			syscall(SYS_close_range, from, fd - 1, 0);
		from = fd + 1;
	}
	syscall(SYS_close_range, from, UINT_MAX, 0);
}

/* The exit closes the links. */
static void wait_and_exit(const struct detacher *d)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	char byte;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		signal(signals[i], SIG_DFL);
	setsid();
	prctl(PR_SET_NAME, NAME);
	close_others(d);
	if (!chdir("/"))
		while (read(d->parent[0], &byte, 1) > 0)
			;
	_exit(0);
}

void detacher__fork(const struct detacher *d)
{
	if (d && !fork())
		wait_and_exit(d);
}

void detacher__leave(const struct detacher *d)
{
	if (!d)
		return;
	detacher__fork(d);
	for (size_t i = 0; i < d->n; i++)
		close(d->fds[i]);
	close(d->parent[1]);
}

void detacher__free(struct detacher *d)
{
	if (!d)
		return;
	close(d->parent[0]);
	close(d->parent[1]);
	free(d->fds);
	free(d);
}
