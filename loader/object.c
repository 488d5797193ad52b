// SPDX-License-Identifier: GPL-2.0-only
/*
 * object.c - loading the BPF programs that this kernel has hooks for.
 *
 * What it lacks is found by trying: a hook whose target is not in BTF is left
 * out, and one whose program the verifier refuses.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "../bpf/wire.h"
#include "../bpf/counts.h"
#include "btf_scan.h"
#include "hooks.h"
#include "msg.h"
#include "object.h"
#include "session.h"
#include "pidnstrace.skel.h"

/* What the kernel has, as far as the programs must know before they load. */
struct kernel {
	bool has[WIRE_NHOOKS];
	bool change_pid_has_pids;
	bool has_task_from_pid;
	bool has_knob;
	/* find_symbols() finds these. */
	__u64 tasklist_lock;
	int preempt_mode;
	bool fprobe_has_no_limit;
};

static bool verbose;

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	if (!verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, format, args);
}

/* --- what must be there --- */

static bool has_capability(const struct __user_cap_data_struct *data, int cap)
{
	return data[cap / 32].effective & 1U << cap % 32;
}

static int check_privileges(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};
	bool bpf, perfmon;

	if (syscall(SYS_capget, &header, data))
		return -errno;
	if (has_capability(data, CAP_SYS_ADMIN))
		return 0;
	bpf = has_capability(data, CAP_BPF);
	perfmon = has_capability(data, CAP_PERFMON);
	if (bpf && perfmon)
		return 0;
	msg__error("loading BPF programs needs %s%s%s: run as root, or give the capabilities to this program",
		   bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : " and ",
		   perfmon ? "" : "CAP_PERFMON");
	return -EPERM;
}

int session__check(void)
{
	int err = check_privileges();

	if (err)
		return err;
	if (access(BTF_FILE, R_OK)) {
		err = -errno;
		msg__error(BTF_FILE ": %s: the kernel must be built with CONFIG_DEBUG_INFO_BTF=y and sysfs be mounted",
			   strerror(-err));
		return err;
	}
	return 0;
}

static int kernel__look(struct kernel *k)
{
	enum { TASK_FROM_PID = WIRE_NHOOKS, KNOB, NWANTS };
	struct btf_want wants[NWANTS] = {
		[KNOB] = { .name = KNOB_HANDLER, .kind = BTF_WANT_FUNC },
		[TASK_FROM_PID] = { .name = "bpf_task_from_pid",
				    .kind = BTF_WANT_FUNC },
	};
	int err;

	for (int h = 0; h < WIRE_NHOOKS; h++)
		hook__want(h, &wants[h]);
	err = btf_scan__file(BTF_FILE, wants, NWANTS);
	if (err) {
		msg__error(BTF_FILE ": %s", strerror(-err));
		return err;
	}
	for (int h = 0; h < WIRE_NHOOKS; h++)
		k->has[h] = wants[h].found;
	/* 6.15 put struct pid **pids in front */
	k->change_pid_has_pids = wants[WIRE_HOOK_CHANGE_PID].args == 4;
	k->has_task_from_pid = wants[TASK_FROM_PID].found;
	k->has_knob = wants[KNOB].found;
	return 0;
}

/* --- loading --- */

static size_t ring_size(size_t wanted)
{
	size_t size = sysconf(_SC_PAGESIZE);

	while (size < wanted)
		size *= 2;
	return size;
}

/* A plan says which programs are loaded, how often, and how they are called. */
struct plan {
	const struct session_options *options;
	const struct kernel *kernel;
	uint32_t mask;		/* 1 << enum wire_hook */
	int copies, copies_atomic;
	enum attach_way way;
};

/* A program on a kprobe has the name of the one on a trampoline, and a suffix. */
static const char *const kprobe_suffixes[] = { "_kprobe", "_args" };

/* This suffix marks a program on a trampoline that does what a kprobe cannot. */
#define BESIDE "_beside"

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = strlen(suffix);

	return len > tail && !strcmp(name + len - tail, suffix);
}

