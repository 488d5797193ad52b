/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds where an output file is to be made, and opens it, among users that are nobody's
 * friends: root may write to /tmp.
 *
 * A symbolic link on the way is followed if it belongs to root, to the caller or, under
 * sudo, to its user: the link of another user may lead to any file. A link of /proc leads
 * to a file that is open already, and is followed as it is.
 *
 * Only the owner may read and write the file, less what the umask takes from him: traces
 * and reports have addresses of the kernel.
 */
#ifndef LIB_OUTPATH_H
#define LIB_OUTPATH_H

#include <stdbool.h>

struct outpath {
	int dir;		/* O_PATH descriptor of the directory */
	char *name;		/* in the directory; no link, unless given */
	bool given;		/* a link of /proc to an open file */
};

/*
 * Returns 0, and a place to be freed, in which a file may be or not; -ELOOP, with a
 * message, for the link of another user; or another -errno.
 */
int outpath__find(struct outpath *p, const char *path);
void outpath__free(struct outpath *p);

/* Returns true if there is a file that is not regular: a device, a fifo, a directory. */
bool outpath__is_special(const struct outpath *p);

/*
 * Opens the file for writing, and empties or creates it. An existing regular file of the
 * caller loses the permissions of group and others. Returns the descriptor, close-on-exec; -EACCES for
 * the file of another user in a directory of files of several users, such as /tmp; or
 * another -errno.
 */
int outpath__open(const struct outpath *p);

/* Does both. */
int outpath__open_path(const char *path);

#endif /* LIB_OUTPATH_H */
