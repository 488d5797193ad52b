/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * expect.h - what a workload says that it caused.
 *
 * A text file: "root=PID" (level 0 number of the workload), then lines
 * "key=N" or "key=MIN..MAX"; '#' begins a comment. The judge compares each key
 * with what it saw of that root's descendants.
 */
#ifndef LOADER_EXPECT_H
#define LOADER_EXPECT_H

#include <stddef.h>
#include <stdint.h>

/* X(enum, key, record type that a loss of would hide it) */
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

/* The key as the file spells it. */
const char *expect__key_name(enum expect_key key);

struct expect {
	int32_t root;
	struct {
		int present;
		uint64_t min, max;
	} key[EXPECT_NKEYS];
	unsigned int unknown;		/* keys that were skipped */
	char first_unknown[32];
};

/*
 * Reads path into *e. 0, a negative errno of open and read, or -EBADMSG (a
 * line that is no key=N, a key twice, no root); err names file and line.
 */
int expect__load(struct expect *e, const char *path, char *err, size_t errlen);

#endif /* LOADER_EXPECT_H */
