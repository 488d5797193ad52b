// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raises the soft limit of open files to the hard limit.
 *
 * The soft limit is often 1024, and 256 in places, for programs that use select(). The
 * hard limit is for those that do not. A traced command gets the soft limit back: the
 * command may be such a program, or print the limit.
 */
#include "loader/lib/open_files.h"

#include <stdbool.h>
#include <sys/resource.h>

static struct rlimit found;
static bool raised;

void open_files__raise(void)
{
	struct rlimit limit;

	if (raised || getrlimit(RLIMIT_NOFILE, &found))
		return;
	limit = (struct rlimit){ found.rlim_max, found.rlim_max };
	raised = !setrlimit(RLIMIT_NOFILE, &limit);
}

void open_files__restore(void)
{
	if (raised)
		setrlimit(RLIMIT_NOFILE, &found);
}
