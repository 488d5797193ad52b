// SPDX-License-Identifier: GPL-2.0-only
/*
 * The promises of fork, exit, wait, exec, ptrace, signals and timers about pids and pid
 * namespaces, on kernels where setns() does not move its caller. KTAP on stdout; run as
 * root by a descendant of the guest's init.
 */
#include "processes.h"

#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = {
		parent__add, init__add, end__add, wait__add, info__add, chld__add,
		event__add, exec__add, trace__add, stop__add, jobs__add, reach__add,
		timer__add, NULL,
	};

	if (argc == 2 && !strcmp(argv[1], ACTOR_RESUME))
		return actor__resume();
	/* Other users get no further than the usage. */
	if (!geteuid())
		nursery__create();
	return program__main(argc, argv,
			     "Tests what the kernel promises about pids.", parts);
}
