// SPDX-License-Identifier: GPL-2.0-only
/* The guest's first program: init, the test runner (--run), or the TCG tests. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/protocol.h"

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--run"))
		return run__main();
	if (argc == 2 && !strcmp(argv[1], TCG_FLAG))
		return tcg__main();
	if (getpid() != 1) {
		fprintf(stderr, "%s: runs only as the init of a vmtest guest\n",
			argv[0]);
		return 2;
	}
	setup__system();
	host__serve();
}
