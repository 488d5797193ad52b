// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interfaces that show the number of a process, or act on one: to each reader the
 * number that the reader's pid namespace has, and what else these interfaces promise to
 * processes of several namespaces. KTAP on stdout; run as root by a descendant of the
 * guest's init.
 *
 * Limits: signals sent by kill() and its relatives, and PTRACE_GETEVENTMSG, are the
 * subject of other programs; owner words of futexes are not read.
 */
#include "numbers.h"

#include <string.h>

#include "numbers_thread.h"

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = {
		numbers_table__add, numbers_files__add, numbers_sockets__add,
		numbers_ipc__add, numbers_pidfd__add, numbers_nsfs__add,
		numbers_cgroup__add, numbers_tty__add, numbers_proc__add,
		numbers_mounts__add, numbers_calls__add, numbers_wait__add,
		numbers_bpf__add, NULL,
	};

	/* A thread of a case executes this: no case, no output. */
	if (argc == 2 && !strcmp(argv[1], THREAD_ARGUMENT))
		return thread__main();
	return program__main(argc, argv,
			     "Tests every interface that shows a pid.", parts);
}
