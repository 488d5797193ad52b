// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the command that the first argument names. For a mistyped command, the message
 * suggests the nearest name.
 */
#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <linux/types.h>
#include <sys/auxv.h>

#include <bpf/libbpf.h>

#include "bpf/wire.h"
#include "lib/suggest.h"
#include "loader/capture/workload.h"
#include "loader/cmd/cmd.h"
#include "loader/export/export.h"
#include "loader/trace/trace_format.h"
#include "clang_version.h"
#include "lib/msg.h"

struct command_entry {
	const char *name;
	char *full_name;	/* argv[0] of the command, for its messages */
	int (*run)(int argc, char **argv);
	const char *what;
};

static const struct command_entry commands[] = {
	{ "trace", "pidnstrace trace", cmd_trace,
	  "show setns, pid changes, forks, execs and exits as they happen" },
	{ "tree", "pidnstrace tree", cmd_tree,
	  "show the processes of each pid namespace, now" },
	{ "wait-for", "pidnstrace wait-for", cmd_wait_for,
	  "wait until a pid namespace is gone, and show what holds it" },
	{ "verify", "pidnstrace verify", cmd_verify,
	  "judge pid changes by the rules while a command runs" },
	{ "record", "pidnstrace record", cmd_record,
	  "write a trace to a file" },
	{ "replay", "pidnstrace replay", cmd_replay,
	  "judge or print a trace" },
	{ "report", "pidnstrace report", cmd_report,
	  "write an HTML page of a trace" },
	{ "export", "pidnstrace export", cmd_export,
	  "convert a trace for other programs" },
	{ "rules", "pidnstrace rules", cmd_rules,
	  "list the rules, or explain one" },
	{ "probe", "pidnstrace probe", cmd_probe,
	  "show which hooks this kernel offers" },
};

static void usage(FILE *out)
{
	fprintf(out, "Usage: pidnstrace COMMAND [OPTION...] [-- PROGRAM [ARGUMENT...]]\n"
		     "Traces and judges what setns(2) and other calls do to pids.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].what);
	fprintf(out, "\n  --help     list the commands\n"
		     "  --version  show the versions of the program, its libraries and its formats\n");
	fprintf(out, "\n`pidnstrace COMMAND --help' lists options and exit status.\n");
}

static const struct command_entry *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

static int no_command(const char *name)
{
	struct suggest s = { .word = name };
	char text[160];

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		suggest__offer(&s, commands[i].name);
	msg__error("%s: no such command%s", name,
		   suggest__text(&s, "`pidnstrace --help' lists them", text,
				 sizeof(text)));
	return EXIT_USAGE;
}

/* `pidnstrace help COMMAND' prints the command's own --help. */
static int help_command(const char *name)
{
	const struct command_entry *c = find_command(name);
	char *argv[] = { NULL, (char *)"--help", NULL };

	if (!c)
		return no_command(name);
	argv[0] = c->full_name;
	return c->run(2, argv);
}

/* A program without an interpreter (ld.so) is static. */
static bool is_static(void)
{
	return !getauxval(AT_BASE);
}

static void version(void)
{
	printf("pidnstrace " VERSION "\n");
	printf("using libbpf %s, jansson " JANSSON_VERSION "\n", libbpf_version_string());
	printf("built with clang " CLANG_VERSION " (BPF programs), gcc " __VERSION__ "\n");
	printf("features: %s, %d hooks, exports: " EXPORT_FORMATS "\n",
	       is_static() ? "static" : "shared libraries", WIRE_NHOOKS);
	printf("records of version %d, trace files of version %d\n", WIRE_VERSION,
	       TRACE_VERSION);
}

/* Returns the exit status of a command that only prints. */
static int printed(void)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	msg__error("output: %s", strerror(errno ? errno : EIO));
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct command_entry *c;

	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	c = find_command(argv[1]);
	if (c) {
		argv[1] = c->full_name;
		return c->run(argc - 1, argv + 1);
	}
	if (!strcmp(argv[1], WORKLOAD_EXEC))
		return 0;
	if (!strcmp(argv[1], "help") && argc > 2)
		return help_command(argv[2]);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help")) {
		usage(stdout);
		return printed();
	}
	if (!strcmp(argv[1], "--version")) {
		version();
		return printed();
	}
	return no_command(argv[1]);
}
