// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks up a user in /etc/passwd and /etc/group.
 *
 * Bad at: users that only another service has (LDAP, systemd-homed). getpwnam(3) would
 * find them, but a static program cannot load the modules that it needs.
 */
#include "loader/capture/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/memory.h"

static bool is_member(const struct group *g, const char *name)
{
	for (char **m = g->gr_mem; *m; m++)
		if (!strcmp(*m, name))
			return true;
	return false;
}

static void add_group(struct user *u, gid_t gid)
{
	u->groups = xrealloc(u->groups, (u->ngroups + 1) * sizeof(*u->groups));
	u->groups[u->ngroups++] = gid;
}

/* Without the file, the user has the primary group only. */
static void find_groups(struct user *u)
{
	FILE *f = fopen("/etc/group", "re");
	const struct group *g;

	add_group(u, u->gid);
	if (!f)
		return;
	while ((g = fgetgrent(f)))
		if (g->gr_gid != u->gid && is_member(g, u->name))
			add_group(u, g->gr_gid);
	fclose(f);
}

static struct user *user__new(const struct passwd *p)
{
	struct user *u = xcalloc(1, sizeof(*u));

	u->name = xstrdup(p->pw_name);
	u->home = xstrdup(p->pw_dir);
	u->uid = p->pw_uid;
	u->gid = p->pw_gid;
	find_groups(u);
	return u;
}

struct user *user__find(const char *name)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct user *u = NULL;
	const struct passwd *p;

	if (!f)
		return NULL;
	while (!u && (p = fgetpwent(f)))
		if (!strcmp(p->pw_name, name))
			u = user__new(p);
	fclose(f);
	errno = u ? 0 : ENOENT;
	return u;
}

void user__free(struct user *u)
{
	if (!u)
		return;
	free(u->name);
	free(u->home);
	free(u->groups);
	free(u);
}

int user__become(const struct user *u)
{
	if (setgroups(u->ngroups, u->groups) ||
	    setresgid(u->gid, u->gid, u->gid) ||
	    setresuid(u->uid, u->uid, u->uid))
		return -errno;
	setenv("HOME", u->home, 1);
	setenv("USER", u->name, 1);
	setenv("LOGNAME", u->name, 1);
	return 0;
}
