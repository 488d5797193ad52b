/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verdicts on a run, in order of severity, and their exit statuses. pidnstrace gives
 * PASS, FAIL and INCONCLUSIVE only; the others are about guests.
 */
#ifndef LIB_VERDICT_H
#define LIB_VERDICT_H

/* From best to worst. If several verdicts apply, the worst is reported. */
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

/* Returns "PASS"... */
const char *verdict__name(enum verdict v);

/* Finds the verdict of that name. Returns 0 or -EINVAL. */
int verdict__parse(const char *name, enum verdict *out);

/* Returns the exit status for the verdict. */
int verdict__exit_status(enum verdict v);

enum verdict verdict__worse(enum verdict a, enum verdict b);

#endif /* LIB_VERDICT_H */
