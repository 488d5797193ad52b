/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The directories that the runner uses.
 *
 * top:   the source tree: kernel/build.sh, kernel/targets, vmtest/expect.
 *        $VMTEST_TOP, or the tree that the runner was built from.
 * build: the built programs: pidnstrace, guest/. $VMTEST_BUILD, or the directory
 *        above the one that holds the runner.
 * cache: files that outlive a checkout. $CACHE, or $XDG_CACHE_HOME/pidns-vmtest,
 *        or ~/.cache/pidns-vmtest.
 */
#ifndef VMTEST_IMAGE_PATHS_H
#define VMTEST_IMAGE_PATHS_H

struct paths {
	char *top, *build, *cache;
};

/* Returns 0 or -errno with a message. */
int paths__init(struct paths *p);
void paths__free(struct paths *p);

#endif /* VMTEST_IMAGE_PATHS_H */
