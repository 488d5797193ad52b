/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a workload's own counts of what it caused.
 *
 * The text file has a line "root=PID" (level 0 number of the workload) and lines
 * "key=N" or "key=MIN..MAX"; '#' begins a comment. The judge compares each key with its
 * own count for that root's descendants.
 */
#ifndef LOADER_MODEL_EXPECTED_COUNTS_H
#define LOADER_MODEL_EXPECTED_COUNTS_H

#include <stddef.h>
#include <stdint.h>

/* X(enum, key, record type whose loss would hide the operation) */
#define EXPECT_KEYS(X)				\
	X(SETNS,	"setns",	SETNS_ENTER)	\
	X(SETNS_OK,	"setns_ok",	SETNS_EXIT)	\
	X(SETNS_ERR,	"setns_err",	SETNS_EXIT)	\
	X(JOINS,	"joins",	SETNS_EXIT)	\
	X(FORKS,	"forks",	FORK)		\
	X(EXECS,	"execs",	EXEC)		\
	X(EXITS,	"exits",	EXIT)		\
	X(SETSID,	"setsid",	CHANGE_PID)	\
	X(SETPGID,	"setpgid",	CHANGE_PID)

enum expect_key {
#define X(e, s, t) EXPECT_##e,
	EXPECT_KEYS(X)
#undef X
	EXPECT_NKEYS,
};

/* Returns the key as spelled in the file. */
const char *expected_counts__key_name(enum expect_key key);

struct expected_counts {
	int32_t root;
	struct {
		int present;
		uint64_t min, max;
	} key[EXPECT_NKEYS];
	unsigned int unknown;		/* keys that were skipped */
	char first_unknown[32];
};

/*
 * Reads path into *e. Returns 0, a negative errno of open or read, or -EBADMSG (a
 * line that is not key=N, a repeated key, no root); err names file and line.
 */
int expected_counts__load(struct expected_counts *e, const char *path, char *err, size_t errlen);

#endif /* LOADER_MODEL_EXPECTED_COUNTS_H */
