/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starts QEMU. Its channels are socket pairs, which need no names.
 *
 * QEMU dies with the runner, even if the runner is killed, and leads its own
 * process group, so that a terminal's Ctrl-C reaches the runner alone.
 */
#ifndef VMTEST_VM_QEMU_H
#define VMTEST_VM_QEMU_H

#include <stdbool.h>
#include <stdint.h>

#include "vmtest/image/image.h"
#include "vmtest/lib/util.h"
#include "vmtest/vm/icount.h"

enum channel {
	CHANNEL_CONSOLE,	/* serial port */
	CHANNEL_RESULT,
	CHANNEL_TRACE,
	CHANNEL_QMP,
	CHANNEL_INPUT,		/* to the guest: its command's standard input */
	CHANNEL_NR,
};

#define GUEST_CPUS 2
#define GUEST_CPUS_MAX 64

enum accel { ACCEL_AUTO, ACCEL_KVM, ACCEL_TCG };

/* Settings that avoid the faults of a TCG (vmtest/host/tcg.h). */
struct tcg {
	bool one_thread;		/* for all CPUs of a guest */
	bool no_cmpxchg16b;		/* CPUs without the instruction */
};

struct qemu_spec {
	const char *program;		/* qemu-system-x86_64, or $QEMU's value */
	const struct image *image;
	const char *initramfs;
	enum accel accel;		/* not AUTO */
	unsigned int cpus;		/* 0: GUEST_CPUS */
	struct tcg tcg;
	unsigned long tsc_khz;		/* under TCG; 0: not known */
	const struct strv *append;	/* more kernel parameters, or NULL */
	uint64_t mib;			/* memory; 0: as the image needs */
	enum icount icount;		/* one CPU, and no socket except QMP's */
	unsigned int icount_shift;	/* see icount.h */
	const char *dir;		/* with icount: where QEMU runs */
	uint64_t seed;			/* with icount */
	int log_fd;			/* for QEMU's own messages; -1: nowhere */
	const char *ram;		/* a file for the guest's memory, or NULL */
	int gdb;			/* a socket on which QEMU waits for gdb;
					   0: none */
	bool incoming;			/* ram has a saved guest: waits for its
					   state; else ram is to be written */
};

struct qemu {
	pid_t pid;
	int pidfd;
	int fd[CHANNEL_NR];		/* our ends, nonblocking */
	struct strv argv;
	size_t machine;			/* with icount: number of arguments that
					   describe the machine; the others say
					   how to run it */
};

/* Returns the path of $QEMU or of the default, or NULL with a message; free it. */
char *qemu__program(void);

/* Returns the number of host CPUs that the guest can keep busy. */
unsigned int qemu__threads(const struct qemu_spec *spec);

/* Returns the size of the guest's memory in MiB. */
uint64_t qemu__mib(const struct qemu_spec *spec);

/*
 * Returns everything that a guest depends on before its job, and the boot ID of the
 * host, a line each. Free it.
 */
char *qemu__inputs(const struct qemu_spec *spec);

/* Returns 0 or -errno with a message. */
int qemu__start(struct qemu *q, const struct qemu_spec *spec);

/* Kills QEMU and its process group, if QEMU still runs, and reaps it. */
void qemu__kill(struct qemu *q);

/*
 * Returns the seconds, since its start, in which a thread of QEMU could run but had to
 * wait for a CPU of the host; 0 if this host does not count them.
 */
double qemu__waited_s(const struct qemu *q);

/*
 * Reaps QEMU after its end; how: "exit status 1" or "signal 9 (Killed)". Returns
 * the wait status.
 */
int qemu__reap(struct qemu *q, char *how, size_t size);

void qemu__free(struct qemu *q);

#endif /* VMTEST_VM_QEMU_H */
