// SPDX-License-Identifier: GPL-2.0-only
/* Records outcomes and failures, and writes the counts as key=value lines. */
#include "stress_count.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *name;
	int err;
} outcomes[OUT__NR] = {
	[OUT_OK]	= { "ok", 0 },
	[OUT_KILLED]	= { "killed", 0 },
	[OUT_EPERM]	= { "EPERM", EPERM },
	[OUT_ESRCH]	= { "ESRCH", ESRCH },
	[OUT_EBADF]	= { "EBADF", EBADF },
	[OUT_ECHILD]	= { "ECHILD", ECHILD },
	[OUT_ENOMEM]	= { "ENOMEM", ENOMEM },
	[OUT_EBUSY]	= { "EBUSY", EBUSY },
	[OUT_EINVAL]	= { "EINVAL", EINVAL },
	[OUT_EUSERS]	= { "EUSERS", EUSERS },
	[OUT_OTHER]	= { "other", 0 },
	[OUT_SKIPPED]	= { "skipped", 0 },
	[OUT_PID_ZERO]	= { "with getpid() 0", 0 },
};

enum outcome outcome__of(int rc)
{
	if (!rc)
		return OUT_OK;
	for (int i = 0; i < OUT__NR; i++)
		if (outcomes[i].err && outcomes[i].err == -rc)
			return i;
	return OUT_OTHER;
}

void op_stats__format(const struct op_stats *s, char *text, size_t len)
{
	size_t at = 0;

	snprintf(text, len, "nothing");
	for (int i = 0; i < OUT__NR && at < len; i++) {
		uint32_t n = atomic_load(&s->out[i]);

		if (n)
			at += snprintf(text + at, len - at, "%s%" PRIu32 " %s",
				       at ? ", " : "", n, outcomes[i].name);
	}
}

void op_stats__fail(struct op_stats *s, uint32_t worker, uint32_t index,
		    const char *text)
{
	uint32_t slot = atomic_fetch_add(&s->failures, 1);
	struct failure *f;

	if (slot >= COUNT_MAX_FAILURES)
		return;
	f = &s->failure[slot];
	f->worker = worker;
	f->index = index;
	snprintf(f->text, sizeof(f->text), "%s", text);
	atomic_store(&f->valid, 1);
}

static void put_range(FILE *f, const char *key, uint64_t min, uint64_t more)
{
	if (more)
		fprintf(f, "%s=%" PRIu64 "..%" PRIu64 "\n", key, min,
			min + more);
	else
		fprintf(f, "%s=%" PRIu64 "\n", key, min);
}

int counts__write(const struct counts *c, const char *path, int root,
		  bool mainline)
{
	uint64_t ok = atomic_load(&c->setns_ok);
	uint64_t failed = atomic_load(&c->setns_err);
	uint64_t lost = atomic_load(&c->setns_lost);
	uint64_t forks = atomic_load(&c->forks);
	char *tmp = NULL;
	int err = 0;
	FILE *f;

	if (asprintf(&tmp, "%s.tmp", path) < 0)
		return -ENOMEM;
	f = fopen(tmp, "we");
	if (!f) {
		err = -errno;
		goto out;
	}
	fprintf(f, "root=%d\n", root);
	put_range(f, "setns", ok + failed, lost);
	put_range(f, "setns_ok", ok, mainline ? lost : 0);
	put_range(f, "setns_err", failed, lost);
	put_range(f, "joins", atomic_load(&c->joins), 0);
	put_range(f, "forks", forks, 0);
	put_range(f, "execs", atomic_load(&c->execs), 0);
	put_range(f, "exits", forks, 0);
	put_range(f, "setsid", atomic_load(&c->setsid), 0);
	put_range(f, "setpgid", atomic_load(&c->setpgid), 0);
	if (ferror(f))
		err = -EIO;
	if (fclose(f) && !err)
		err = -errno;
	if (!err && rename(tmp, path))
		err = -errno;
	if (err)
		unlink(tmp);
out:
	free(tmp);
	return err;
}
