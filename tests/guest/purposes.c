// SPDX-License-Identifier: GPL-2.0-only
/*
 * The purposes that the 2012 posting names, with unmodified setsid(1) and
 * nsenter(1): switch a container off and on from outside, open a console in it,
 * repair it. Where the join keeps the caller's struct pid, nsenter(1) alone does all of
 * this, in the foreground of a shell. KTAP on stdout; run as root by a descendant of the
 * guest's init. Mode mainline checks that the same commands behave in mainline's way.
 */
#include "purposes.h"

#include <string.h>

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = {
		purpose_reboot__add, purpose_console__add, purpose_repair__add,
		purpose_jobs__add, NULL,
	};

	/* A tool runs this, maybe in a container: no case, no output. */
	if (argc == 3 && !strcmp(argv[1], REBOOT_ARGUMENT))
		return purpose_reboot__call(argv[2]);
	return program__main(argc, argv,
			     "Tests the purposes of joining a pid namespace.",
			     parts);
}
