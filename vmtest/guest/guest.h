/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's init and its second role, the test runner ("/init --run").
 *
 * init is pid 1; it starts pidnstrace, pidnstrace starts /init --run under
 * observation, and that starts the tests; a bare command has /init --run alone. The runner sends its lines to init
 * through an inherited pipe, init to the host.
 */
#ifndef VMTEST_GUEST_H
#define VMTEST_GUEST_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../protocol.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))

/* Where the runner finds the pipe to init, and its job. */
#define LINES_FD 3
#define JOB_FILE "/tmp/job.json"
#define EXPECT_FILE "/tmp/expect"
#define HOLD_FILE "/tmp/hold"
#define PIN_DIR "/sys/fs/bpf/pidnstrace"
#define REPORT_FILE "/tmp/verify.json"
#define REPORT_KTAP "/tmp/verify.ktap"
#define LIVE_FILE "/tmp/live"

/* Runner to init, never to the host: "X STATUS REASON" ends its lines. */
#define TAG_EXIT 'X'

/* The line host.c and run.c write to: tag, space, text, newline, at once. */
int line__put(int fd, char tag, const char *text, size_t len);
int line__putf(int fd, char tag, const char *fmt, ...) __printf(3, 4);
/* @before, then bytes as a JSON string, a code point below 256 for each. */
int line__put_bytes(int fd, char tag, const char *before, const char *buf,
		    size_t len);

/* Cuts what fd has into lines, without blocking. Returns false at its end. */
struct feed {
	int fd;
	char *buf;
	size_t len, cap;
};

typedef void feed_fn(void *ctx, char *line, size_t len);
bool feed__read(struct feed *f, feed_fn *fn, void *ctx);
/* What is left without a newline is a line too. */
void feed__finish(struct feed *f, feed_fn *fn, void *ctx);

/* setup.c: mounts, modules. Errors are told on the console. */
void setup__system(void);
/* Opens the virtio port of that name, waiting for it. Returns fd or -errno. */
int setup__port(const char *name, int flags);

/*
 * packed.c: a guest under -icount, whose job lies in the initramfs and whose
 * ports are UARTs. Both return an fd or -errno (packed__open(): -1).
 */
bool packed__is(void);
int packed__open(void);
int packed__port(const char *name, int flags);

/* host.c: one job, from HELLO to the verdict. Never returns. */
void host__serve(void) __attribute__((noreturn));

/* gcov.c: what a kernel that counts its executed lines has counted. */
void gcov__send(int fd);

/* cpus.c: brings up all CPUs. Says on fd, as a line, what failed. */
void cpus__on(int fd);

/*
 * wake.c: what the job changes in a guest that may have been saved, and in one
 * that has just booted alike: clock, random numbers, the kernel's fault. Says on
 * fd, as a line, what failed.
 */
void wake__up(int fd, const json_t *job);

/*
 * input.c: passes the frames of the input port on to a pipe or a terminal, no
 * faster than the command reads.
 */
struct input {
	int port;		/* -1: closed */
	int to;			/* nonblocking */
	bool terminal;		/* @to is a terminal: has a size, and no end */
	char head[INPUT_HEAD], buf[INPUT_FRAME_MAX];
	size_t got;		/* bytes read of this frame */
	size_t len, at;		/* data bytes of the frame; those passed on */
};

/* @port: -1 if there is none. @to is closed at the end of the input. */
void input__init(struct input *in, int port, int to, bool terminal);
/* Fills @p to wait for the host, or for the command. */
void input__poll(const struct input *in, struct pollfd p[2]);
void input__go_on(struct input *in);
void input__close(struct input *in);

/*
 * stdin.c: opens the command's standard input as the job says. Returns 0, and
 * the command's end in @child, which the caller closes; or -errno.
 */
int stdin__open(struct input *in, const json_t *job, int *child);

/*
 * relay.c: sends the output read from @out, and forwards the input, until the
 * process @pid has ended. Returns its wait status.
 */
int relay__follow(pid_t pid, int out, struct input *in);
/* Returns a descriptor that is readable when @pid has ended, or -1. */
int relay__pidfd(pid_t pid);

/*
 * pty.c: runs a command on its own terminal. Returns its wait status, or
 * -errno.
 */
int pty__run(char *const argv[], const json_t *job);

/* job.c: the job has one test that leaves in EXPECT_FILE what it did. */
bool job__counts(const json_t *job);

/*
 * checks.c: the kernel's own watchers that the job names. Both return false
 * with a verdict and a reason when the run cannot be, or was not, watched, or
 * something was found.
 */
struct check {
	const char *verdict;
	char reason[256];
};

bool checks__begin(struct check *c, const json_t *job);
bool checks__end(struct check *c, const json_t *job);

/*
 * tcg.c: tests, in KTAP on standard output, that fail where QEMU's TCG does what no
 * CPU does. Returns the exit status.
 */
int tcg__main(void);

enum fault { FAULT_NO, FAULT_YES, FAULT_NOT_KNOWN };

/* stale.c: does a CPU execute code that another CPU has overwritten? */
enum fault stale__look(void);
/* cmpxchg16b.c: does it leave flags behind that no CPU can have? */
enum fault cmpxchg16b__look(void);

/* run.c: the test runner. Returns its exit status. */
int run__main(void);

#endif
