// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens the standard input of the job's command. A guest under -icount has the
 * input as a file, any other guest reads the input from the port. A job without
 * "input" gets /dev/null.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/icount_channels.h"

static int open_port(struct input *in, int *child)
{
	int pipe[2], port = setup__port(PORT_INPUT, O_RDONLY | O_NONBLOCK);

	if (port < 0)
		return port;
	/* Only the writing end is nonblocking. */
	if (pipe2(pipe, O_CLOEXEC) || fcntl(pipe[1], F_SETFL, O_NONBLOCK))
		return -errno;
	*child = pipe[0];
	input__init(in, port, pipe[1], false);
	return 0;
}

int stdin__open(struct input *in, const json_t *job, int *child)
{
	bool given = json_is_true(json_object_get(job, "input"));

	input__init(in, -1, -1, false);
	if (given && !packed__is())
		return open_port(in, child);
	*child = open(given ? PACKED_INPUT : "/dev/null",
		      O_RDONLY | O_CLOEXEC);
	return *child < 0 ? -errno : 0;
}
