/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where runs put their directories, and the summary.
 *
 * The first vmtest at work in a directory owns its STEM.json (summary.json) and
 * reports, and removes those of an earlier time when it begins. Another one at
 * work there at the same time writes STEM-PID.json, and says so.
 */
#ifndef VMTEST_OUTDIR_H
#define VMTEST_OUTDIR_H

struct outdir {
	char *path;
	char *summary;		/* where it goes */
	char *suffix;		/* of the reports' names, "" if it is ours */
	int fd;			/* holds the lock, if it is ours */
};

/* Returns 0 or -errno with a message. */
int outdir__open(struct outdir *d, const char *path, const char *stem);
void outdir__close(struct outdir *d);

#endif
