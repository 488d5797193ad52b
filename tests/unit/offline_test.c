// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests `pidnstrace replay`, `report`, `export` and `rules` as a user calls them: their
 * output and their exit status.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#include "lib/array.h"
#include "loader/cmd/cmd.h"
#include "loader/trace/trace.h"
#include "loader/trace/trace_format.h"
#include "test.h"
#include "tracegen.h"

static char output[1 << 19];

/* Makes a file; the variable $name is its path. */
static int memory(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	setenv(name, path, 1);
	return fd;
}

static enum gen_fate break_tgid(struct gen *, struct wire_hdr *rec)
{
	struct wire_setns_exit *x = (void *)rec;

	if (rec->type == WIRE_SETNS_EXIT)
		x->task.pids[WIRE_TGID] = 64;
	return GEN_EMIT;
}

/* Makes a file with a trace. */
static int make_trace(const char *name, bool broken)
{
	struct trace_info info = { .semantics = SEMANTICS_JOIN, .seed = 5 };
	struct trace_writer *w;
	struct gen *g;
	struct gen_task *t;
	struct gen_ns *ns;
	int fd = memory(name);

	assert_int_equal(trace_writer__open(&w, getenv(name), &info), 0);
	g = gen__new(trace_writer__sink(w), 64);
	g->knob = WIRE_KNOB_ON;
	g->filter = broken ? break_tgid : NULL;
	gen__begin(g, 0);
	gen__sweep(g, WIRE_SWEEP_START);
	ns = gen__container(g, g->init);
	t = gen__candidate(g, g->init);
	gen__setns_join(g, t, ns);
	gen__exit(g, t, 0);
	gen__release(g, g->init, t);
	gen__sweep(g, WIRE_SWEEP_FINAL);
	gen__end(g);
	gen__free(g);
	assert_int_equal(trace_writer__close(w), 0);
	return fd;
}

static int make_files(void **)
{
	int fd;

	make_trace("good", false);
	make_trace("bad", true);
	fd = make_trace("cut", false);
	if (ftruncate(fd, lseek(fd, 0, SEEK_END) - 1))
		return -1;
	return write(memory("foreign"), "#!/bin/sh\necho\n", 15) != 15;
}

/*
 * Runs a command with these words, quoted as for a shell. Returns its status; its output
 * is in output[].
 */
static int run(int (*cmd)(int, char **), const char *words)
{
	int status, fd = memfd_create("output", 0);
	wordexp_t w = { .we_offs = 1 };
	ssize_t n;
	pid_t pid;

	assert_int_equal(wordexp(words, &w, WRDE_DOOFFS | WRDE_NOCMD | WRDE_UNDEF), 0);
	w.we_wordv[0] = "pidnstrace test";
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		status = cmd((int)w.we_wordc + 1, w.we_wordv);
		fflush(stdout);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	n = pread(fd, output, sizeof(output) - 1, 0);
	assert_true(n >= 0);
	output[n] = '\0';
	close(fd);
	w.we_wordv[0] = NULL;
	wordfree(&w);
	return WEXITSTATUS(status);
}