static bool is_on_kprobe(const struct bpf_program *program)
{
	for (size_t i = 0; i < sizeof(kprobe_suffixes) / sizeof(kprobe_suffixes[0]); i++)
		if (has_suffix(bpf_program__name(program), kprobe_suffixes[i]))
			return true;
	return false;
}

/* Can the program on a trampoline be had on a kprobe as well? */
static bool has_kprobe(const struct pidnstrace_bpf *skel,
		       const struct bpf_program *program)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_kprobe", bpf_program__name(program));
	return bpf_object__find_program_by_name(skel->obj, name);
}

int program__hook(const struct pidnstrace_bpf *skel,
		  const struct bpf_program *program)
{
	const char *name = bpf_program__name(program);
	char base[64];

	if (!is_on_kprobe(program))
		return hook__of_section(bpf_program__section_name(program));
	snprintf(base, sizeof(base), "%.*s",
		 (int)(strrchr(name, '_') - name), name);
	program = bpf_object__find_program_by_name(skel->obj, base);
	return program ? program__hook(skel, program) : -ENOENT;
}

/* Is it one that nothing preempts? See PROGRAM_ATOMIC in bpf/turn.h. */
static bool is_atomic(const struct pidnstrace_bpf *skel,
		      const struct bpf_program *program)
{
	char name[64];

	snprintf(name, sizeof(name), "atomic__%s", bpf_program__name(program));
	return btf__find_by_name_kind(bpf_object__btf(skel->obj), name,
				      BTF_KIND_VAR) > 0;
}

static bool is_wanted(const struct plan *plan, const struct pidnstrace_bpf *skel,
		      const struct bpf_program *program, int copy)
{
	int hook = program__hook(skel, program);

	if (hook < 0 || !(plan->mask & 1U << hook))
		return false;
	if (!plan->kernel->has_knob &&
	    strstr(bpf_program__section_name(program), KNOB_HANDLER))
		return false;
	if (is_on_kprobe(program))
		return plan->way == ATTACH_KPROBE && !copy;
	if (has_suffix(bpf_program__name(program), BESIDE) &&
	    plan->way != ATTACH_KPROBE)
		return false;
	if (plan->way == ATTACH_KPROBE && has_kprobe(skel, program))
		return false;
	if (hook == WIRE_HOOK_SWEEP)
		return !copy;	/* an iterator is never skipped */
	return copy < (is_atomic(skel, program) ? plan->copies_atomic :
						  plan->copies);
}

/*
 * Opens the object with the programs of @plan switched on. The caller loads and
 * destroys it.
 */
static struct pidnstrace_bpf *open_object(const struct plan *plan, int copy)
{
	const struct session_options *options = plan->options;
	const struct kernel *k = plan->kernel;
	struct pidnstrace_bpf *skel = pidnstrace_bpf__open();
	struct bpf_program *program;

	if (!skel)
		return NULL;
	skel->rodata->change_pid_has_pids = k->change_pid_has_pids;
	skel->rodata->has_task_from_pid = k->has_task_from_pid;
	skel->rodata->wants_stacks = options->stacks;
	skel->rodata->wakeup_bytes = ring_size(options->ring_size) / 8;
	skel->rodata->copy = copy;
	skel->rodata->copies = plan->copies;
	skel->rodata->copies_atomic = plan->copies_atomic;
	skel->bss->tasklist_lock_address = k->tasklist_lock;
	bpf_map__set_max_entries(skel->maps.ring, ring_size(options->ring_size));
	bpf_object__for_each_program(program, skel->obj)
		bpf_program__set_autoload(program, is_wanted(plan, skel, program, copy));
	return skel;
}

/* All but the constants, which say what number a copy has. */
static int share_maps(struct pidnstrace_bpf *first, struct pidnstrace_bpf *skel)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, skel->obj) {
		const char *name = bpf_map__name(map);
		int err;

		if (map == skel->maps.rodata)
			continue;
		err = bpf_map__reuse_fd(map, bpf_object__find_map_fd_by_name(
						     first->obj, name));
		if (err)
			return err;
	}
	return 0;
}

