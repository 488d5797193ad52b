// SPDX-License-Identifier: GPL-2.0-only
/*
 * Joins with somebody coming in between their steps, each race aimed at. KTAP
 * on stdout; run as root by a descendant of the guest's init, on two CPUs.
 */
#include "program.h"
#include "races.h"

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = { races__add, NULL };

	return program__main(argc, argv,
			     "Races joins of a pid namespace, each aimed at.",
			     parts);
}
