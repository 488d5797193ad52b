// SPDX-License-Identifier: GPL-2.0-only
/* Parses and checks the command lines of vmtest, bisect-step and shell by argp. */
#include "vmtest/options/options.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/arguments.h"
#include "lib/suggest.h"
#include "vmtest/host/accel.h"
#include "vmtest/options/bisect.h"
#include "vmtest/options/commands.h"
#include "vmtest/wire/tests.h"

#define SEEDS_MAX 1000000
#define JOBS_MAX 64
#define TIMEOUT_MAX (24 * 3600)
#define MEMORY_MIN 64
#define MEMORY_MAX (1 << 20)

const char *argp_program_version = "vmtest 1";

static const char doc[] =
	"Boots a kernel under QEMU and runs the tests, or CMD, in it, while pidnstrace watches every rewrite of a pid. Prints a verdict, and keeps the evidence."
	"\v"
	"Exit status: 0 PASS, 1 FAIL, 2 usage or environment, 3 INCONCLUSIVE, 4 SPLAT, 5 PANIC, 6 HANG, 7 LOST. With several runs, the status is that of the worst verdict, in the order PANIC, HANG, SPLAT, FAIL, LOST, INCONCLUSIVE, PASS. The last line has the verdict and the status.\n";

static const char environment[] =
	"Environment: QEMU (program), CACHE (default ~/.cache/pidns-vmtest), KERNEL_SRC (your own kernel tree), BZIMAGE (same as --kernel), JOBS (compilers that a kernel build runs at once), COLUMNS (width of the table), NO_COLOR.\n";

enum {
	OPT_TARGET = 0x100, OPT_SEED, OPT_RUNS, OPT_JOBS, OPT_ACCEL,
	OPT_TIMEOUT, OPT_OUT, OPT_ADD, OPT_LIST, OPT_OPS, OPT_TESTS,
	OPT_KERNEL, OPT_APPEND, OPT_CPUS, OPT_WIDEN, OPT_NO_WIDEN, OPT_MUTANTS,
	OPT_RATE, OPT_RULES, OPT_HISTORY, OPT_CONTROL, OPT_TABLE, OPT_ONLY, OPT_SAMPLE, OPT_LINE, OPT_KTAP,
	OPT_NO_SNAPSHOT,
	OPT_RECORD, OPT_ICOUNT, OPT_UNTIL_FAIL, OPT_BARE, OPT_MEMORY, OPT_GDB,
	OPT_COLOR,
};

