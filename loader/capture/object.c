// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads the BPF programs that this kernel has hooks for.
 *
 * Missing features are found by trying: a hook falls back to its next attach method
 * when its target is not in BTF, or the kernel refuses the program (ways.h). A refused
 * program makes its whole object fail, so each hook is then tried by itself.
 */
#include "loader/capture/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "lib/memory.h"
#include "bpf/wire.h"
#include "loader/capture/hooks.h"
#include "loader/capture/kernel.h"
#include "loader/capture/privileges.h"
#include "loader/capture/ring.h"
#include "loader/capture/session.h"
#include "loader/capture/skeleton.h"
#include "lib/msg.h"
#include "pidnstrace.skel.h"

static bool verbose;

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	if (!verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, format, args);
}

static size_t ring_size(size_t wanted)
{
	size_t size = sysconf(_SC_PAGESIZE);

	while (size < wanted)
		size *= 2;
	return size;
}

/* Everything that the objects are made from. */
struct plan {
	struct session_options options;
	struct kernel kernel;
	int copies_atomic;
	bool without_optional;	/* the kernel may have refused an optional program */
};

/* A program of another attach method is named like the trampoline's, with a suffix. */
static const struct suffix {
	const char *text;
	unsigned int ways;	/* mask of 1 << enum way */
	bool optional;
	bool on_trampoline;	/* the section names the hook; the program has copies */
} suffixes[] = {
	{ "_kprobe", WAYS_KPROBE, false, false },
	{ "_args", WAYS_KPROBE, false, false },
	{ "_beside", WAYS_KPROBE, true, true },	/* sees what a kprobe cannot */
	{ "_syscall", 1U << WAY_SYSCALL, false, false },
	{ "_perf", 1U << WAY_PERF, false, false },
};

static const struct suffix *suffix_of(const struct bpf_program *program)
{
	const char *name = bpf_program__name(program);

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t len = strlen(name), tail = strlen(suffixes[i].text);

		if (len > tail && !strcmp(name + len - tail, suffixes[i].text))
			return &suffixes[i];
	}
	return NULL;
}

int program__hook(const struct pidnstrace_bpf *skel,
		  const struct bpf_program *program)
{
	const char *name = bpf_program__name(program);
	const struct suffix *suffix = suffix_of(program);
	char base[64];

	if (!suffix || suffix->on_trampoline)
		return hook__of_section(bpf_program__section_name(program));
	snprintf(base, sizeof(base), "%.*s",
		 (int)(strlen(name) - strlen(suffix->text)), name);
	program = bpf_object__find_program_by_name(skel->obj, base);
	return program ? program__hook(skel, program) : -ENOENT;
}

bool program__is_optional(const struct bpf_program *program)
{
	const struct suffix *suffix = suffix_of(program);

	return suffix && suffix->optional;
}

/* Returns the attach methods that call the program, a mask of 1 << enum way. */
static unsigned int program__ways(const struct bpf_program *program)
{
	const struct suffix *suffix = suffix_of(program);

	return suffix ? suffix->ways :
			1U << WAY_TRAMPOLINE | 1U << WAY_TRACEPOINT |
			1U << WAY_ITERATOR;
}

/* Does the work of libbpf's "kprobe.multi/NAME", which would read all of kallsyms. */
static struct bpf_link *attach_kprobe_multi(const struct bpf_program *program,
					    const char *function, bool at_exit)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts,
		.syms = &function, .cnt = 1, .retprobe = at_exit);

	return bpf_program__attach_kprobe_multi_opts(program, NULL, &opts);
}

static struct bpf_link *attach_kprobe(const struct bpf_program *program,
				      const char *function, bool at_exit)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = at_exit);

	return bpf_program__attach_kprobe_opts(program, function, &opts);
}

struct bpf_link *program__attach(const struct bpf_program *program, enum way way)
{
	const char *section = bpf_program__section_name(program);
	bool at_exit = !strncmp(section, "kretprobe", 9);

	if (!strstr(section, "probe.multi/"))
		return bpf_program__attach(program);
	return (way == WAY_KPROBE ? attach_kprobe : attach_kprobe_multi)(
		program, strchr(section, '/') + 1, at_exit);
}