static const struct offline_case {
	const char *name;
	int (*cmd)(int, char **);
	const char *words;
	int status;
	const char *says;
} cases[] = {
	{ "PASS", cmd_replay, "$good", 0, "\nPASS\n" },
	{ "FAIL", cmd_replay, "$bad", 1, "I17 was violated 1 times" },
	{ "cut short", cmd_replay, "$cut", 3, "cut short in a block at byte" },
	{ "foreign", cmd_replay, "$foreign", 2, "is not a trace" },
	{ "no file", cmd_replay, "/nowhere/x", 2, "/nowhere/x: No such file" },
	{ "no argument", cmd_replay, "", 2, "FILE is missing" },
	{ "two files", cmd_replay, "$good $good", 2, "one FILE" },
	{ "rule deselected", cmd_replay, "$bad --rules=-I17", 0, "PASS" },
	{ "other rules", cmd_replay, "$bad --rules=I1..I8", 0, "PASS" },
	{ "no such rule", cmd_replay, "$bad --rules=I99", 2, "I99" },
	{ "other semantics", cmd_replay, "$good --semantics=mainline", 1,
	  "I1 was violated" },
	{ "no such semantics", cmd_replay, "$good --semantics=x", 2,
	  "auto, mainline, join, keep, seed" },
	{ "no such report", cmd_replay, "$good --report=html=x", 2, "junit" },
	{ "report to stdout", cmd_replay, "$good --report=json", 0,
	  "{\"verdict\":\"PASS\"" },
	{ "report to a full disk", cmd_replay, "$good --report=ktap=/dev/full", 2,
	  "/dev/full" },
	{ "printed", cmd_replay, "$good --print", 0, "joined: pid [" },
	{ "printed as json, in short", cmd_replay, "$good --print --json", 0,
	  "{\"time\":" },
	{ "printed as json", cmd_replay, "$good --print --format=json", 0, "{\"time\":" },
	{ "some of it printed", cmd_replay, "$good --print --trace=exit", 0, "exit(0)" },
	{ "parts without --print", cmd_replay, "$good --trace=exit", 2, "need --print" },
	{ "no such part", cmd_replay, "$good --print --trace=x", 2, "setns, rewrite" },
	{ "a process that is not there", cmd_replay, "$good --print -p 4711", 2,
	  "--pid 4711: no such process was seen" },
	{ "a namespace that is not there", cmd_replay, "$good --print -n 4026530000", 2,
	  "--namespace 4026530000: no task was seen in it, and no operation on it" },
	{ "a cgroup that is not there", cmd_replay, "$good --print --cgroup /a/b", 2,
	  "--cgroup /a/b: no task was seen in it" },
	{ "a name that is not there", cmd_replay, "$good --print -c 'in*' -c none", 2,
	  "--comm none: no task of this name was seen" },
	{ "a name that is there", cmd_replay, "$good --print --tree -c 'in*'", 0, "init" },
	{ "printed, cut short", cmd_replay, "$cut --print", 3, "cut short" },
	{ "a tree, cut short", cmd_replay, "$cut --print --tree", 3, "cut short" },
	{ "a summary, cut short", cmd_replay, "$cut --print --summary --json", 3, "cut short" },
	{ "failures, cut short", cmd_replay, "$cut --print -Z", 3, "cut short" },
	{ "no expected counts", cmd_replay, "$good --expect=/nowhere/x", 3,
	  "/nowhere/x" },
	{ "help", cmd_replay, "--help", 0, "--semantics=KERNEL" },
	{ "exported for Perfetto", cmd_export, "$good --format=perfetto", 0,
	  "\"metadata\":{\"records\":" },
	{ "exported as json", cmd_export, "$good --format=json", 0,
	  ",\"record\":\"meta_end\"," },
	{ "exported as csv", cmd_export, "$good --format=csv", 0, ",meta_end,," },
	{ "exported, cut short", cmd_export, "$cut --format=perfetto", 3,
	  ": cut short in a block at byte" },
	{ "as far as it goes", cmd_export, "$cut --format=perfetto", 3,
	  "],\n\"metadata\":{\"records\":0,\"cut\":\"cut short in" },
	{ "no trace to export", cmd_export, "$foreign --format=csv", 2,
	  "is not a trace" },
	{ "no such export", cmd_export, "$good --format=html", 2,
	  "html: not one of perfetto, pftrace, json, csv" },
	{ "no format", cmd_export, "$good", 2,
	  "--format is missing: one of perfetto, pftrace, json, csv" },
	{ "export of nothing", cmd_export, "--format=csv", 2, "FILE is missing" },
	{ "export of two files", cmd_export, "$good $good --format=csv", 2, "one FILE" },
	{ "export to a full disk", cmd_export, "$good --format=json -o /dev/full", 2,
	  "cannot write /dev/full: No space left on device" },
	{ "export to nowhere", cmd_export, "$good --format=json -o /nowhere/x", 2,
	  "cannot write /nowhere/x: No such file or directory" },
	{ "export to itself", cmd_export, "$good --format=json -o $good", 2,
	  ": is the trace itself" },
	{ "page", cmd_report, "$good -o -", 0, "<!DOCTYPE html>" },
	{ "page of a guilty one", cmd_report, "$bad -o -", 0, "\"verdict\":\"FAIL\"" },
	{ "page, guilty by deselected rules", cmd_report, "$bad -o- --rules=-I17", 0,
	  "\"verdict\":\"PASS\"" },
	{ "page with a title", cmd_report, "$good -o- '--title=my run'", 0,
	  "<title>my run</title>" },
	{ "page by other semantics", cmd_report, "$good -o- --semantics=mainline", 0,
	  "\"verdict\":\"FAIL\"" },
	{ "page of all", cmd_report, "$good -o- --all", 0, "\"everything\":true" },
	{ "page of a part", cmd_report, "$good -o- --records=40..60", 0,
	  "\"range\":[40,60]" },
	{ "page of a part to the end", cmd_report, "$good -o- --records=40..", 0,
	  "\"range\":[40," },
	{ "page of no part", cmd_report, "$good -o- --records=9..5", 2,
	  "not FIRST..LAST" },
	{ "page of one number", cmd_report, "$good -o- --records=9", 2,
	  "not FIRST..LAST" },
	{ "page of what is cut short", cmd_report, "$cut -o-", 3, "cut short" },
	{ "page of what is cut short: stderr alone", cmd_report, "$cut -o/dev/null", 3,
	  "pidnstrace report: /proc/self/fd/" },
	{ "page to nowhere", cmd_report, "$good", 2, "-o PAGE.html" },
	{ "page to a missing directory", cmd_report, "$good -o/nowhere/x", 2,
	  "/nowhere/x: No such file" },
	{ "page to a full disk", cmd_report, "$good -o/dev/full", 2, "/dev/full" },
	{ "page of no trace", cmd_report, "$foreign -o-", 2, "is not a trace" },
	{ "page of no file", cmd_report, "/nowhere/x -o-", 2,
	  "/nowhere/x: No such file" },
	{ "page: no argument", cmd_report, "", 2, "FILE is missing" },
	{ "page: two files", cmd_report, "$good $good", 2, "one FILE" },
	{ "page: no such rule", cmd_report, "$good -o- --rules=I99", 2, "I99" },
	{ "page: help", cmd_report, "--help", 0, "--records=FIRST..LAST" },
	{ "rules", cmd_rules, "", 0, "I17  After success" },
	{ "one rule", cmd_rules, "I17", 0, "holds on join seed" },
	{ "rule by number", cmd_rules, "42 i1", 0, "I42  A child" },
	{ "rules as json", cmd_rules, "--format=json", 0, "{\"id\":\"I1\"" },
	{ "no such rule", cmd_rules, "I99", 2, "I99" },
	{ "no such format", cmd_rules, "--format=x", 2, "text, json" },
};

#define NCASES (ARRAY_SIZE(cases))

static void test_case(void **state)
{
	const struct offline_case *c = *state;
	int status = run(c->cmd, c->words);

	if (status != c->status || !strstr(output, c->says))
		fail_msg("status %d, \"%s\" in:\n%.400s", status, c->says, output);
}

int main(void)
{
	static struct CMUnitTest tests[NCASES];

	argp_err_exit_status = 2;	/* same as in main() */
	for (size_t i = 0; i < NCASES; i++)
		tests[i] = ROW_TEST(test_case, &cases[i]);
	return _cmocka_run_group_tests("offline", tests, NCASES, make_files,
				       NULL);
}
