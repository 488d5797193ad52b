// SPDX-License-Identifier: GPL-2.0-only
/*
 * Implements `pidnstrace tree', which prints the namespaces and their processes as one
 * sweep over all threads finds them. No other hook is loaded.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/capture/hooks.h"
#include "loader/capture/observe.h"
#include "loader/cmd/cmd.h"
#include "loader/cmd/option.h"
#include "loader/view/printer.h"

#define MEMBER(name) offsetof(struct print_opts, name)

static const struct option_row rows[] = {
	{ "namespace", 'n', "NS",
	  "only processes that have a pid in pid namespace NS; NS is a number as in pid:[4026531836], or a path such as /proc/1/ns/pid; may be repeated",
	  .member = MEMBER(filter), .parse = option__filter },
	{ "format", 0, "FORMAT", "text, or json: one object per namespace (default text)",
	  .member = MEMBER(format), .parse = option__print_format,
	  .wrong = "not one of " JSON_WORDS },
	{ "json", 0, NULL, "the same as --format=json", .member = MEMBER(format),
	  .parse = option__print_format },
	{}
};

static void refuse_argument(void *values, char *arg, struct argp_state *state)
{
	(void)values;
	argp_error(state, "%s: tree takes no argument; the namespace is set by -n", arg);
}

static const struct option_table table = {
	.rows = rows,
	.argument = refuse_argument,
	.doc = "Shows the pid namespaces of the system and the processes in each, as they "
	       "are now: the parent of each process, whether it is being killed or is a "
	       "zombie, and for whom the init of a dying namespace waits."
	       "\v"
	       "Exit status: 0; 2 wrong usage, no process in the namespace, no "
	       "privileges, no BTF, an output that cannot be written; 3 this kernel does "
	       "not let us see the processes.",
};

/* The observation is over after its first sweep. */
static bool at_once(void *ctx)
{
	(void)ctx;
	return true;
}

static void complain(const struct printer *p, int err, bool unseen)
{
	const char *ns = printer__missing_namespace(p);

	if (err == -ESRCH && ns)
		msg__error(NO_PROCESS_IN, ns);
	else if (err && (ferror(stdout) || err == -EPIPE))
		msg__error("output: %s", strerror(-err));
	else if (!err && unseen)
		msg__error("this kernel does not let us see its processes; `pidnstrace probe' says why");
}

/* Notes whether the sweep could not be attached, and passes all records on. */
struct tree {
	struct record_sink sink;	/* first member: cast to the tree */
	struct record_sink *next;
	bool unseen;
};

static int take(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct tree *t = (struct tree *)sink;
	const struct wire_meta_hook *hook = (const void *)rec;

	if (rec->type == WIRE_META_HOOK && hook->hook == WIRE_HOOK_SWEEP && hook->error)
		t->unseen = true;
	return record_sink__record(t->next, rec);
}

int cmd_tree(int argc, char **argv)
{
	struct print_opts print = { .views = PRINT_TREE, .everyone = true };
	struct tree t = { .sink.record = take };
	struct observe_options observe_opts;
	struct observe_result seen;
	struct printer *printer;
	int err;

	if (options__parse(&table, argc, argv, 0, &print))
		return EXIT_USAGE;
	observe_options__init(&observe_opts);
	observe_opts.session.hooks = HOOK(SWEEP);
	observe_opts.sweep_ms = 0;
	observe_opts.look_first = true;
	observe_opts.done = at_once;
	setvbuf(stdout, NULL, _IOFBF, PRINT_BUFFER);
	printer = printer__new(stdout, &print);
	t.next = printer__sink(printer);
	err = observe(&observe_opts, &t.sink, &seen);
	if (!err)
		err = printer__finish(printer);
	complain(printer, err, t.unseen);
	printer__free(printer);
	return err ? EXIT_USAGE : t.unseen ? EXIT_INCONCLUSIVE : EXIT_PASS;
}
