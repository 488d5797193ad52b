/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starts the runner as a user does, in a source tree, a build tree, a cache and output
 * directories of its own, with a fake QEMU that plays guests.
 */
#ifndef TESTS_UNIT_VMTEST_HARNESS_H
#define TESTS_UNIT_VMTEST_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "vmtest/triage/scanner.h"

#define VMTEST UNIT_DIR "/vmtest/vmtest"
#define FAKE_QEMU UNIT_DIR "/vmtest_fakeqemu"
#define FAKE_GUEST UNIT_DIR "/vmtest_guest"
#define ARGS_MAX 24

struct ended {
	int status;		/* from waitpid() */
	char *out, *err;
	size_t out_len;
	double seconds;
};

/* The directory of all files; setup and teardown are for cmocka's group. */
extern char root[];
int harness__setup(void **state);
int harness__teardown(void **state);

char *in_root(const char *name);
void put(const char *name, const char *text, mode_t mode);

/* Runs the command made from fmt, with root and arg as its arguments. */
int shell(const char *fmt, const char *arg);

/* Returns a new output directory; the caller frees the name. */
char *fresh_out(void);

/* Starts the runner, with stdout and stderr in files named after tag. */
void set_env(const char *guest);
pid_t start(const char *tag, const char *const *args);
void finish(const char *tag, pid_t pid, struct ended *e);

/* Combines set_env(), start() and finish(). */
void run(struct ended *e, const char *guest, const char *const *args);
#define RUN(e, guest, ...) \
	run(e, guest, (const char *const[]){ __VA_ARGS__, NULL })

void free_ended(struct ended *e);
/* code: as in a shell, 128 and the number of a signal if that ended the runner. */
void expect_exit(const struct ended *e, int code);

bool exists(const char *dir, const char *name);
char *content(const char *dir, const char *name);
/* Fails the test unless the file contains text. */
void expect_in(const char *dir, const char *name, const char *text);

/* For cmocka's group: the scanner of the source tree. */
extern struct scanner scanner;
int scanner_setup(void **state);
int scanner_teardown(void **state);

/* Returns true if the process ends within a second. */
bool gone(pid_t pid);

#endif /* TESTS_UNIT_VMTEST_HARNESS_H */