/* Returns true if nothing preempts the program; see AT_ENTRY_ATOMIC in bpf/ways.h. */
static bool is_atomic(const struct pidnstrace_bpf *skel,
		      const struct bpf_program *program)
{
	char name[64];

	snprintf(name, sizeof(name), "atomic__%s", bpf_program__name(program));
	return btf__find_by_name_kind(bpf_object__btf(skel->obj), name,
				      BTF_KIND_VAR) > 0;
}

/* Returns the number of copies of a program, by the attach method of its hook. */
static int copies_of(const struct objects *o, const struct pidnstrace_bpf *skel,
		     const struct bpf_program *program, int hook)
{
	const struct suffix *suffix = suffix_of(program);

	if (hook == WIRE_HOOK_SWEEP)
		return 1;	/* the kernel never skips an iterator */
	if (suffix && suffix->ways & WAYS_UNPREEMPTED && !suffix->on_trampoline)
		return 1;
	return is_atomic(skel, program) ? o->plan->copies_atomic : o->copies;
}

static bool is_wanted(const struct objects *o, hook_mask hooks,
		      const struct pidnstrace_bpf *skel,
		      const struct bpf_program *program, int copy)
{
	int hook = program__hook(skel, program);

	if (hook < 0 || !(hooks & HOOK_BIT(hook)))
		return false;
	if (o->plan->without_optional && program__is_optional(program))
		return false;
	if (!o->plan->kernel.has_knob &&
	    strstr(bpf_program__section_name(program), KNOB_HANDLER))
		return false;
	return program__ways(program) & 1U << hook_ways__now(&o->ways[hook]) &&
	       copy < copies_of(o, skel, program, hook);
}

/* Enables the programs of @hooks. Returns how many there are. */
static int choose_programs(const struct objects *o, hook_mask hooks,
			   struct pidnstrace_bpf *skel, int copy)
{
	struct bpf_program *program;
	int n = 0;

	bpf_object__for_each_program(program, skel->obj) {
		bool wanted = is_wanted(o, hooks, skel, program, copy);

		bpf_program__set_autoload(program, wanted);
		n += wanted;
		/* A kprobe.multi program cannot be attached to a plain kprobe. */
		if (wanted && program__ways(program) & WAYS_KPROBE &&
		    !program__is_optional(program) &&
		    hook_ways__now(&o->ways[program__hook(skel, program)]) ==
			    WAY_KPROBE)
			bpf_program__set_expected_attach_type(program, 0);
	}
	return n;
}

static void set_constants(const struct objects *o, struct pidnstrace_bpf *skel,
			  int copy)
{
	const struct session_options *options = &o->plan->options;
	const struct kernel *k = &o->plan->kernel;

	skel->rodata->change_pid_has_pids = k->change_pid_has_pids;
	skel->rodata->has_task_from_pid = k->has_task_from_pid;
	skel->rodata->wants_stacks = options->stacks;
	skel->rodata->only_failed_allocs = options->failed_allocs;
	ring__set_constants(skel, ring_size(options->ring_size));
	skel->rodata->copy = copy;
	skel->rodata->copies = o->copies;
	skel->rodata->copies_atomic = o->plan->copies_atomic;
}

/* Reuses all maps but the constants, which contain the number of the copy. */
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
 * Loads the first object: the shared maps, and the programs that look for symbols.
 * Runs those programs. Returns 0 or a negative errno.
 */
static int load_first(struct objects *o)
{
	const struct session_options *options = &o->plan->options;
	struct pidnstrace_bpf *skel = skeleton__open(o->plan->kernel.has_cast);
	struct bpf_program *program;
	int err;

	if (!skel)
		return -errno;
	privileges__prepare(skel->progs.task_exec);
	ring__size_maps(skel, ring_size(options->ring_size));
	bpf_object__for_each_program(program, skel->obj)
		bpf_program__set_autoload(program,
					  program == skel->progs.find_symbols ||
					  program == skel->progs.find_function);
	err = pidnstrace_bpf__load(skel);
	if (err) {
		pidnstrace_bpf__destroy(skel);
		return err;
	}
	kernel__find_symbols(&o->plan->kernel, skel);
	o->object[o->n++] = (struct object){ .skel = skel };
	return 0;
}

