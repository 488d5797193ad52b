/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fake QEMU offers its guests. A guest is a function, which returns or exits
 * when QEMU is to end, and a row in the table of its file.
 */
#ifndef TESTS_UNIT_VMTEST_FAKEQEMU_H
#define TESTS_UNIT_VMTEST_FAKEQEMU_H

#include <stdbool.h>
#include <stddef.h>

struct fake_guest {
	const char *name;	/* in $FAKE_GUEST; NULL after the last one */
	void (*play)(void);
};

extern const struct fake_guest verdict_guests[], kernel_guests[], command_guests[],
	host_guests[], mutant_guests[];

/* --- the machine --- */

enum { CONSOLE, RESULT, TRACE, QMP, INPUT, CHANNELS };

extern int channels[CHANNELS];		/* file descriptors */
extern bool under_kvm;
extern bool incoming;			/* the guest is resumed, not booted */
extern char ram[4096];			/* the file of the guest's memory, or "" */
extern char settings[65536], job[65536];	/* as received from the runner */

void put(int channel, const char *text);
void read_line(int channel, char *buf, size_t size);

/* Serves QMP until the guest is saved and QEMU quits, or until the guest continues. */
void migrate(void);

/* --- steps of guests --- */

/* Prints console output of the boot: a resumed guest is past that point. */
void early(const char *text);

/* Boots until the job has arrived, or resumes from there. */
void take_job(void);
/* As take_job(), and reports a kernel without a mutant. */
void boot(void);

/* Sends the results of three tests; last is the line of the third. */
void tests(const char *last);
void report(const char *verdict, const char *violations);

/* Sends the verdict, and ends QEMU when the runner has answered. */
void end_with(const char *verdict);
void sleep_for_ever(void);

/* Returns 1 for the first guest of a test. */
int first_time(void);

/* --- guests that other guests continue as --- */

void good(void);
void violation(void);
void panic(void);
void killed(void);

#endif /* TESTS_UNIT_VMTEST_FAKEQEMU_H */
