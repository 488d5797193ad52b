// SPDX-License-Identifier: GPL-2.0-only
/*
 * See mttcg.h. The guest's half of the probe is guest/stale.c.
 *
 * With a thread for each CPU (MTTCG), QEMU may translate an instruction while
 * another thread writes it, and then keeps a translation of code that is no
 * longer there. A kernel that patches its text (static keys, tracepoints, BPF
 * trampolines) dies of this: "Oops: int3", at an int3 that it has replaced.
 * QEMU before 8.1 reads the code before it protects the page; commit
 * deba78709ae8 ("accel/tcg: Always lock pages before translation") closed this
 * window, but a store still invalidates first and writes afterwards
 * (notdirty_write() in accel/tcg/cputlb.c), with no lock over both. Under one
 * load of static key switches, QEMU 7.2 killed two guests of three, 10.0 one of
 * eight; the probe convicts 7.2, 10.0 and 11.1, each within a second.
 *
 * The version is ignored: a QEMU that passes the probe is used with a thread
 * for each CPU. On a host with one CPU the race is lost too rarely to be found,
 * and threads gain nothing, so nothing is probed.
 */
#include "mttcg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host.h"
#include "probe.h"
#include "protocol.h"

/* A boot on a busy host, and the most time that the guest takes. */
#define PROBE_S 60.0

#define STALE "stale"
#define CURRENT "current"

enum answer { NOT_KNOWN, IS_CURRENT, IS_STALE };

struct stale_probe {
	enum answer answer;
	char why[256];
};

static bool has_failed(const struct run_outcome *out)
{
	for (size_t i = 0; i < out->findings.n; i++) {
		const struct finding *f = &out->findings.v[i];

		if (f->kind == FINDING_TEST && !strcmp(f->text, STALE_TEST))
			return true;
	}
	return false;
}

static void on_done(void *ctx, struct run *run, struct run_outcome *out,
		    int err)
{
	struct stale_probe *p = ctx;

	(void)run;
	snprintf(p->why, sizeof(p->why), "%s", out->reason);
	if (!err && has_failed(out))
		p->answer = IS_STALE;
	else if (!err && out->verdict == VERDICT_PASS && out->tests.ok)
		p->answer = IS_CURRENT;
}

/* Returns "PATH INODE SIZE MTIME " of the program; free it. */
static char *describe(const char *program)
{
	struct stat st;

	if (stat(program, &st))
		return NULL;
	return xasprintf("%s %llu %lld %lld.%09ld ", program,
			 (unsigned long long)st.st_ino, (long long)st.st_size,
			 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static char *path_of(const char *cache, const char *description)
{
	return xasprintf("%s/threads/%016llx", cache,
			 (unsigned long long)hash_str(HASH_INIT, description));
}

static enum answer recall(const char *cache, const char *program)
{
	char *is = describe(program), *path, *text = NULL;
	enum answer answer = NOT_KNOWN;

	if (!is)
		return NOT_KNOWN;
	path = path_of(cache, is);
	if (!read_file(path, &text, NULL) && !strncmp(text, is, strlen(is))) {
		const char *word = text + strlen(is);

		answer = !strcmp(word, STALE "\n") ? IS_STALE :
			 !strcmp(word, CURRENT "\n") ? IS_CURRENT : NOT_KNOWN;
	}
	free(text);
	free(path);
	free(is);
	return answer;
}

int mttcg__keep(const char *cache, const char *program, bool stale)
{
	char *is = describe(program), *path, *dir, *text;
	int err;

	if (!is)
		return -ENOENT;
	dir = xasprintf("%s/threads", cache);
	path = path_of(cache, is);
	text = xasprintf("%s%s\n", is, stale ? STALE : CURRENT);
	err = mkdir_p(dir);
	if (!err)
		err = write_file_atomic(path, text, strlen(text));
	free(text);
	free(path);
	free(dir);
	free(is);
	return err;
}

static enum answer boot(struct loop *loop, const struct run_spec *spec,
			const int *stop, char *why, size_t size)
{
	char *words[] = { (char *)"/init", (char *)STALE_FLAG, NULL };
	const struct strv cmd = { .v = words, .n = 2 }, none = { 0 };
	struct run_spec s = *spec;
	struct stale_probe p = { 0 };

	s.probe = s.bare = s.ktap = true;
	s.widen = s.one_thread = false;
	s.cmd = &cmd;
	s.tests = &none;
	s.snapshots = NULL;
	s.mutant = NULL;
	s.seed = 1;
	s.total_s = PROBE_S * spec->image->san.slower;
	s.limit_s = s.limit_s < s.total_s ? s.limit_s : s.total_s;
	probe__boot(loop, &s, stop, on_done, &p);
	snprintf(why, size, "%s", p.why);
	return p.answer;
}

static enum answer find_out(struct loop *loop, const struct run_spec *spec,
			    const char *cache, const int *stop, char *why,
			    size_t size)
{
	enum answer answer = recall(cache, spec->program);

	if (answer != NOT_KNOWN) {
		msg_debug("%s: %s code under thread=multi (known from an earlier boot)",
			  spec->program, answer == IS_STALE ? STALE : CURRENT);
		return answer;
	}
	answer = boot(loop, spec, stop, why, size);
	/* An answer that cannot be kept is found by each runner. */
	if (answer != NOT_KNOWN)
		mttcg__keep(cache, spec->program, answer == IS_STALE);
	return answer;
}

bool mttcg__one_thread(struct loop *loop, const struct run_spec *spec,
		       const char *cache, const int *stop)
{
	char why[256] = "";
	enum answer answer;

	if (spec->accel != ACCEL_TCG || spec->cpus == 1 || spec->icount)
		return false;
	if (host__cpus() == 1)
		return true;
	answer = find_out(loop, spec, cache, stop, why, sizeof(why));
	if (answer == IS_STALE)
		msg_note("%s runs stale code under thread=multi (found by booting); one thread is used",
			 spec->program);
	else if (answer == NOT_KNOWN && !*stop)
		msg_note("%s: cannot find out whether it runs stale code under thread=multi (%s); one thread is used",
			 spec->program, why);
	return answer != IS_CURRENT;
}
