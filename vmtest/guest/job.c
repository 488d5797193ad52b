// SPDX-License-Identifier: GPL-2.0-only
/* Decisions about a job that init and the test runner must make alike. */
#include "vmtest/guest/guest.h"
#include "vmtest/wire/tests.h"

/*
 * A second such test would overwrite the counts of the first, so two count as
 * none.
 */
bool job__counts(const json_t *job)
{
	const json_t *list = json_object_get(job, "tests");
	size_t i, n = 0;
	json_t *name;

	if (json_object_get(job, "cmd"))
		return false;
	json_array_foreach(list, i, name) {
		const char *spec = json_string_value(name), *only;
		const struct test *t = spec ? test__find(spec, &only) : NULL;

		n += t && t->counts;
	}
	return n == 1;
}
