// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boots a guest that tests its CPUs (vmtest/guest/tcg.c), and caches the result. QEMU's
 * version is ignored: a QEMU that passes a test is used as if it had never had the
 * fault.
 *
 * Stale code. With a thread for each CPU (MTTCG), QEMU may translate an instruction
 * while another thread writes it, and then keeps a translation of code that is no
 * longer there. A kernel that patches its text (static keys, tracepoints, BPF
 * trampolines) dies of this: "Oops: int3", at an int3 that the kernel has replaced.
 * QEMU before 8.1 reads the code before it protects the page; commit deba78709ae8
 * ("accel/tcg: Always lock pages before translation") closed this window, but a store
 * still invalidates first and writes afterwards (notdirty_write() in
 * accel/tcg/cputlb.c), with no lock over both. Under one load of static key switches,
 * QEMU 7.2 killed two guests of three, 10.0 one of eight; the probe detects the fault
 * in 7.2, 10.0 and 11.1, each within a second. On a host with one CPU the race shows
 * too rarely to be found, and threads gain nothing: one thread is used there regardless
 * of the probe, and the result is not used on hosts with more CPUs.
 *
 * cmpxchg16b. QEMU before 8.0 computes the flags from the state last stored for lazy
 * evaluation, which may be an operand of an earlier instruction: in 7.2,
 * gen_helper_cmpxchg16b() in target/i386/tcg/translate.c is not preceded by
 * gen_update_cc_op(). The flag that the kernel reads is right, and the next addition
 * recomputes all flags. But an interrupt in between saves a part of a pointer as
 * EFLAGS, and the return from the interrupt restores bits that may be NT or TF: a
 * double fault, in a function of the slab allocator, which is full of cmpxchg16b.
 * Without the instruction in CPUID the kernel takes a lock instead. Programs that
 * require x86-64-v2 do not start then, so only a QEMU with this fault hides the
 * instruction.
 */
#include "vmtest/host/tcg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/host/host.h"
#include "vmtest/host/probe.h"
#include "vmtest/wire/protocol.h"

/* Limit for a boot on a busy host and for the tests. */
#define PROBE_S 60.0

static const struct fault_test {
	enum tcg_fault fault;
	const char *test;	/* in the guest */
	const char *said;	/* message after the program's name */
} tests[] = {
	{ TCG_STALE_CODE, STALE_TEST,
	  "runs stale code under thread=multi (found by booting); one thread is used" },
	{ TCG_CMPXCHG16B, CMPXCHG16B_TEST,
	  "gets the flags of cmpxchg16b wrong (found by booting); CPUs without it are used" },
};

/* Without an answer of each test, !whole, faults has those found by the others. */
struct answer {
	unsigned int faults;
	bool whole;
	char why_not[256];
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
	struct answer *a = ctx;

	(void)run;
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		if (has_failed(out, tests[i].test))
			a->faults |= tests[i].fault;
	}
	a->whole = !err &&
		   out->tests.ok + out->tests.not_ok == ARRAY_SIZE(tests);
	snprintf(a->why_not, sizeof(a->why_not), "%s",
		 out->tests.skip ? "a test was skipped" : out->reason);
}

/*
 * Returns "STATE, CPUS, TESTS:" of the program, to which a cached
 * answer applies; free it. *name is the answer's file in the cache, to be freed.
 */
static char *describe(const char *program, char **name)
{
	auto_free char *state = file_state(program);
	char *is;

	if (access(program, F_OK))
		return NULL;
	is = xasprintf("%s, %s, %zu tests:", state,
		       host__cpus() > 1 ? "CPUs" : "one CPU", ARRAY_SIZE(tests));
	*name = xasprintf("%016llx", (unsigned long long)hash_str(HASH_INIT, is));
	return is;
}

static bool recall(const char *cache, const char *program, struct answer *a)
{
	auto_free char *name = NULL, *is = describe(program, &name);
	auto_free char *dir = xasprintf("%s/tcg", cache);
	auto_free char *text = is ? probe__recall(dir, name, is) : NULL;

	a->whole = text && sscanf(text, "faults %x", &a->faults) == 1;
	return a->whole;
}

int tcg__keep(const char *cache, const char *program, unsigned int faults)
{
	auto_free char *name = NULL, *is = describe(program, &name);
	auto_free char *dir = xasprintf("%s/tcg", cache);
	auto_free char *text = xasprintf("faults %x", faults);

	return is ? probe__keep(dir, name, is, text) : -ENOENT;
}

/* Boots with two CPUs and two threads, as the race of the first test needs both. */
static void boot(struct loop *loop, const struct run_spec *spec,
		 const int *stop, struct answer *a)
{
	char *words[] = { (char *)"/init", (char *)TCG_FLAG, NULL };
	const struct strv cmd = { .v = words, .n = 2 }, none = { 0 };
	struct run_spec s = *spec;

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
	probe__boot(loop, &s, stop, on_done, a);
}

static struct answer find_out(struct loop *loop, const struct run_spec *spec,
			      const char *cache, const int *stop)
{
	struct answer a = { 0 };

	if (recall(cache, spec->program, &a)) {
		msg__debug("%s: the faults of its TCG are known from an earlier boot",
			  spec->program);
		return a;
	}
	boot(loop, spec, stop, &a);
	/* If the answer cannot be kept, the next runner repeats the probe. */
	if (a.whole)
		tcg__keep(cache, spec->program, a.faults);
	return a;
}

struct tcg tcg__find_out(struct loop *loop, const struct run_spec *spec,
			 const char *cache, const int *stop)
{
	bool threads = spec->cpus != 1 && !spec->icount && host__cpus() > 1;
	struct answer a;

	if (spec->accel != ACCEL_TCG)
		return (struct tcg){ 0 };
	a = find_out(loop, spec, cache, stop);
	if (!a.whole && !*stop)
		msg__note("%s: cannot determine the faults of its TCG (%s)%s",
			 spec->program, a.why_not,
			 threads ? "; one thread is used" : "");
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		if (a.faults & tests[i].fault &&
		    (threads || tests[i].fault != TCG_STALE_CODE))
			msg__note("%s %s", spec->program, tests[i].said);
	}
	return (struct tcg){
		.one_thread = !threads || !a.whole ||
			      a.faults & TCG_STALE_CODE,
		.no_cmpxchg16b = a.faults & TCG_CMPXCHG16B,
	};
}
