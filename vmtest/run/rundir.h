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

/*
 * The output directory: holds the directories of the runs, and the summary.
 *
 * The first vmtest that uses a directory owns STEM.json (summary.json) and the
 * reports there, and removes older ones at its start. Another vmtest that uses
 * the directory at the same time writes STEM-PID.json, and prints a note.
 */
struct outdir {
	char *path;
	char *summary;		/* path */
	char *suffix;		/* for the reports' names; "": we own the lock */
	int fd;			/* the directory; holds the lock if we own it */
};

/* Returns 0 or -errno with a message. */
int outdir__open(struct outdir *d, const char *path, const char *stem);
void outdir__close(struct outdir *d);

#endif /* VMTEST_RUN_RUNDIR_H */
