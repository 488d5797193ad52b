// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ways into a pid namespace besides the join, each against the death of the
 * namespace's init. KTAP on stdout; run as root by a descendant of the guest's init.
 */
#include "entrances.h"

#include <string.h>

#include "hold.h"

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = {
		entrances_fork__add, entrances_callers__add,
		entrances_first__add, entrances_ptrace__add,
		entrances_exec__add, entrances_reaper__add,
		entrances_rounds__add, NULL,
	};

	if (argc == 2 && !strcmp(argv[1], ENTRANCES_EXIT))
		return 0;
	if (argc == 2 && !strcmp(argv[1], ENTRANCES_SLEEP))
		hold__sleep();

	return program__main(argc, argv,
			     "Enters pid namespaces whose init dies.", parts);
}