static const struct argp_option opts[] = {
	{ "target", OPT_TARGET, "T", 0, "Boot target T (--list names them; default join-6.12); may be repeated", 0 },
	{ "kernel", OPT_KERNEL, "IMAGE", 0, "Boot this vmlinux or bzImage, a distribution's or your own; without --target, the table has one row for it, named after its version", 0 },
	{ "ktap", OPT_KTAP, NULL, 0, "CMD is a test that prints KTAP to standard output", 0 },
	{ "bare", OPT_BARE, NULL, 0, "Run CMD without pidnstrace: no rules are checked, and PASS requires only exit status 0 and a clean console", 0 },
	{ "list", OPT_LIST, NULL, 0, "List the targets", 0 },
	{ "seed", OPT_SEED, "N[..M]", 0, "Seed, or one run for each seed from N to M (default 1)", 0 },
	{ "runs", OPT_RUNS, "N", 0, "Run each seed N times (default 1)", 0 },
	{ "jobs", OPT_JOBS, "N", 0, "Run N guests at once (default: as many as CPUs and memory allow, at most 8; 1 with --until-fail, or with a CMD without --ktap)", 0 },
	{ "ops", OPT_OPS, "M", 0, "Run M operations in the stress test", 0 },
	{ "tests", OPT_TESTS, "A,B", 0, "Run only these test programs, out of %s (default: all that apply: failnth if the kernel can inject allocation failures, races on join kernels with two CPUs, entrances on all but seed kernels, dangerous on seed kernels only). NAME:TEXT, which cannot be part of a list, runs the cases of NAME that TEXT selects; may be repeated", 0 },
	{ "timeout", OPT_TIMEOUT, "S", 0, "Report HANG after S seconds without progress (default 30 under KVM, 120 under TCG)", 0 },
	{ "accel", OPT_ACCEL, "auto|kvm|tcg", 0, "Accelerator; auto (the default) boots a guest under KVM once to test whether KVM works", 0 },
	{ "out", OPT_OUT, "DIR", 0, "Write the runs' files below DIR (default build/vmtest)", 0 },
	{ "add", OPT_ADD, "FILE[:PATH]", 0, "Pack FILE into the guest as PATH, and if it is a program, its libraries or interpreter; may be repeated", 0 },
	{ "append", OPT_APPEND, "WORDS", 0, "Add WORDS to the guest kernel's command line; may be repeated", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "Give a guest N CPUs (default 2; 1 for mutants that are not races)", 0 },
	{ "memory", OPT_MEMORY, "MIB", 0, "Give a guest MIB of memory (default 512, more if the kernel needs it)", 0 },
	{ "widen", OPT_WIDEN, NULL, 0, "Widen race windows: a BPF program delays tasks where they race, by delays derived from the seed", 0 },
	{ "no-widen", OPT_NO_WIDEN, NULL, 0, "Do not delay tasks (the default, except for race mutants and --mutants-control)", 0 },
	{ "no-snapshot", OPT_NO_SNAPSHOT, NULL, 0, "Boot a guest for each run, instead of resuming one that was booted once and saved in the cache", 0 },
	{ "record", OPT_RECORD, NULL, 0, "Record the run, on one CPU under TCG, so that `vmtest replay DIR' repeats it bit for bit, forwards and backwards", 0 },
	{ "until-fail", OPT_UNTIL_FAIL, NULL, 0, "With --record and a range of seeds: stop after the first run with an unexpected verdict, and keep only this one", 0 },
	{ "gdb", OPT_GDB, "SCRIPT", OPTION_ARG_OPTIONAL, "Boot the guest, stop it before its tests or CMD start, and connect gdb to it. gdb runs the commands in SCRIPT, or uses the terminal; without a terminal, the gdb command is printed. No timeout applies while the guest is stopped", 0 },
	{ "icount", OPT_ICOUNT, "SHIFT", OPTION_ARG_OPTIONAL, "Derive the guest's time from the number of instructions executed, on one CPU under TCG, and print that number; an instruction takes 2^SHIFT ns (default 5)", 0 },
	{ "color", OPT_COLOR, "WHEN", 0, "Colour the verdicts: auto, always or never (default auto: on a terminal, unless NO_COLOR is set)", 0 },
	{ "verbose", 'v', NULL, 0, "Print what is being done", 0 },
	{ NULL, 0, NULL, 0, "Mutants: kernels with one fault each, all in one image (mutants-6.12, that of --line, or --target T with a table of your own):", 1 },
	{ "mutants", OPT_MUTANTS, NULL, 0, "Boot each mutant, and report whether its fault is found by a catcher that the table lists for it; a race is tried with three seeds", 1 },
	{ "mutants-rate", OPT_RATE, NULL, 0, "Count in how many of ten seeds each race is found, with and without --widen", 1 },
	{ "mutants-rules", OPT_RULES, NULL, 0, "Check that each rule of the catalogue is violated by a mutant, in a run that only a violation of this rule ends early", 1 },
	{ "mutants-history", OPT_HISTORY, NULL, 0, "Count in how many of ten seeds each bug that mainline once had is found (history-6.12, tests/mutants/history.txt); 95 % of the bugs must be found, each with nine seeds of ten", 1 },
	{ "mutants-control", OPT_CONTROL, NULL, 0, "Boot the image without a fault, and run a short stress test, or the tests of --mutants-table, with 50 seeds; nothing may be found", 1 },
	{ "only", OPT_ONLY, "ID,...", 0, "Run only these mutants, or with --mutants-rules only these rules", 1 },
	{ "sample", OPT_SAMPLE, NULL, 0, "Run only the mutants of `make check'", 1 },
	{ "line", OPT_LINE, "VERSION", 0, "The kernel line of the image, as in its target's name (default " MUTANTS_LINE ", or that of --target)", 1 },
	{ "mutants-table", OPT_TABLE, "FILE", 0, "Read this table instead of tests/mutants/mutants.txt or history.txt", 1 },
	{ NULL, 'h', NULL, 0, "Same as --help and `vmtest help'", -1 },
	{ 0 },
};

