/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The output directory: holds the directories of the runs, and the summary.
 *
 * The first vmtest that uses a directory owns STEM.json (summary.json) and the
 * reports there, and removes older ones at its start. Another vmtest that uses
 * the directory at the same time writes STEM-PID.json, and prints a note.
 */
#ifndef VMTEST_RUN_OUTDIR_H
#define VMTEST_RUN_OUTDIR_H

struct outdir {
	char *path;
	char *summary;		/* path */
	char *suffix;		/* for the reports' names; "": we own the lock */
	int fd;			/* the directory; holds the lock if we own it */
};

/* Returns 0 or -errno with a message. */
int outdir__open(struct outdir *d, const char *path, const char *stem);
void outdir__close(struct outdir *d);

#endif /* VMTEST_RUN_OUTDIR_H */
