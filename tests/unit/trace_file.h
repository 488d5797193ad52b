/* SPDX-License-Identifier: GPL-2.0-only */
/* A trace file in memory, for the tests of the reader and the writer. */
#ifndef TESTS_UNIT_TRACE_FILE_H
#define TESTS_UNIT_TRACE_FILE_H

#include "loader/trace/trace.h"

/* A sink that keeps all bytes. */
struct keeper {
	struct record_sink sink;
	char *bytes;
	size_t len, size;
	uint64_t records;
	int fail_after;		/* -1: never */
};

struct keeper keeper(void);

extern const struct trace_info trace_info;

/* The file; setup and teardown are for cmocka's group. */
extern char trace_path[64];
int trace_file__make(void **state);
int trace_file__remove(void **state);

/* Reads the file into k. Returns the error of open or run, explained in err. */
int trace_file__read(struct keeper *k, char *err, size_t errlen);

#endif /* TESTS_UNIT_TRACE_FILE_H */
