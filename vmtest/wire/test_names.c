// SPDX-License-Identifier: GPL-2.0-only
/* Writes the names of all tests as a list, for messages and --help. */
#include <stdio.h>

#include "vmtest/wire/tests.h"

const char *test__names(void)
{
	static char names[256];
	size_t n = 0;

	if (*names)
		return names;
	for (size_t i = 0; i < TESTS; i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
				      !i ? "" : i + 1 < TESTS ? ", " : " and ",
				      tests[i].name);
	return names;
}
