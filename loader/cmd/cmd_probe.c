// SPDX-License-Identifier: GPL-2.0-only
/*
 * Implements `pidnstrace probe', which reports the hooks that this kernel supports. The
 * answers come from attaching each hook and making it fire, not from the kernel's
 * version.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <jansson.h>

#include "lib/memory.h"
#include "loader/capture/hooks.h"
#include "loader/capture/session.h"
#include "loader/capture/workload.h"
#include "loader/cmd/cmd.h"
#include "loader/cmd/option.h"
#include "lib/msg.h"
#include "loader/trace/sink.h"

/* Time for RCU callbacks such as delayed_put_pid() to run. */
#define SETTLE_MS 200

/* Facts taken from the contents of the workload's records. */
struct facts {
	struct record_sink sink;	/* first member */
	bool tasklist_lock;	/* the lock word can be read */
	bool stacks;		/* a change_pid() has a stack */
	bool symbols;		/* ... with symbol names */
	bool task_from_pid;
	bool setns_seen;
	enum wire_knob knob;
};

struct probe {
	struct facts facts;
	struct session *session;
	bool fired[WIRE_NHOOKS];
	int steps[16];		/* result of each workload step */
	bool json;
	bool verbose;
};

static int facts__record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct facts *facts = (struct facts *)sink;

	if (rec->type < WIRE_KERNEL_TYPES &&
	    rec->flags & WIRE_F_TASKLIST_KNOWN)
		facts->tasklist_lock = true;
	switch (rec->type) {
	case WIRE_META_SYM:
		facts->symbols = true;
		break;
	case WIRE_STACK:
		if (((const struct wire_stack *)rec)->stack[0])
			facts->stacks = true;
		break;
	case WIRE_SETNS_EXIT:
		facts->setns_seen = true;
		facts->knob = ((const struct wire_setns_exit *)rec)->knob;
		facts->task_from_pid =
			((const struct wire_setns_exit *)rec)->found_known;
		break;
	}
	return 0;
}

static const char *knob_name(const struct facts *facts)
{
	if (!facts->setns_seen)
		return "unknown";
	switch (facts->knob) {
	case WIRE_KNOB_NONE:
		return "absent";
	case WIRE_KNOB_OFF:
		return "0";
	case WIRE_KNOB_ON:
		return "1";
	case WIRE_KNOB_KEEP:
		return "2";
	}
	return "unknown";
}

/* Explains why an attached hook may not have fired. */
static const char *silence(const struct probe *p, enum wire_hook hook)
{
	if (hook == WIRE_HOOK_ERROR_REPORT)
		return "not tried: it needs a kernel bug";
	if (hook == WIRE_HOOK_CGROUP_MOVE)
		return "not tried: it would move a process to another cgroup";
	if (hook >= WIRE_HOOK_RESERVE_NR && hook <= WIRE_HOOK_UNDEEPEN &&
	    p->facts.knob != WIRE_KNOB_KEEP)
		return "not tried: kernel.setns_pid_join is not 2";
	if (hook == WIRE_HOOK_UNRESERVE_NR)
		return "not tried: it needs a setns that fails late";
	if ((hook == WIRE_HOOK_PID_REWRITE || hook == WIRE_HOOK_WAKE_PARENT) &&
	    p->facts.knob != WIRE_KNOB_ON)
		return p->facts.knob == WIRE_KNOB_KEEP ?
		       "not tried: kernel.setns_pid_join is 2" :
		       "not tried: kernel.setns_pid_join is 0";
	return "no: inlined into its callers, or not reached";
}

/* Prints a refused way; successive ways with the same error share the explanation. */
static void text_refused(const struct hook_ways *w, int i)
{
	int error = w->error[i];

	printf("%s", way__name(w->hook, w->way[i]));
	if (i + 1 < w->nrefused && w->error[i + 1] == error)
		printf(", ");
	else
		printf(": %s (%s)%s", strerrorname_np(-error) ?: "ENOTSUPP",
		       way__explain(w->way[i], error), i + 1 < w->nrefused ? "; " : "");
}

/* Prints how each hook is attached, and why better ways failed. */
static void text_ways(const struct objects *objects)
{
	printf("\n%-34s %-16s %s\n", "hook", "by", "not by");
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		const struct hook_ways *w = &objects->ways[h];

		printf("%-34s %-16s ", hooks[h].name,
		       way__name(h, hook_ways__now(w)));
		for (int i = 0; i < w->nrefused; i++)
			text_refused(w, i);
		if (objects__is_partial(objects, h))
			printf("%smay miss events without counting them", w->nrefused ? "; " : "");
		putchar('\n');
	}
}

static json_t *json_refused(const struct hook_ways *w)
{
	json_t *list = json_array();

	for (int i = 0; i < w->nrefused; i++)
		json_array_append_new(list, json_pack("{s:s, s:i, s:s}",
			"way", way__name(w->hook, w->way[i]),
			"error", w->error[i],
			"why", way__explain(w->way[i], w->error[i])));
	return list;
}

