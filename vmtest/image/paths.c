// SPDX-License-Identifier: GPL-2.0-only
/* Finds source tree, build directory and cache by environment and /proc/self/exe. */
#include "vmtest/image/paths.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/lib/util.h"

#ifndef VMTEST_TOP
#error "VMTEST_TOP is the source tree: see vmtest.mk"
#endif

static const char *env(const char *name)
{
	const char *val = getenv(name);

	return val && *val ? val : NULL;
}

/* Shortens a path below the current directory, for shorter messages. Free it. */
static char *relative(const char *path)
{
	auto_free char *cwd = getcwd(NULL, 0);
	size_t len = cwd ? strlen(cwd) : 0;

	if (len > 1 && !strncmp(path, cwd, len) && path[len] == '/')
		path += len + 1;
	return xstrdup(path);
}

/* build/vmtest/vmtest -> build */
static char *build_dir(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n < 0)
		return NULL;
	exe[n] = '\0';
	return relative(dirname(dirname(exe)));
}

int paths__init(struct paths *p)
{
	const char *build = env("VMTEST_BUILD");
	const char *top = env("VMTEST_TOP");

	memset(p, 0, sizeof(*p));
	p->top = xstrdup(top ? top : VMTEST_TOP);
	p->build = build ? xstrdup(build) : build_dir();
	if (!p->build) {
		msg__error("/proc is needed to find where vmtest was built: mount it");
		return -ENOENT;
	}
	if (env("CACHE"))
		p->cache = xstrdup(env("CACHE"));
	else if (env("XDG_CACHE_HOME"))
		p->cache = xasprintf("%s/pidns-vmtest", env("XDG_CACHE_HOME"));
	else if (env("HOME"))
		p->cache = xasprintf("%s/.cache/pidns-vmtest", env("HOME"));
	if (!p->cache) {
		msg__error("no directory for the cache: set CACHE or HOME");
		return -ENOENT;
	}
	return 0;
}

void paths__free(struct paths *p)
{
	free(p->top);
	free(p->build);
	free(p->cache);
	memset(p, 0, sizeof(*p));
}