static int bad(const char *option, const char *arg, const char *want)
{
	msg__error("--%s %s: %s; see --help", option, arg, want);
	return EINVAL;
}

static int parse_number(const char *option, const char *arg, uint64_t min,
			uint64_t max, uint64_t *out)
{
	auto_free char *want = NULL;

	if (!parse_u64(arg, min, max, out))
		return 0;
	want = xasprintf("expected a number from %llu to %llu",
			 (unsigned long long)min, (unsigned long long)max);
	bad(option, arg, want);
	return EINVAL;
}

static int parse_seeds(struct options *o, const char *arg)
{
	char *copy = xstrdup(arg), *dots = strstr(copy, "..");
	int err;

	if (dots)
		*dots = '\0';
	/* Seeds go through JSON, whose integers are signed. */
	err = parse_u64(copy, 0, INT64_MAX, &o->seed_first);
	o->seed_last = o->seed_first;
	o->seeds_given = true;
	if (!err && dots)
		err = parse_u64(dots + 2, o->seed_first, INT64_MAX,
				&o->seed_last);
	if (!err && o->seed_last - o->seed_first >= SEEDS_MAX)
		err = -ERANGE;
	free(copy);
	return err ? bad("seed", arg, "expected a number, or a range such as 1..20") : 0;
}

static void add_words(struct strv *s, const char *arg)
{
	char *copy = xstrdup(arg), *word, *rest = copy;

	while ((word = strsep(&rest, ",")))
		strv__add(s, word);
	free(copy);
}

/* Returns "semantics, purposes, ... and dangerous". */
static const char *test_names(void)
{
	static char names[256];
	size_t n = 0;

	if (*names)
		return names;
	for (size_t i = 0; i < TESTS; i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
				      !i ? "" : i + 1 < TESTS ? ", " : " and ",
				      tests[i].name);
	return names;
}

static int no_test(const char *spec)
{
	char *name = xstrdup(spec), text[160];
	struct suggest s = { .word = name };

	name[strcspn(name, ":")] = '\0';
	for (size_t i = 0; i < TESTS; i++)
		suggest__offer(&s, tests[i].name);
	msg__error("--tests %s: not a list of %s%s", spec, test_names(),
		  suggest__text(&s, "each may have :TEXT after it; see --help",
				text, sizeof(text)));
	free(name);
	return EINVAL;
}

static int add_test(struct options *o, const char *spec)
{
	const char *only;

	if (!test__find(spec, &only) || (only && !*only))
		return no_test(spec);
	strv__add(&o->tests, spec);
	return 0;
}

/* Does not split NAME:TEXT, as TEXT may contain commas. */
static int parse_tests(struct options *o, const char *arg)
{
	auto_strv words = { 0 };
	int err = 0;

	if (strchr(arg, ':'))
		strv__add(&words, arg);
	else
		add_words(&words, arg);
	for (size_t i = 0; !err && i < words.n; i++)
		err = add_test(o, words.v[i]);
	return err;
}

static char *replace(char *old, const char *val)
{
	free(old);
	return xstrdup(val);
}

static int take_args(struct options *o, struct argp_state *st)
{
	int first = st->next;
	bool help = !strcmp(st->argv[first], "help") && first + 1 < st->argc;

	/* argp drops the "--"; a word without "--" is a user's mistake. */
	if (!first || strcmp(st->argv[first - 1], "--")) {
		if (!commands__suggest(st->argv[first + help]))
			msg__error("%s: unexpected; put a command after --, and a target after --target",
				  st->argv[first + help]);
		return EINVAL;
	}
	for (int i = first; i < st->argc; i++)
		strv__add(&o->cmd, st->argv[i]);
	st->next = st->argc;
	return 0;
}