static void probe__text(const struct probe *p, const char *release)
{
	const struct objects *objects = session__objects(p->session);

	printf("kernel %s\n\n%-34s %-9s %s\n", release, "hook", "attached",
	       "fired");
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		int err = session__hook_error(p->session, h);

		printf("%-34s %-9s %s\n", hooks[h].name, err ? "no" : "yes",
		       err ? hook__explain(err) :
		       p->fired[h] ? "yes" : silence(p, h));
	}
	text_ways(objects);
	printf("\n%-34s %s\n", "write lock state of tasklist_lock",
	       p->facts.tasklist_lock ? "readable" : "not readable");
	printf("%-34s %s\n", "task by number (bpf_task_from_pid)",
	       p->facts.task_from_pid ? "yes" : "no");
	printf("%-34s %s\n", "kernel stacks",
	       !p->facts.stacks ? "no" :
	       p->facts.symbols ? "yes" : "yes, without names (kptr_restrict)");
	printf("%-34s %s\n", "preemption", objects->preemption);
	printf("%-34s %d\n", "copies (trampoline, tracepoint)", objects->copies);
	printf("%-34s %s\n", "kernel.setns_pid_join", knob_name(&p->facts));
	for (int i = 0; workload_steps[i].name; i++)
		if (p->steps[i])
			printf("workload: %s: %s\n", workload_steps[i].name,
			       strerror(-p->steps[i]));
}

static int probe__json(const struct probe *p, const char *release)
{
	const struct objects *objects = session__objects(p->session);
	json_t *list = json_array(), *root;
	int err;

	for (int h = 0; h < WIRE_NHOOKS; h++) {
		const struct hook_ways *w = &objects->ways[h];
		int error = session__hook_error(p->session, h);

		json_array_append_new(list, json_pack("{s:s, s:b, s:b, s:i, s:s, s:s, s:o, s:b}",
			"name", hooks[h].name, "attached", !error,
			"fired", p->fired[h], "error", error,
			"why", error ? hook__explain(error) :
			p->fired[h] ? "" : silence(p, h),
			"way", way__name(h, hook_ways__now(w)),
			"refused", json_refused(w),
			"partial", objects__is_partial(objects, h)));
	}
	root = json_pack("{s:s, s:o, s:b, s:b, s:b, s:b, s:s, s:s, s:i}",
			 "release", release, "hooks", list,
			 "tasklist_lock", p->facts.tasklist_lock,
			 "task_from_pid", p->facts.task_from_pid,
			 "stacks", p->facts.stacks,
			 "symbols", p->facts.symbols,
			 "setns_pid_join", knob_name(&p->facts),
			 "preemption", objects->preemption,
			 "copies", objects->copies);
	if (!root)
		out_of_memory();
	err = json_dumpf(root, stdout, JSON_INDENT(1)) ? -EIO : 0;
	putchar('\n');
	json_decref(root);
	return err;
}

static void probe__run_steps(struct probe *p)
{
	for (int i = 0; workload_steps[i].name; i++) {
		p->steps[i] = workload_step__run(&workload_steps[i]);
		session__read(p->session, &p->facts.sink);
	}
	session__sweep(p->session, WIRE_SWEEP_FINAL);
	usleep(SETTLE_MS * 1000);
}

static int probe__run(struct probe *p)
{
	struct session_options options = {
		.ring_size = SESSION_RING_SIZE,
		.hooks = HOOKS_ALL,
		.stacks = true,
		.verbose = p->verbose,
	};
	struct session_counts of[WIRE_KERNEL_TYPES] = {};
	int err;

	err = session__open(&options, &p->session);
	if (!err)
		err = session__attach(p->session);
	if (!err)
		err = session__begin(p->session, &p->facts.sink);
	if (err)
		return err;
	probe__run_steps(p);
	err = session__end(p->session, &p->facts.sink);
	if (!err)
		err = session__count(p->session, of);
	for (int h = 0; !err && h < WIRE_NHOOKS; h++)
		p->fired[h] = of[hooks[h].type].hits;
	return err;
}

static const struct option_table options = {
	.rows = (const struct option_row[]){
		{ "format", 'f', "FORMAT", "text or json (default text)",
		  .member = offsetof(struct probe, json), .parse = option__json,
	  .wrong = "not one of " JSON_WORDS },
		{ "verbose", 'v', NULL, "show the messages of libbpf and of the verifier",
		  .member = offsetof(struct probe, verbose), .parse = option__flag },
		{}
	},
	.doc = "Shows which hooks can be attached on this kernel, which of them "
	       "fire when test processes are created, moved and ended, how each "
	       "hook is attached, and why no better method is used."
	       "\v"
	       "Exit status: 0 the kernel was probed, whatever the result; 2 wrong "
	       "usage, no privileges, no BTF.",
};

int cmd_probe(int argc, char **argv)
{
	struct probe p = { .facts.sink.record = facts__record };
	struct utsname uts;
	int err;

	if (options__parse(&options, argc, argv, 0, &p))
		return EXIT_USAGE;
	err = probe__run(&p);
	if (!err) {
		uname(&uts);
		if (p.json)
			err = probe__json(&p, uts.release);
		else
			probe__text(&p, uts.release);
		if (fflush(stdout) && !err)
			err = -errno;
		if (err)
			msg__error("output: %s", strerror(-err));
	}
	session__free(p.session);
	return err ? EXIT_USAGE : 0;
}