/*
 * Loads the programs of @hooks for @copy, with the maps of the first object. Returns
 * 0 or a negative errno. *@skel is NULL after an error, and if no program is needed.
 */
static int load_copy(const struct objects *o, hook_mask hooks, int copy,
		     struct pidnstrace_bpf **skel)
{
	int err = 0;

	*skel = skeleton__open(o->plan->kernel.has_cast);
	if (!*skel)
		return -errno;
	privileges__prepare((*skel)->progs.task_exec);
	set_constants(o, *skel, copy);
	if (choose_programs(o, hooks, *skel, copy)) {
		err = share_maps(o->object[0].skel, *skel);
		if (!err)
			err = pidnstrace_bpf__load(*skel);
		if (!err)
			return 0;
	}
	pidnstrace_bpf__destroy(*skel);
	*skel = NULL;
	return err;
}

/*
 * A refused program makes the whole object fail, and libbpf does not report which
 * program it was. Tries each hook by itself, and moves the refused ones to their next
 * attach method. Returns the mask of the refused hooks.
 */
static hook_mask refuse(struct objects *o, hook_mask hooks)
{
	hook_mask refused = 0;

	for (int h = 0; h < WIRE_NHOOKS; h++) {
		struct pidnstrace_bpf *skel;
		int err;

		if (!(hooks & HOOK_BIT(h)))
			continue;
		err = load_copy(o, HOOK_BIT(h), 0, &skel);
		pidnstrace_bpf__destroy(skel);
		if (!err)
			continue;
		hook_ways__refuse(&o->ways[h], err);
		refused |= HOOK_BIT(h);
	}
	return refused;
}

/*
 * Prepares the next attempt after the kernel refused @hooks: drops the optional
 * programs, and later the refused attach methods. Returns false if each hook can be
 * loaded by itself, so that no other attempt is left.
 */
static bool go_on(struct objects *o, hook_mask hooks)
{
	if (o->plan->without_optional)
		return refuse(o, hooks);
	o->plan->without_optional = true;
	return true;
}

/* Returns the hooks of the mask that have an attach method left. */
static hook_mask having_a_way(const struct objects *o, hook_mask hooks)
{
	for (int h = 0; h < WIRE_NHOOKS; h++)
		if (!hook_ways__now(&o->ways[h]))
			hooks &= ~HOOK_BIT(h);
	return hooks;
}

int objects__load_more(struct objects *o, hook_mask hooks)
{
	struct pidnstrace_bpf *skel;
	int err = -ENOENT, n = o->n;

	for (hooks = having_a_way(o, hooks); hooks; hooks = having_a_way(o, hooks)) {
		err = load_copy(o, hooks, 0, &skel);
		if (!err)
			break;
		/* The limit is the user's: the kernel refused no program. */
		if (err == -EMFILE || !go_on(o, hooks))
			return err;
	}
	for (int copy = 0; !err && copy < o->copies && o->n < OBJECTS_MAX; copy++) {
		if (copy)
			err = load_copy(o, hooks, copy, &skel);
		if (!err && skel)
			o->object[o->n++] = (struct object){ skel, copy };
	}
	/* A hook needs all its copies. */
	while (err && o->n > n)
		pidnstrace_bpf__destroy(o->object[--o->n].skel);
	return err;
}

bool objects__is_partial(const struct objects *o, enum wire_hook hook)
{
	return hook_ways__is_partial(&o->ways[hook], o->kprobe_counts_misses,
				     o->copies > 1);
}