/*
 * Loads what @plan has for @copy, with the maps of @first, or with its own if that
 * is NULL. Returns 0, or a negative errno and no object.
 */
static int load_copy(const struct plan *plan, int copy,
		     struct pidnstrace_bpf *first, struct pidnstrace_bpf **skel)
{
	int err = 0;

	*skel = open_object(plan, copy);
	if (!*skel)
		return -errno;
	if (first)
		err = share_maps(first, *skel);
	if (!err)
		err = pidnstrace_bpf__load(*skel);
	if (!err)
		return 0;
	pidnstrace_bpf__destroy(*skel);
	*skel = NULL;
	return err;
}

/* Lets the kernel say what the programs must know; not finding it is no error. */
static int kernel__ask(struct kernel *k)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct pidnstrace_bpf *skel = pidnstrace_bpf__open();
	struct bpf_program *program;
	int err;

	if (!skel)
		return -errno;
	bpf_map__set_max_entries(skel->maps.ring, sysconf(_SC_PAGESIZE));
	bpf_object__for_each_program(program, skel->obj)
		bpf_program__set_autoload(program,
					  program == skel->progs.find_symbols);
	err = pidnstrace_bpf__load(skel);
	if (!err) {
		bpf_prog_test_run_opts(bpf_program__fd(skel->progs.find_symbols),
				       &opts);
		k->tasklist_lock = skel->bss->tasklist_lock_address;
		k->preempt_mode = skel->data->preempt_mode;
		k->fprobe_has_no_limit = skel->bss->fprobe_has_no_limit;
	}
	pidnstrace_bpf__destroy(skel);
	return err;
}

/*
 * One program that the verifier refuses makes the object fail as a whole, and
 * libbpf does not say which it was: try each by itself.
 */
static uint32_t find_loadable(const struct plan *plan, int errors[WIRE_NHOOKS])
{
	struct plan one = *plan;
	uint32_t good = 0;

	for (int h = 0; h < WIRE_NHOOKS; h++) {
		struct pidnstrace_bpf *skel;

		if (!(plan->mask & 1U << h))
			continue;
		one.mask = 1U << h;
		errors[h] = load_copy(&one, 0, NULL, &skel);
		pidnstrace_bpf__destroy(skel);
		if (!errors[h])
			good |= 1U << h;
	}
	return good;
}

/* Sets errors[] of what is not wanted or not there. Returns the mask of the rest. */
static uint32_t choose(const struct session_options *options,
		       const struct kernel *k, int errors[WIRE_NHOOKS])
{
	uint32_t mask = 0;

	for (int h = 0; h < WIRE_NHOOKS; h++) {
		if (!(options->hooks & 1U << h))
			errors[h] = -ECANCELED;
		else if (!k->has[h])
			errors[h] = -ENOENT;
		else
			mask |= 1U << h;
	}
	return mask;
}

static int load_all(struct plan *plan, int errors[WIRE_NHOOKS],
		    struct objects *o)
{
	uint32_t mask = plan->mask;
	int err = load_copy(plan, 0, NULL, &o->copy[0]);

	if (err) {
		plan->mask = find_loadable(plan, errors);
		if (plan->mask == mask || !plan->mask)
			return err;	/* it is not the programs: no memory, no ring */
		err = load_copy(plan, 0, NULL, &o->copy[0]);
	}
	for (int i = 1; !err && i < plan->copies; i++)
		err = load_copy(plan, i, o->copy[0], &o->copy[i]);
	return err;
}

/* --- copies and ways --- */

/*
 * Sixteen processes made 30,000 events on two CPUs with preempt=full. One copy lost
 * 1300 of them, two lost 41, three lost 3, and five lost 0 to 3. With kprobes, 32
 * processes made 60,000 events: three copies lost 12, and five lost none.
 */
#define COPIES_PREEMPTED 5

struct preemption {
	const char *name;
	bool any;		/* programs are preempted */
};

/*
 * A kernel that may preempt says so in its version, "#1 SMP PREEMPT_DYNAMIC"
 * (init/Makefile). With PREEMPT_DYNAMIC the boot parameter preempt= chooses.
 */