/* The options that only set a member. TASK: min is the task. */
static const struct setter {
	int key;
	enum { FLAG, TASK, NUMBER, TEXT, LIST } kind;
	size_t at;		/* offset in struct options */
	const char *name;	/* NUMBER: in messages */
	uint64_t min, max;	/* NUMBER; TASK: min is the task */
} setters[] = {
#define AT(member) offsetof(struct options, member)
	{ OPT_TARGET, LIST, AT(targets), NULL, 0, 0 },
	{ OPT_RUNS, NUMBER, AT(runs), "runs", 1, SEEDS_MAX },
	{ OPT_JOBS, NUMBER, AT(jobs), "jobs", 1, JOBS_MAX },
	{ OPT_TIMEOUT, NUMBER, AT(timeout_s), "timeout", 1, TIMEOUT_MAX },
	{ OPT_OPS, NUMBER, AT(ops), "ops", 1, INT64_MAX },
	{ OPT_CPUS, NUMBER, AT(cpus), "cpus", 1, GUEST_CPUS_MAX },
	{ OPT_MEMORY, NUMBER, AT(memory_mib), "memory", MEMORY_MIN, MEMORY_MAX },
	{ OPT_KERNEL, TEXT, AT(kernel), NULL, 0, 0 },
	{ OPT_TABLE, TEXT, AT(mutants), NULL, 0, 0 },
	{ OPT_LINE, TEXT, AT(line), NULL, 0, 0 },
	{ OPT_ADD, LIST, AT(add), NULL, 0, 0 },
	{ OPT_APPEND, LIST, AT(append), NULL, 0, 0 },
	{ OPT_MUTANTS, TASK, AT(task), NULL, TASK_MUTANTS, 0 },
	{ OPT_RATE, TASK, AT(task), NULL, TASK_RATE, 0 },
	{ OPT_RULES, TASK, AT(task), NULL, TASK_RULES, 0 },
	{ OPT_HISTORY, TASK, AT(task), NULL, TASK_HISTORY, 0 },
	{ OPT_CONTROL, TASK, AT(task), NULL, TASK_CONTROL, 0 },
	{ OPT_SAMPLE, FLAG, AT(sample), NULL, 0, 0 },
	{ OPT_NO_SNAPSHOT, FLAG, AT(no_snapshot), NULL, 0, 0 },
	{ OPT_UNTIL_FAIL, FLAG, AT(until_fail), NULL, 0, 0 },
	{ OPT_BARE, FLAG, AT(bare), NULL, 0, 0 },
	{ OPT_KTAP, FLAG, AT(ktap), NULL, 0, 0 },
	{ OPT_LIST, FLAG, AT(list), NULL, 0, 0 },
	{ 'v', FLAG, AT(verbose), NULL, 0, 0 },
#undef AT
};

