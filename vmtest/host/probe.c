// SPDX-License-Identifier: GPL-2.0-only
/* Waits for a single run, so that its outcome is known before the real runs. */
#include "vmtest/host/probe.h"

#include <string.h>

#include "vmtest/lib/loop.h"

struct probe {
	run_done *done;
	void *ctx;
	bool ended;
};

static void on_done(void *ctx, struct run *run, struct run_outcome *out,
		    int err)
{
	struct probe *p = ctx;

	p->ended = true;
	p->done(p->ctx, run, out, err);
}

void probe__boot(struct loop *loop, const struct run_spec *spec,
		 const int *stop, run_done *done, void *ctx)
{
	struct probe p = { .done = done, .ctx = ctx };
	struct run *run;
	int err;

	run = run__start(loop, spec, on_done, &p, &err);
	while (run && !p.ended && !*stop && !loop__turn(loop))
		;
	if (run && !p.ended)
		run__abort(run);
}

int probe__keep(const char *dir, const char *name, const char *key, const char *answer)
{
	auto_free char *path = xasprintf("%s/%s", dir, name);
	auto_free char *text = xasprintf("%s %s\n", key, answer);

	return mkdir_p(dir) ?: write_file_atomic(path, text, strlen(text));
}

char *probe__recall(const char *dir, const char *name, const char *key)
{
	auto_free char *path = xasprintf("%s/%s", dir, name), *text = NULL;
	size_t n = strlen(key);

	if (read_file(path, &text, NULL) || strncmp(text, key, n) || text[n] != ' ')
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return xstrdup(text + n + 1);
}
