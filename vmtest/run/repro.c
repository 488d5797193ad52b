// SPDX-License-Identifier: GPL-2.0-only
/* Writes a script with the vmtest command that repeats a run. */
#include "vmtest/run/repro.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmtest/run/run.h"
#include "vmtest/wire/protocol.h"

static void build_command(struct strv *c, const struct run_spec *s,
			  const char *exe)
{
	strv__add(c, exe);
	if (s->tools)
		strv__add(c, "shell");
	if (!s->by_image)
		strv__addf(c, "--target=%s", s->target);
	strv__addf(c, "--kernel=%s", s->image->path);
	strv__addf(c, "--seed=%llu", (unsigned long long)s->seed);
	strv__addf(c, "--accel=%s", s->accel == ACCEL_KVM ? "kvm" : "tcg");
	if (s->ops)
		strv__addf(c, "--ops=%llu", (unsigned long long)s->ops);
	if (s->icount == ICOUNT_RECORD)
		strv__add(c, "--record");
	else if (s->icount)
		strv__addf(c, "--icount=%u", s->icount_shift);
	else if (s->cpus)
		strv__addf(c, "--cpus=%u", s->cpus);
	if (s->widen)
		strv__add(c, "--widen");
	if (s->timeout_s)
		strv__addf(c, "--timeout=%llu",
			   (unsigned long long)s->timeout_s);
	for (size_t i = 0; !s->cmd->n && i < s->tests->n; i++)
		strv__addf(c, "--tests=%s", s->tests->v[i]);
	if (s->ktap)
		strv__add(c, "--ktap");
	if (s->bare && !s->tools)
		strv__add(c, "--bare");
	if (s->mib)
		strv__addf(c, "--memory=%llu", (unsigned long long)s->mib);
	for (size_t i = 0; i < s->add->n; i++)
		strv__addf(c, "--add=%s", s->add->v[i]);
	if (s->mutant)
		strv__addf(c, "--append=" MUTANT_PARAM "=%s", s->mutant);
	for (size_t i = 0; i < s->append->n; i++)
		strv__addf(c, "--append=%s", s->append->v[i]);
}

/* Returns a redirection; a repeated shell also reads the user's terminal. */
static const char *input_of(const struct run_spec *s, const char *dir)
{
	auto_free char *path = xasprintf("%s/" REPRO_INPUT, dir);
	bool there = !access(path, F_OK);

	if (there)
		return " <\"$here/" REPRO_INPUT "\"";
	return s->input && !s->shell ?
		" # reads standard input, which was too long to keep" : "";
}

int repro__write(const struct run_spec *s, const char *dir)
{
	auto_free char *path = xasprintf("%s/repro.sh", dir), *text = NULL, *words = NULL;
	auto_free char *tail = NULL, *cwd = NULL, *top = NULL;
	uint64_t kernel = 0, config;
	auto_strv command = { 0 };
	char exe[PATH_MAX];
	ssize_t n;
	int err;

	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[n < 0 ? 0 : n] = '\0';
	err = image__hash(s->image, &kernel, &config);
	build_command(&command, s, exe);
	words = strv__quote(&command);
	tail = s->tools ? xstrdup("") : strv__quote(s->cmd);
	cwd = getcwd(NULL, 0);
	top = shell_quote(cwd ? cwd : "/");
	text = xasprintf("#!/bin/sh\n"
			 "# Repeats this run: the same kernel, seed and command.\n"
			 "# Passes its arguments to vmtest, such as --runs 20 or --verbose.\n"
			 "# %s\n"
			 "# Writes its files to again/ beside this script, and keeps those of the original run.\n"
			 "here=$(CDPATH= cd -- \"${0%%/*}\" && pwd) || exit 2\n"
			 "cd %s || exit 2\n"
			 KERNEL_HASH_ENV "=%016llx\n"
			 "export " KERNEL_HASH_ENV "\n"
			 "exec %s --out=\"$here/again\" \"$@\"%s%s%s\n",
			 s->icount == ICOUNT_RECORD ?
			 "To replay exactly this run, forwards and backwards: vmtest replay on the directory of this file." :
			 "A race may not recur. --record --until-fail --seed 1..100 looks for a failing seed, and records a run that can be replayed.",
			 top, (unsigned long long)kernel, words,
			 *tail ? " -- " : "", tail, input_of(s, dir));
	if (!err)
		err = write_file_atomic(path, text, strlen(text));
	if (!err && chmod(path, 0755))
		err = -errno;
	return err;
}