static int set_member(struct options *o, const struct setter *s, char *arg)
{
	void *member = (char *)o + s->at;

	switch (s->kind) {
	case FLAG:
		*(bool *)member = true;
		return 0;
	case TASK:
		*(enum task *)member = (enum task)s->min;
		return 0;
	case NUMBER:
		return parse_number(s->name, arg, s->min, s->max, member);
	case TEXT:
		*(char **)member = replace(*(char **)member, arg);
		return 0;
	case LIST:
		strv__add(member, arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* The options that do more than to set a member. */
static error_t parse_other(int key, char *arg, struct argp_state *st)
{
	struct options *o = st->input;

	switch (key) {
	case OPT_SEED:
		return parse_seeds(o, arg);
	case OPT_TESTS:
		return parse_tests(o, arg);
	case OPT_ACCEL:
		return accel__parse(arg, &o->accel) ?
			bad("accel", arg, "expected auto, kvm or tcg") : 0;
	case OPT_OUT:
		if (!*arg)
			return bad("out", "''", "expected a directory");
		o->out = replace(o->out, arg);
		return 0;
	case OPT_WIDEN:
	case OPT_NO_WIDEN:
		o->widen = key == OPT_WIDEN;
		o->no_widen = !o->widen;
		return 0;
	case OPT_ONLY:
		add_words(&o->only, arg);
		return 0;
	case OPT_RECORD:
		o->icount = ICOUNT_RECORD;
		return 0;
	case OPT_ICOUNT:
		o->icount = o->icount ? o->icount : ICOUNT_COUNT;
		return arg ? parse_number("icount", arg, 0, ICOUNT_SHIFT_MAX,
					  &o->icount_shift) : 0;
	case OPT_GDB:
		o->gdb = true;
		o->gdb_script = arg ? replace(o->gdb_script, arg) :
				      o->gdb_script;
		return 0;
	case OPT_COLOR:
		return color_when__parse(arg, &o->color) ?
			bad("color", arg, "not one of " COLOR_WORDS) : 0;
	case 'h':
		argp_state_help(st, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case ARGP_KEY_ARGS:
		return take_args(o, st);
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse_opt(int key, char *arg, struct argp_state *st)
{
	for (size_t i = 0; i < ARRAY_SIZE(setters); i++)
		if (setters[i].key == key)
			return set_member(st->input, &setters[i], arg);
	return parse_other(key, arg, st);
}

static void set_defaults(struct options *o)
{
	memset(o, 0, sizeof(*o));
	o->seed_first = o->seed_last = 1;
	o->runs = 1;
	o->icount_shift = ICOUNT_SHIFT;
	argp_err_exit_status = EXIT_USAGE;
}

/* Fills in the names of the tests. */
static char *complete_test_names(int key, const char *text, void *input)
{
	const char *at = key == OPT_TESTS ? strstr(text, "%s") : NULL;

	(void)input;
	return at ? xasprintf("%.*s%s%s", (int)(at - text), text, test_names(), at + 2) :
		    (char *)text;
}

/* Fills in the tests and the commands. */
static char *complete_help(int key, const char *text, void *input)
{
	auto_free char *commands = commands__help();

	if (key != ARGP_KEY_HELP_POST_DOC)
		return complete_test_names(key, text, input);
	return xasprintf("%s\n%s\n%s", text, commands, environment);
}

bool options__unknown(const struct argp *argp, int argc, char *const *argv)
{
	char name[64], text[160];
	struct suggest s;

	if (!suggest__options(&s, argp, argc, argv, name, sizeof(name)))
		return false;
	msg__error("--%s: no such option%s", name,
		  suggest__text(&s, "see --help", text, sizeof(text)));
	return true;
}

/* Parses up to an unknown option, so that the first mistake is reported. */
static int parse(const struct argp *argp, struct options *o, int argc,
		 char **argv)
{
	char name[64];
	struct suggest s;
	int unknown = suggest__options(&s, argp, argc, argv, name, sizeof(name));
	error_t err = arguments__parse(argp, unknown ? unknown : argc, argv,
				       ARGP_IN_ORDER, o);

	return !err && options__unknown(argp, argc, argv) ? EINVAL : err;
}

/* Parses the options of runs, which share a table and differ in their help. */
static int parse_runs(const struct argp *argp, struct options *o, int argc,
		      char **argv, int bad_arguments)
{
	error_t err;

	set_defaults(o);
	argp_err_exit_status = bad_arguments;
	err = parse(argp, o, argc, argv) ?: options_check__all(o);
	if (err)
		options__free(o);
	return err ? -EINVAL : 0;
}

int options__parse(struct options *o, int argc, char **argv)
{
	static const struct argp argp = {
		.options = opts,
		.parser = parse_opt,
		.args_doc = "[-- CMD [ARG...]]",
		.doc = doc,
		.help_filter = complete_help,
	};

	return parse_runs(&argp, o, argc, argv, EXIT_USAGE);
}

int options__parse_bisect(struct options *o, int argc, char **argv)
{
	static const struct argp argp = {
		.options = opts,
		.parser = parse_opt,
		.args_doc = "[-- CMD [ARG...]]",
		.doc = "Builds the kernel tree in the current directory, or in KERNEL_SRC, boots it, runs the tests or CMD in it, and reports to `git bisect run' whether the commit is good.\v"
		       "Exit status: 0 PASS; 1 FAIL, SPLAT, PANIC or HANG of a guest that reached its init; 125 (skip) if the kernel does not compile or boot, for INCONCLUSIVE and LOST, and if the environment fails; 255 (stop) for wrong arguments.",
		.help_filter = complete_test_names,
	};
	int err = parse_runs(&argp, o, argc, argv, BISECT_STOP);

	if (!err && o->task != TASK_RUNS) {
		msg__error("bisect-step: mutants exist only in their own kernels; see --help");
		options__free(o);
		return -EINVAL;
	}
	return err;
}

/* The options of a shell, and the help texts that differ. */
static const struct {
	int key;
	const char *doc;	/* NULL: unchanged */
} shell_opts[] = {
	{ OPT_TARGET, "Boot target T (--list names them; default join-6.12)" },
	{ OPT_KERNEL, NULL },
	{ OPT_SEED, "Seed of the guest's clock and random numbers (default 1)" },
	{ OPT_TIMEOUT, "Report HANG after S seconds without a sign of life (default 30 under KVM, 120 under TCG)" },
	{ OPT_ACCEL, NULL },
	{ OPT_OUT, "Write the session's files below DIR (default build/shell)" },
	{ OPT_ADD, NULL },
	{ OPT_APPEND, NULL },
	{ OPT_CPUS, NULL },
	{ OPT_MEMORY, NULL },
	{ OPT_NO_SNAPSHOT, NULL },
	{ OPT_GDB, "Boot the guest, stop it before the shell starts, and connect gdb to it. gdb runs the commands in SCRIPT; without SCRIPT, the gdb command is printed" },
	{ 'v', NULL },
};

static void take_shell_opts(struct argp_option *own)
{
	for (size_t i = 0; i < ARRAY_SIZE(opts); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(shell_opts); k++) {
			if (shell_opts[k].key != opts[i].key)
				continue;
			*own = opts[i];
			if (shell_opts[k].doc)
				own->doc = shell_opts[k].doc;
			own++;
		}
	}
}

static error_t parse_shell_opt(int key, char *arg, struct argp_state *st)
{
	if (key != ARGP_KEY_ARGS)
		return parse_opt(key, arg, st);
	msg__error("%s: unexpected; to run a command without a shell: vmtest --bare -- CMD",
		  st->argv[st->next]);
	return EINVAL;
}

int options__parse_shell(struct options *o, int argc, char **argv)
{
	static struct argp_option own[ARRAY_SIZE(shell_opts) + 1];
	static const struct argp argp = {
		.options = own,
		.parser = parse_shell_opt,
		.doc = "Boots a kernel and runs a shell in it, as root; pidnstrace and the test programs are in its PATH, and no rules are checked.\v"
		       "On a terminal, the shell gets a terminal in the guest; exit or Ctrl-D ends the shell, Ctrl-] q ends a guest that hangs. Otherwise the shell reads commands from standard input.\n\n"
		       "Exit status: 0 PASS, the shell ended; 1 FAIL, without a terminal: the last command failed; 2 usage or environment, 4 SPLAT, 5 PANIC, 6 HANG, 7 LOST.",
	};
	error_t err;

	take_shell_opts(own);
	set_defaults(o);
	err = parse(&argp, o, argc, argv);
	o->shell = o->bare = true;
	o->place = xstrdup("shell");
	strv__add(&o->cmd, "/bin/sh");
	if (!err && (o->targets.n > 1 || o->seed_first != o->seed_last)) {
		msg__error("shell: accepts only one target and one seed; see --help");
		err = EINVAL;
	}
	if (!err)
		err = options_check__script(o);
	if (err)
		options__free(o);
	return err ? -EINVAL : 0;
}

void options__tests(const struct options *o, const char *mode, bool faults,
		    struct strv *out)
{
	bool one_cpu = o->icount || o->cpus == 1;

	for (size_t i = 0; i < o->tests.n; i++)
		strv__add(out, o->tests.v[i]);
	for (size_t i = 0; !o->tests.n && !o->cmd.n && i < TESTS; i++) {
		if (test__fits(&tests[i], mode, faults) &&
		    !(one_cpu && tests[i].two_cpus))
			strv__add(out, tests[i].name);
	}
}

int options__check_tests(const struct options *o, const char *target,
			 const char *mode)
{
	const char *only;

	for (size_t i = 0; i < o->tests.n; i++) {
		const struct test *t = test__find(o->tests.v[i], &only);

		if (test__suits(t, mode))
			continue;
		msg__error("--tests %s: not on %s, whose mode is %s; %s is for %s %s",
			  o->tests.v[i], target, mode, t->name,
			  t->mode ? "mode" : "every mode but",
			  t->mode ? t->mode : t->not_mode);
		return -EINVAL;
	}
	return 0;
}

void options__free(struct options *o)
{
	strv__free(&o->targets);
	strv__free(&o->add);
	strv__free(&o->append);
	strv__free(&o->only);
	strv__free(&o->tests);
	strv__free(&o->cmd);
	free(o->out);
	free(o->place);
	free(o->kernel);
	free(o->mutants);
	free(o->line);
	free(o->gdb_script);
	memset(o, 0, sizeof(*o));
}
