/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The directory of one run.
 *
 * The directory is locked while the run lasts, by a lock that the kernel drops
 * with the process: two runs never share a directory, and a killed run blocks no
 * other. Files of an earlier run are removed first, so all files in the directory
 * are those of the last run.
 */
#ifndef VMTEST_RUN_RUNDIR_H
#define VMTEST_RUN_RUNDIR_H

struct rundir {
	char *path;
	int fd;			/* holds the lock */
};

/*
 * Takes OUT/NAME, or OUT/NAME.2 and so on if OUT/NAME is in use.
 * Returns 0 or -errno with a message.
 */
int rundir__open(struct rundir *d, const char *out, const char *name);

/* Unlocks the directory and keeps its files. */
void rundir__close(struct rundir *d);

/* Renames a run's directory; replaces the files of an earlier run at to. */
int rundir__rename(const char *path, const char *to);

/* Removes the directory and its files. */
void rundir__remove(struct rundir *d);

#endif /* VMTEST_RUN_RUNDIR_H */