static struct preemption preemption_of(const struct kernel *k,
				       const struct utsname *uts)
{
	static const struct preemption modes[] = {
		[PREEMPT_MODE_NONE] = { "none", false },
		[PREEMPT_MODE_VOLUNTARY] = { "voluntary", false },
		[PREEMPT_MODE_FULL] = { "full", true },
		[PREEMPT_MODE_LAZY] = { "lazy", true },
	};

	if (!strstr(uts->version, " PREEMPT"))
		return (struct preemption){ "no", false };
	if (strstr(uts->version, " PREEMPT_RT"))
		return (struct preemption){ "rt", true };
	if (k->preempt_mode >= 0 &&
	    k->preempt_mode < (int)(sizeof(modes) / sizeof(modes[0])))
		return modes[k->preempt_mode];
	return (struct preemption){ "yes", true };
}

/* Decides for what the options leave open. */
static void choose_way(struct plan *plan, struct objects *o)
{
	struct utsname uts = {};
	struct preemption p;

	uname(&uts);
	p = preemption_of(plan->kernel, &uts);
	o->preemption = p.name;
	plan->way = plan->options->way;
	if (plan->way == ATTACH_AUTO)
		plan->way = p.any && plan->kernel->fprobe_has_no_limit ?
				    ATTACH_KPROBE : ATTACH_TRAMPOLINE;
	plan->copies = plan->options->copies;
	if (!plan->copies)
		plan->copies = p.any ? COPIES_PREEMPTED : 1;
	plan->copies_atomic = strcmp(p.name, "rt") ? 1 : plan->copies;
	o->copies = plan->copies;
	o->way = plan->way;
}

/* --- what it is, when nothing can be loaded --- */

static int probe_ring(void)
{
	return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL);
}

static int probe_tracing(void)
{
	return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_TRACING, NULL);
}

static int probe_loop(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_loop,
				       NULL);
}

/* What the programs cannot do without, and the kernel that had it first. */
static const struct need {
	const char *what, *since;
	int (*probe)(void);	/* 1: it is there, 0: it is not */
} needs[] = {
	{ "BPF ring buffers", "5.8", probe_ring },
	{ "BPF programs on functions (fentry)", "5.5", probe_tracing },
	{ "bpf_loop()", "5.17", probe_loop },
};

/* Found by trying, not by the version: distributions carry things back. */
static const struct need *find_missing(void)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (!needs[i].probe())
			return &needs[i];
	return NULL;
}

static void explain(const struct session_options *options, int err)
{
	const struct need *missing;
	struct utsname uts;

	if (err == -EPERM || err == -EACCES) {
		msg__error("BPF programs: %s: CAP_BPF and CAP_PERFMON are needed in the initial user namespace, and a kernel that is not locked down: run as root of the machine",
			   strerror(-err));
		return;
	}
	missing = find_missing();
	uname(&uts);
	if (missing)
		msg__error("this kernel, %s, has no %s, which came with %s: 6.1 or later is needed",
			   uts.release, missing->what, missing->since);
	else
		msg__error("BPF programs, with a ring buffer of %zu bytes: %s%s",
			   ring_size(options->ring_size), strerror(-err),
			   verbose ? "" : ": --verbose shows what the kernel says");
}

int objects__load(const struct session_options *options,
		  int errors[WIRE_NHOOKS], struct objects *o)
{
	struct kernel k = {};
	struct plan plan = { .options = options, .kernel = &k };
	int err;

	memset(o, 0, sizeof(*o));
	verbose = options->verbose;
	libbpf_set_print(print);
	err = kernel__look(&k);
	if (err)
		return err;
	err = kernel__ask(&k);
	if (!err) {
		choose_way(&plan, o);
		plan.mask = choose(options, &k, errors);
		err = load_all(&plan, errors, o);
	}
	if (!err)
		return 0;
	explain(options, err);
	objects__free(o);
	return err;
}

void objects__free(struct objects *o)
{
	for (int i = 0; i < COPIES_MAX; i++)
		pidnstrace_bpf__destroy(o->copy[i]);
	memset(o, 0, sizeof(*o));
}
