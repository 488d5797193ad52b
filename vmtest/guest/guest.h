/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's init and its second role, the test runner ("/init --run").
 *
 * init is pid 1 and starts pidnstrace. pidnstrace starts /init --run under
 * observation, which starts the tests. For a bare command, init starts
 * /init --run without pidnstrace. The runner sends its lines to init through an
 * inherited pipe, and init sends them to the host.
 */
#ifndef VMTEST_GUEST_GUEST_H
#define VMTEST_GUEST_GUEST_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vmtest/lib/lines.h"
#include "vmtest/lib/util.h"
#include "vmtest/wire/protocol.h"

/* The runner's pipe to init and the files of a run. */
#define LINES_FD 3
#define JOB_FILE "/tmp/job.json"
#define EXPECT_FILE "/tmp/expect"
#define HOLD_FILE "/tmp/hold"
#define PIN_DIR "/sys/fs/bpf/pidnstrace"
#define REPORT_FILE "/tmp/verify.json"
#define REPORT_KTAP "/tmp/verify.ktap"
#define LIVE_FILE "/tmp/live"

/* Ends the runner's lines to init: "X STATUS REASON". Never sent to the host. */
#define TAG_EXIT 'X'

/* Write tag, space, text and newline to @fd at once. Return 0 or -errno. */
int line__put(int fd, char tag, const char *text, size_t len);
int line__putf(int fd, char tag, const char *fmt, ...) __printf(3, 4);
/* Writes @before, then @buf as a JSON string with one code point per byte. */
int line__put_bytes(int fd, char tag, const char *before, const char *buf,
		    size_t len);

/* Cuts the data of an fd into lines, without blocking. Returns false at EOF. */
struct feed {
	int fd;
	struct lines lines;
};

bool feed__read(struct feed *f, lines_fn *fn, void *ctx);
/* Passes the rest on as a line, although no newline ends the rest. */
void feed__finish(struct feed *f, lines_fn *fn, void *ctx);

/* setup.c: mounts file systems, loads modules, prints errors on the console. */
void setup__system(void);
/* Waits for the named virtio port and opens it. Returns an fd or -errno. */
int setup__port(const char *name, int flags);
/* Writes to a file that exists, such as a sysctl. Returns 0 or -errno. */
int setup__write(const char *path, const char *text);

/*
 * packed.c: a guest under -icount has its job in the initramfs, and UARTs as
 * ports. packed__open() returns an fd or -1, packed__port() an fd or -errno.
 */
bool packed__is(void);
int packed__open(void);
int packed__port(const char *name, int flags);

/* host.c: serves one job, from HELLO to the verdict. Never returns. */
void host__serve(void) __attribute__((noreturn));

/*
 * kmsg.c: opens the kernel's log, and reports an error as a line on @port. Returns a
 * descriptor that is readable when there are records, or -1.
 */
int kmsg__open(int port);
/* Forwards the records that are there, or most of them; @fd may be -1. */
void kmsg__forward(int fd, int port);
/* Forwards the last records, and lets the console show all that follows. */
void kmsg__finish(int fd, int port);

/* gcov.c: sends the line counts of a kernel built with gcov. */
void gcov__send(int fd);

/* cpus.c: brings up all CPUs. Reports errors as lines on @fd. */
void cpus__on(int fd);

/*
 * wake.c: sets what the job changes in a resumed guest and in a booted one
 * alike: clock, random numbers, the kernel's mutant. Reports errors as lines on
 * @fd.
 */
void wake__up(int fd, const json_t *job);

/*
 * input.c: forwards the frames of the input port to a pipe or a terminal, no
 * faster than the command reads.
 */
struct input {
	int port;		/* -1: closed */
	int to;			/* nonblocking */
	bool terminal;		/* @to is a terminal, with a size and without EOF */
	char head[INPUT_HEAD], buf[INPUT_FRAME_MAX];
	size_t got;		/* bytes read of this frame */
	size_t len, at;		/* data bytes of the frame; bytes forwarded */
};

/* @port is -1 without a port. @to is closed at the end of the input. */
void input__init(struct input *in, int port, int to, bool terminal);
/* Fills @p to wait for the host or for the command. */
void input__poll(const struct input *in, struct pollfd p[2]);
void input__forward(struct input *in);
void input__close(struct input *in);

/*
 * stdin.c: opens the command's standard input as the job specifies. Returns 0
 * or -errno. The caller closes @child, the command's end.
 */
int stdin__open(struct input *in, const json_t *job, int *child);

/*
 * relay.c: sends the output read from @out, and forwards the input, until
 * process @pid has ended. Returns its wait status.
 */
int relay__follow(pid_t pid, int out, struct input *in);
/* Returns a descriptor that is readable after the exit of @pid, or -1. */
int relay__pidfd(pid_t pid);

/* pty.c: runs a command on its own terminal. Returns its wait status or -errno. */
int pty__run(char *const argv[], const json_t *job);

/* job.c: does the job have exactly one test that writes EXPECT_FILE? */
bool job__counts(const json_t *job);

/*
 * checks.c: starts and evaluates the kernel's own checkers that the job names.
 * Both functions return false, with a verdict and a reason, after an error or a
 * finding, or if a checker was not active.
 */
struct check {
	const char *verdict;
	char reason[256];
};

bool checks__begin(struct check *c, const json_t *job);
bool checks__end(struct check *c, const json_t *job);

/*
 * tcg.c: prints KTAP of tests that fail where QEMU's TCG deviates from every
 * CPU. Returns the exit status.
 */
int tcg__main(void);

enum fault { FAULT_NO, FAULT_YES, FAULT_NOT_KNOWN };

/* stale.c: tests whether a CPU executes code that another CPU has overwritten. */
enum fault stale__test(void);
/* cmpxchg16b.c: tests whether the instruction leaves impossible flags behind. */
enum fault cmpxchg16b__test(void);

/* run.c: the test runner. Returns its exit status. */
int run__main(void);

#endif /* VMTEST_GUEST_GUEST_H */
