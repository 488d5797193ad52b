// SPDX-License-Identifier: GPL-2.0-only
/*
 * Joins with another task acting between their steps; each race is provoked
 * deliberately. KTAP on stdout; run as root by a descendant of the guest's
 * init, on two CPUs.
 */
#include "races.h"

#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = {
		races_cases__add, races_proc__add, races_sysctl__add,
		races_keep__add, NULL,
	};
	char byte;

	/* races_proc.c executes this program with RACES_LINGER. */
	if (argc == 2 && !strcmp(argv[1], RACES_LINGER))
		return read(STDIN_FILENO, &byte, 1) ? 1 : 0;

	return program__main(argc, argv,
			     "Races joins of a pid namespace, each aimed at.",
			     parts);
}
