// SPDX-License-Identifier: GPL-2.0-only
/* Tests for TCG bugs that no real CPU and no KVM guest has ("/init --tcg"). */
#include <stdio.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/protocol.h"

static const struct {
	const char *name;
	enum fault (*test)(void);
} tests[] = {
	{ STALE_TEST, stale__test },
	{ CMPXCHG16B_TEST, cmpxchg16b__test },
};

int tcg__main(void)
{
	int failed = 0;

	printf("KTAP version 1\n1..%zu\n", ARRAY_SIZE(tests));
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		enum fault f = tests[i].test();

		printf("%sok %zu %s%s\n", f == FAULT_YES ? "not " : "", i + 1,
		       tests[i].name,
		       f == FAULT_NOT_KNOWN ? " # SKIP cannot be provoked here" :
		       "");
		fflush(stdout);
		failed |= f == FAULT_YES;
	}
	return failed;
}
