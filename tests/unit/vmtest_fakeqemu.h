/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fake QEMU offers its guests. A guest is a row in the table of its file: its
 * steps, after which QEMU ends.
 */
#ifndef TESTS_UNIT_VMTEST_FAKEQEMU_H
#define TESTS_UNIT_VMTEST_FAKEQEMU_H

#include <stdbool.h>
#include <stddef.h>

enum { CONSOLE, RESULT, TRACE, QMP, INPUT, CHANNELS };

struct fake_guest {
	const char *name;	/* in $FAKE_GUEST; NULL after the last one */
	struct fake_step {
		enum { STEP_SEND = 1, STEP_CALL, STEP_EARLY, STEP_TESTS, STEP_REPORT,
		       STEP_END, STEP_PLAY, STEP_IF_KVM, STEP_IF_RESUMED,
		       STEP_IF_FIRST, STEP_IF_FIRST_RESUMED } kind;
		int channel;
		const char *text, *violations;
		void (*call)(void);
	} steps[16];
};

#define SEND(to, words) { .kind = STEP_SEND, .channel = to, .text = words }
#define CALL(function) { .kind = STEP_CALL, .call = function }
#define BOOT CALL(boot)
#define PAUSE CALL(pause_for_a_step)
#define SLEEP CALL(sleep_for_ever)
/* Console output of the boot: a resumed guest is past that point. */
#define EARLY(words) { .kind = STEP_EARLY, .text = words }
/* The results of three tests; words are the line of the third. */
#define TESTS(words) { .kind = STEP_TESTS, .text = words }
#define REPORT(verdict, json) { .kind = STEP_REPORT, .text = verdict, .violations = json }
/* Sends the verdict, and ends QEMU when the runner has answered. */
#define END(words) { .kind = STEP_END, .text = words }
/* Continues as another guest: always, or if the condition holds. */
#define PLAY(guest) { .kind = STEP_PLAY, .text = guest }
#define IF_KVM(guest) { .kind = STEP_IF_KVM, .text = guest }
#define IF_RESUMED(guest) { .kind = STEP_IF_RESUMED, .text = guest }
/* ... if this is the first guest of a test, or its first guest that is resumed. */
#define IF_FIRST(guest) { .kind = STEP_IF_FIRST, .text = guest }
#define IF_FIRST_RESUMED(guest) { .kind = STEP_IF_FIRST_RESUMED, .text = guest }

/* Parts of several guests. */
#define THIRD_OK "K   ok 3 third\n"
#define WELL "V PASS all is well\n"
#define PASS_REPORT REPORT("PASS", "[]")
#define PASSES TESTS(THIRD_OK), PASS_REPORT, END(WELL)
#define WARNING "[    1.5] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\r\n"
#define PANIC "[    1.5] Kernel panic - not syncing: fake\r\n"

extern const struct fake_guest verdict_guests[], kernel_guests[], command_guests[],
	host_guests[], mutant_guests[];

/* --- the machine --- */

extern int channels[CHANNELS];		/* file descriptors */
extern bool incoming;			/* the guest is resumed, not booted */
extern char ram[4096];			/* the file of the guest's memory, or "" */
extern char settings[65536], job[65536];	/* as received from the runner */

void put(int channel, const char *text);
void read_line(int channel, char *buf, size_t size);

/* Serves QMP until the guest is saved and QEMU quits, or until the guest continues. */
void migrate(void);

/* --- steps of guests --- */

/* Takes the steps of the guest, then ends QEMU. */
void play(const char *guest) __attribute__((noreturn));

/* Boots until the job has arrived, or resumes from there. */
void take_job(void);
/* As take_job(), and reports a kernel without a mutant. */
void boot(void);

void tests(const char *last);
void report(const char *verdict, const char *violations);
void end_with(const char *verdict);
void pause_for_a_step(void);	/* $FAKE_STEP_MS */
void sleep_for_ever(void);

#endif /* TESTS_UNIT_VMTEST_FAKEQEMU_H */
