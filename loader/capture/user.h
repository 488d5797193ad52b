/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks up a user, and makes the calling process one of this user. */
#ifndef LOADER_CAPTURE_USER_H
#define LOADER_CAPTURE_USER_H

#include <stddef.h>
#include <sys/types.h>

struct user {
	char *name, *home;
	uid_t uid;
	gid_t gid;
	gid_t *groups;		/* all groups, the primary one included */
	size_t ngroups;
};

/*
 * Returns NULL with errno set: ENOENT if /etc/passwd has no such user, or the errno of
 * reading the file. The caller frees the user.
 */
struct user *user__find(const char *name);
void user__free(struct user *user);	/* NULL is legal */

/*
 * Sets the groups, the group and the user of this process, and HOME, USER and LOGNAME.
 * Returns 0 or a negative errno.
 */
int user__become(const struct user *user);

#endif /* LOADER_CAPTURE_USER_H */
