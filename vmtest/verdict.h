/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be said of a run, in order of badness, and the exit statuses. */
#ifndef VMTEST_VERDICT_H
#define VMTEST_VERDICT_H

/* From best to worst: of several things that hold, the worst is told. */
enum verdict {
	VERDICT_PASS,
	VERDICT_INCONCLUSIVE,
	VERDICT_LOST,
	VERDICT_FAIL,
	VERDICT_SPLAT,
	VERDICT_HANG,
	VERDICT_PANIC,
	VERDICT_NR,
};

/* "PASS"... */
const char *verdict__name(enum verdict v);

/* Finds the verdict of that name. Returns 0 or -EINVAL. */
int verdict__parse(const char *name, enum verdict *out);

/* The exit status that the runner ends with for it. */
int verdict__exit_status(enum verdict v);

enum verdict verdict__worse(enum verdict a, enum verdict b);

#endif
