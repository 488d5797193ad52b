/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recorded run's directory: what is in it besides the files of any run, so
 * that it can be replayed.
 *
 *   initramfs.cpio   the guest's, with its job
 *   rr.log           QEMU's recording
 *   result           the bytes of the result port
 *   record.json      how QEMU was started, with which kernel, how it ended
 */
#ifndef VMTEST_RECORD_H
#define VMTEST_RECORD_H

#include <stdint.h>

#include "util.h"

struct run_spec;

#define RECORD_FILE "record.json"

/* Most bytes of standard input: the guest holds them in memory twice. */
#define RECORD_INPUT_MAX (64ULL << 20)

struct record {
	char *qemu;		/* the first line of its --version */
	char *program;		/* its path */
	char *target;
	char *kernel;		/* path of the image */
	uint64_t kernel_hash, seed;
	uint64_t instructions;	/* executed in all; 0: not known */
	uint64_t log_bytes;	/* of rr.log */
	uint64_t initramfs_hash;
	double seconds;		/* that it took */
	struct strv machine;	/* arguments of QEMU, without the mode's */
};

/* The first line that QEMU prints about itself, or NULL; free it. */
char *record__qemu_version(const char *program);

/* Writes @dir/initramfs.cpio: @spec's with its job. Returns 0 or -errno. */
int record__pack(const struct run_spec *spec, const char *dir);

/* Writes @dir/record.json; QEMU has ended. Returns 0 or -errno. */
int record__write(const struct run_spec *spec, const char *dir,
		  const struct strv *machine, uint64_t instructions,
		  double seconds);

/* Returns 0, -ENOENT if @dir has none, -EINVAL if it is not understood. */
int record__read(struct record *rec, const char *dir);
void record__free(struct record *rec);

/* Removes what only a replay needs; it can then not be replayed. */
void record__drop(const char *dir);

#endif
