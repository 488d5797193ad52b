// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the kernel's own checkers (lockdep, kmemleak, KCSAN) for their results after the
 * tests, and whether they were still active. vmtest/image/sanitizer.c lists the
 * checkers.
 *
 * Their reports appear on the console, where the host reads them. A checker that
 * switched itself off leaves no report there, so its state is checked here.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/protocol.h"

#define DEBUGFS "/sys/kernel/debug"
#define KMEMLEAK DEBUGFS "/kmemleak"
#define KCSAN DEBUGFS "/kcsan"
#define LOCKDEP "/proc/lockdep_stats"
#define PROVE_LOCKING "/proc/sys/kernel/prove_locking"
/* Younger objects are not reported as leaks (MSECS_MIN_AGE in mm/kmemleak.c). */
#define KMEMLEAK_AGE_S 6

static bool wrong(struct check *c, const char *verdict, const char *fmt, ...)
	__printf(3, 4);

static bool wrong(struct check *c, const char *verdict, const char *fmt, ...)
{
	va_list ap;

	c->verdict = verdict;
	va_start(ap, fmt);
	vsnprintf(c->reason, sizeof(c->reason), fmt, ap);
	va_end(ap);
	return false;
}

/* Returns the number after "KEY:", or the first number if KEY is "", or -1. */
static long number_in(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	char line[256];
	long found = -1;

	while (f && found < 0 && fgets(line, sizeof(line), f)) {
		const char *p = line + strspn(line, " ");

		if (!*key)
			found = strtol(p, NULL, 10);
		else if (!strncmp(p, key, strlen(key)) && p[strlen(key)] == ':')
			found = strtol(p + strlen(key) + 1, NULL, 10);
	}
	if (f)
		fclose(f);
	return found;
}

static bool lockdep__end(struct check *c)
{
	long on = number_in(LOCKDEP, "debug_locks");
	long proves = number_in(PROVE_LOCKING, "");

	return (on == 1 && proves == 1) ||
	       wrong(c, "INCONCLUSIVE",
		     "lockdep is off: debug_locks %ld, prove_locking %ld", on,
		     proves);
}

/*
 * Stops automatic scans while the tests run: a scan misses a pointer that is
 * only in a register, and takes long enough under TCG to break time limits.
 */
static bool kmemleak__begin(struct check *c)
{
	int err = setup__write(KMEMLEAK, "scan=off");

	return !err || wrong(c, "INCONCLUSIVE", "kmemleak: %s: %s", KMEMLEAK,
			     strerror(-err));
}

/*
 * The first scan records checksums. The second scan reports objects that have
 * no pointer to them and were not written to since.
 */
static bool kmemleak__end(struct check *c)
{
	char line[256];
	unsigned int objects = 0;
	int err = setup__write(KMEMLEAK, "scan");
	FILE *f;

	sleep(KMEMLEAK_AGE_S);
	if (!err)
		err = setup__write(KMEMLEAK, "scan");
	f = err ? NULL : fopen(KMEMLEAK, "re");
	if (!f)
		return wrong(c, "INCONCLUSIVE",
			     "kmemleak is off, or cannot scan: %s",
			     strerror(err ? -err : errno));
	while (fgets(line, sizeof(line), f))
		objects += !strncmp(line, "unreferenced object", 19);
	fclose(f);
	return !objects ||
	       wrong(c, "FAIL", "kmemleak: %u object%s leaked",
		     objects, objects == 1 ? "" : "s");
}

static bool kcsan__end(struct check *c)
{
	long on = number_in(KCSAN, "enabled");
	long watched = number_in(KCSAN, "setup_watchpoints");

	return (on == 1 && watched > 0) ||
	       wrong(c, "INCONCLUSIVE",
		     "KCSAN did not watch: enabled %ld, watchpoints set up %ld",
		     on, watched);
}

static const struct {
	const char *name;
	bool (*begin)(struct check *c), (*end)(struct check *c);
} checks[] = {
	{ "lockdep", NULL, lockdep__end },
	{ "kmemleak", kmemleak__begin, kmemleak__end },
	{ "kcsan", NULL, kcsan__end },
};

/* Runs the checks that the job names, up to the first failure. */
static bool each(struct check *c, const json_t *job, bool end)
{
	const json_t *names = json_object_get(job, "checks");
	size_t i;
	json_t *v;

	json_array_foreach(names, i, v) {
		const char *name = json_string_value(v);
		size_t k = 0;

		while (name && k < ARRAY_SIZE(checks) &&
		       strcmp(checks[k].name, name))
			k++;
		if (!name || k == ARRAY_SIZE(checks))
			return wrong(c, "INCONCLUSIVE", "unknown check %s",
				     name ? name : "(null)");
		if (end ? !checks[k].end(c) :
			  checks[k].begin && !checks[k].begin(c))
			return false;
	}
	return true;
}

bool checks__begin(struct check *c, const json_t *job)
{
	return each(c, job, false);
}

bool checks__end(struct check *c, const json_t *job)
{
	return each(c, job, true);
}
