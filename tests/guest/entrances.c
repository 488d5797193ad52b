// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ways into a pid namespace besides the join, each against the death of the
 * namespace's init. KTAP on stdout; run as root by a descendant of the guest's init,
 * on two CPUs.
 */
#include "entrances.h"

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = { entrances_fork__add, NULL };

	return program__main(argc, argv,
			     "Enters pid namespaces whose init dies.", parts);
}
