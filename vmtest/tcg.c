// SPDX-License-Identifier: GPL-2.0-only
/*
 * See tcg.h. The guest's half of the probe is guest/tcg.c. The version is ignored: a
 * QEMU that passes a test is used as if it had never had the fault.
 *
 * Stale code. With a thread for each CPU (MTTCG), QEMU may translate an instruction
 * while another thread writes it, and then keeps a translation of code that is no
 * longer there. A kernel that patches its text (static keys, tracepoints, BPF
 * trampolines) dies of this: "Oops: int3", at an int3 that it has replaced.
 * QEMU before 8.1 reads the code before it protects the page; commit
 * deba78709ae8 ("accel/tcg: Always lock pages before translation") closed this
 * window, but a store still invalidates first and writes afterwards
 * (notdirty_write() in accel/tcg/cputlb.c), with no lock over both. Under one
 * load of static key switches, QEMU 7.2 killed two guests of three, 10.0 one of
 * eight; the probe convicts 7.2, 10.0 and 11.1, each within a second. On a host
 * with one CPU the race is lost too rarely to be found, and threads gain nothing,
 * so one thread is used whatever the probe says.
 *
 * cmpxchg16b. QEMU before 8.0 computes its flags from what was last noted of the
 * flags, which may be an operand of an earlier instruction: in 7.2,
 * gen_helper_cmpxchg16b() in target/i386/tcg/translate.c is not preceded by
 * gen_update_cc_op(). The flag that the kernel looks at is right, and the next
 * addition computes all of them anew. But an interrupt in between saves a part of a
 * pointer as EFLAGS, and the return from it restores what may be NT or TF: a double
 * fault, in a function of the slab allocator, which is full of cmpxchg16b. Without
 * the instruction in CPUID the kernel takes a lock instead. A program that insists
 * on x86-64-v2 does not start then, so it is taken away only where it is wrong.
 */
#include "tcg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host.h"
#include "probe.h"
#include "protocol.h"

/* A boot on a busy host, and the most time that the guest takes. */
#define PROBE_S 60.0

#define NOT_KNOWN (-1)

static const struct fault_test {
	enum tcg_fault fault;
	const char *name;	/* in the cache */
	const char *test;	/* in the guest */
	const char *said;	/* after the program's name */
} tests[] = {
	{ TCG_STALE_CODE, "stale-code", STALE_TEST,
	  "runs stale code under thread=multi (found by booting); one thread is used" },
	{ TCG_CMPXCHG16B, "cmpxchg16b", CMPXCHG16B_TEST,
	  "gets the flags of cmpxchg16b wrong (found by booting); CPUs without it are used" },
};

struct tcg_probe {
	int faults;		/* or NOT_KNOWN */
	char why[256];
};

static bool has_failed(const struct run_outcome *out, const char *test)
{
	for (size_t i = 0; i < out->findings.n; i++) {
		const struct finding *f = &out->findings.v[i];

		if (f->kind == FINDING_TEST && !strcmp(f->text, test))
			return true;
	}
	return false;
}

static void on_done(void *ctx, struct run *run, struct run_outcome *out,
		    int err)
{
	struct tcg_probe *p = ctx;

	(void)run;
	snprintf(p->why, sizeof(p->why), "%s",
		 out->tests.skip ? "a test was skipped" : out->reason);
	if (err || out->tests.ok + out->tests.not_ok != ARRAY_SIZE(tests))
		return;
	p->faults = 0;
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		if (has_failed(out, tests[i].test))
			p->faults |= (int)tests[i].fault;
	}
}

