/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files that a recorded run has in addition to those of any run, so that the
 * run can be replayed:
 *
 *   initramfs.cpio   the guest's initramfs, with its job
 *   rr.log           QEMU's recording
 *   result           the bytes of the result port
 *   record.json      QEMU, its arguments, the kernel, the seed, the run's length
 */
#ifndef VMTEST_RUN_RECORDING_H
#define VMTEST_RUN_RECORDING_H

#include <stdint.h>

#include "vmtest/lib/util.h"

struct run_spec;

#define RECORD_FILE "record.json"

/* Most bytes of standard input, which the guest holds in memory twice. */
#define RECORD_INPUT_MAX (64ULL << 20)

struct record {
	char *qemu;		/* first line of QEMU's --version */
	char *program;		/* QEMU's path */
	char *target;
	char *kernel;		/* path of the image */
	uint64_t kernel_hash, seed;
	uint64_t instructions;	/* executed in all; 0: not known */
	uint64_t log_bytes;	/* size of rr.log */
	uint64_t initramfs_hash;
	double seconds;		/* duration of the recorded run */
	struct strv machine;	/* arguments of QEMU, without the mode's */
};

/* Returns the first line of QEMU's --version, or NULL; free it. */
char *recording__qemu_version(const char *program);

/* Writes @spec's initramfs with the job to @dir. Returns 0 or -errno. */
int recording__pack(const struct run_spec *spec, const char *dir);

/* Writes @dir/record.json after the end of QEMU. Returns 0 or -errno. */
int recording__write(const struct run_spec *spec, const char *dir,
		  const struct strv *machine, uint64_t instructions,
		  double seconds);

/* Returns 0, -ENOENT if @dir has no record.json, -EINVAL if the file is invalid. */
int recording__read(struct record *rec, const char *dir);
void recording__free(struct record *rec);

/* Removes the files that only a replay needs. */
void recording__drop(const char *dir);

#endif /* VMTEST_RUN_RECORDING_H */
