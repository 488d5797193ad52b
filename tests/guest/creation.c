// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the system calls that create processes and pid namespaces promise.
 * Tables state the rules, and the cases go through all combinations of flags,
 * states of the caller, and arguments. KTAP on stdout; run as root by a
 * descendant of the guest's init.
 *
 * Limits: the cases test what follows for pids and pid namespaces, not what
 * else a child shares with its parent.
 */
#include "creation.h"

#include <stdio.h>
#include <string.h>

#include "ns.h"

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = {
		creation_flags__add,	 creation_unshare__add,
		creation_numbers__add,	 creation_arguments__add,
		creation_limits__add,	 creation_family__add,
		creation_sysctl__add,	 creation_held__add,
		NULL,
	};

	if (argc == 2 && !strcmp(argv[1], CREATION_EXIT))
		return 0;
	if (argc == 2 && !strcmp(argv[1], CREATION_TIME))
		return printf("%ld\n", ns__id(0, "time")) < 0;
	return program__main(
		argc, argv,
		"Tests the creation of processes and pid namespaces.", parts);
}
