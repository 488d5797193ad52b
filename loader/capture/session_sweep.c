// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs sweeps: the iterator calls its program for each live thread, and the program
 * puts records into the ring, among those of the hooks.
 */
#include "loader/capture/session_state.h"

#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static const struct program *session__sweeper(const struct session *s)
{
	for (int i = 0; i < s->nprograms; i++)
		if (s->programs[i].hook == WIRE_HOOK_SWEEP &&
		    s->programs[i].link)
			return &s->programs[i];
	return NULL;
}

/* Runs the iterator to its end. The program makes records and prints nothing. */
static int iterator__run(int fd)
{
	char nothing[64];
	ssize_t got;

	do {
		got = read(fd, nothing, sizeof(nothing));
	} while (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN)));
	return got < 0 ? -errno : 0;
}

int session__sweep(struct session *s, enum wire_sweep_reason reason)
{
	const struct program *p = session__sweeper(s);
	int fd, err;

	if (!p)
		return -ENOENT;
	s->skel->bss->sweep_id = ++s->sweeps;
	s->skel->bss->sweep_reason = reason;
	fd = bpf_iter_create(bpf_link__fd(p->link));
	if (fd < 0)
		return -errno;
	err = iterator__run(fd);
	close(fd);
	return err;
}