/* Drops the attach methods that need no attempt. Returns the mask of the hooks. */
static hook_mask choose(struct objects *o)
{
	const struct plan *plan = o->plan;
	const struct kernel *k = &plan->kernel;
	/* Before 6.14 kprobes had a limit on calls in progress. */
	bool preempts = kernel__preemption(k).any && k->fprobe_has_no_limit;
	const struct ways_choice any = {}, choice = {
		.attach = plan->options.way,
		.in_functions = preempts,
		.in_tracepoints = preempts && k->tracepoints_preempt,
		.ftrace_is_off = k->ftrace_is_off,
	};

	for (int h = 0; h < WIRE_NHOOKS; h++) {
		bool wanted = plan->options.hooks & HOOK_BIT(h);
		bool there = k->has[h] || k->has_symbol[h];
		struct hook_ways *w = &o->ways[h];

		hook_ways__init(w, h, wanted && there ? &choice : &any);
		if (!wanted)
			hook_ways__drop(w, 0, -ECANCELED);
		else if (!there)
			hook_ways__drop(w, 1U << WAY_SYSCALL, -ENOENT);
		else if (!k->has[h])
			hook_ways__drop(w, ~(1U << WAY_TRAMPOLINE), -ENOENT);
	}
	return plan->options.hooks;
}

/* --- copies --- */

/*
 * Measured: 16 processes made 30,000 events on two CPUs with preempt=full. One copy
 * lost 1300 of them, two copies 41, three copies 3, and five copies 0 to 3. With
 * kprobes, 32 processes made 60,000 events: three copies lost 12, five lost none.
 */
#define COPIES_PREEMPTED 5

/* Chooses the number of copies, unless the options set one. */
static void choose_copies(struct objects *o)
{
	const struct session_options *options = &o->plan->options;
	struct preemption p = kernel__preemption(&o->plan->kernel);

	o->preemption = p.name;
	o->kprobe_counts_misses = o->plan->kernel.kprobe_counts_misses;
	o->copies = options->copies;
	if (!o->copies)
		o->copies = p.any ? COPIES_PREEMPTED : 1;
	o->plan->copies_atomic = strcmp(p.name, "rt") ? 1 : o->copies;
}

/* --- explaining a failure to load --- */

/* Tests each feature instead of the version, because distributions backport. */
static bool explain_missing(const char *release)
{
	const struct {
		const char *what, *since;
		int supported;
	} needs[] = {
		{ "BPF ring buffers", "5.8",
		  libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) },
		{ "BPF programs on functions (fentry)", "5.5",
		  libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_TRACING, NULL) },
		{ "bpf_loop()", "5.17",
		  libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_loop, NULL) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		if (needs[i].supported)
			continue;
		msg__error("this kernel, %s, has no %s, which came with %s: 6.1 or later is needed",
			   release, needs[i].what, needs[i].since);
		return true;
	}
	return false;
}

static void explain(const struct session_options *options, int err)
{
	struct utsname uts;

	if (err == -EPERM || err == -EACCES) {
		msg__error("BPF programs: %s: CAP_BPF and CAP_PERFMON in the initial user namespace are needed, and a kernel that is not locked down: run as root of the host",
			   strerror(-err));
		return;
	}
	if (err == -EMFILE) {
		msg__error("BPF programs: each is an open file, and no more than %ld of those are allowed: raise the hard limit (ulimit -Hn), or lower --copies",
			   sysconf(_SC_OPEN_MAX));
		return;
	}
	uname(&uts);
	if (!explain_missing(uts.release))
		msg__error("BPF programs, with a ring buffer of %zu bytes: %s%s",
			   ring_size(options->ring_size), strerror(-err),
			   verbose ? "" : ": --verbose shows the messages of the kernel");
}

int objects__load(const struct session_options *options, struct objects *o)
{
	struct plan *plan = xcalloc(1, sizeof(*plan));
	int err;

	memset(o, 0, sizeof(*o));
	plan->options = *options;
	o->plan = plan;
	verbose = options->verbose;
	libbpf_set_print(print);
	err = kernel__read_btf(&plan->kernel);
	if (err)
		goto fail;
	err = load_first(o);
	if (!err) {
		choose_copies(o);
		err = objects__load_more(o, choose(o));
	}
	if (!err)
		return 0;
	explain(options, err);
fail:
	objects__free(o);
	return err;
}

void objects__free(struct objects *o)
{
	while (o->n)
		pidnstrace_bpf__destroy(o->object[--o->n].skel);
	free(o->plan);
	memset(o, 0, sizeof(*o));
}
