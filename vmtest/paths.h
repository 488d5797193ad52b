/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where things are.
 *
 * top:   the source tree: kernel/build.sh, kernel/targets, vmtest/expect.
 *        $VMTEST_TOP, or what the runner was built from.
 * build: what was built: pidnstrace, guest/. $VMTEST_BUILD, or the directory
 *        above the one that holds the runner.
 * cache: what outlives a checkout. $CACHE, or $XDG_CACHE_HOME/pidns-vmtest,
 *        or ~/.cache/pidns-vmtest.
 */
#ifndef VMTEST_PATHS_H
#define VMTEST_PATHS_H

struct paths {
	char *top, *build, *cache;
};

/* Returns 0 or -errno with a message. */
int paths__init(struct paths *p);
void paths__free(struct paths *p);

#endif