/* Returns "PATH INODE SIZE MTIME:" of the program; free it. */
static char *describe(const char *program)
{
	struct stat st;

	if (stat(program, &st))
		return NULL;
	return xasprintf("%s %llu %lld %lld.%09ld:", program,
			 (unsigned long long)st.st_ino, (long long)st.st_size,
			 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static char *path_of(const char *cache, const char *description)
{
	return xasprintf("%s/tcg/%016llx", cache,
			 (unsigned long long)hash_str(HASH_INIT, description));
}

/* Returns a word for each fault, and the end of the line; free it. */
static char *names_of(unsigned int faults)
{
	struct strv names = { 0 };
	char *text, *line;

	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		if (faults & tests[i].fault)
			strv__addf(&names, " %s", tests[i].name);
	}
	text = strv__join(&names, "");
	line = xasprintf("%s\n", text);
	free(text);
	strv__free(&names);
	return line;
}

static bool are_named(unsigned int faults, const char *line)
{
	char *names = names_of(faults);
	bool same = !strcmp(names, line);

	free(names);
	return same;
}

static int recall(const char *cache, const char *program)
{
	char *is = describe(program), *path, *text = NULL;
	int faults = NOT_KNOWN;

	if (!is)
		return NOT_KNOWN;
	path = path_of(cache, is);
	if (!read_file(path, &text, NULL) && !strncmp(text, is, strlen(is))) {
		for (int f = 0; f < 1 << ARRAY_SIZE(tests); f++) {
			if (are_named((unsigned int)f, text + strlen(is)))
				faults = f;
		}
	}
	free(text);
	free(path);
	free(is);
	return faults;
}

int tcg__keep(const char *cache, const char *program, unsigned int faults)
{
	char *is = describe(program), *path, *dir, *names, *text;
	int err;

	if (!is)
		return -ENOENT;
	dir = xasprintf("%s/tcg", cache);
	path = path_of(cache, is);
	names = names_of(faults);
	text = xasprintf("%s%s", is, names);
	err = mkdir_p(dir);
	if (!err)
		err = write_file_atomic(path, text, strlen(text));
	free(text);
	free(names);
	free(path);
	free(dir);
	free(is);
	return err;
}

/* The race of the first test takes a thread for each of two CPUs. */
static int boot(struct loop *loop, const struct run_spec *spec,
		const int *stop, char *why, size_t size)
{
	char *words[] = { (char *)"/init", (char *)TCG_FLAG, NULL };
	const struct strv cmd = { .v = words, .n = 2 }, none = { 0 };
	struct run_spec s = *spec;
	struct tcg_probe p = { .faults = NOT_KNOWN };

	s.probe = s.bare = s.ktap = true;
	s.widen = false;
	s.tcg = (struct tcg){ 0 };
	s.cpus = 2;
	s.icount = ICOUNT_NO;
	s.tsc_khz = spec->icount ? 0 : spec->tsc_khz;
	s.cmd = &cmd;
	s.tests = &none;
	s.snapshots = NULL;
	s.mutant = NULL;
	s.seed = 1;
	s.total_s = PROBE_S * spec->image->san.slower;
	s.limit_s = s.limit_s < s.total_s ? s.limit_s : s.total_s;
	probe__boot(loop, &s, stop, on_done, &p);
	snprintf(why, size, "%s", p.why);
	return p.faults;
}

static int find_out(struct loop *loop, const struct run_spec *spec,
		    const char *cache, const int *stop, char *why, size_t size)
{
	int faults = recall(cache, spec->program);

	if (faults != NOT_KNOWN) {
		msg_debug("%s: the faults of its TCG are known from an earlier boot",
			  spec->program);
		return faults;
	}
	faults = boot(loop, spec, stop, why, size);
	/* An answer that cannot be kept is found by each runner. */
	if (faults != NOT_KNOWN)
		tcg__keep(cache, spec->program, (unsigned int)faults);
	return faults;
}

struct tcg tcg__find_out(struct loop *loop, const struct run_spec *spec,
			 const char *cache, const int *stop)
{
	bool threads = spec->cpus != 1 && !spec->icount && host__cpus() > 1;
	char why[256] = "";
	int faults;

	if (spec->accel != ACCEL_TCG)
		return (struct tcg){ 0 };
	faults = find_out(loop, spec, cache, stop, why, sizeof(why));
	if (faults == NOT_KNOWN) {
		if (!*stop)
			msg_note("%s: cannot find out the faults of its TCG (%s)%s",
				 spec->program, why,
				 threads ? "; one thread is used" : "");
		return (struct tcg){ .one_thread = true };
	}
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		if (faults & (int)tests[i].fault &&
		    (threads || tests[i].fault != TCG_STALE_CODE))
			msg_note("%s %s", spec->program, tests[i].said);
	}
	return (struct tcg){
		.one_thread = !threads || faults & TCG_STALE_CODE,
		.no_cmpxchg16b = faults & TCG_CMPXCHG16B,
	};
}
