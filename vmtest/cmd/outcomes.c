// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles the outcome of each run: repeats a doubtful run, keeps the files of an
 * unexpected one, prints rows of the table. Writes the reports at the end.
 */
#include "vmtest/cmd/state.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/run/recording.h"
#include "vmtest/run/repeat.h"
#include "vmtest/run/result_files.h"

/*
 * Prints the command that replays a recorded run. With --until-fail, drops the
 * recording of an expected outcome, and ends the batch at an unexpected one.
 */
static void handle_recording(struct vmtest *t, const struct run_spec *spec,
			     const struct run_outcome *out)
{
	char *dir;
	bool whole;

	dir = xasprintf("%s/" RECORD_FILE, out->dir);
	whole = !access(dir, F_OK);
	free(dir);
	if (t->opt.until_fail) {
		if (summary__is_expected(t->summary, spec->target, out->verdict)) {
			recording__drop(out->dir);
			return;
		}
		batch__close(t->batch);
	}
	if (!whole)
		return;
	dir = shell_quote(out->dir);
	msg__note("to replay it: vmtest replay %s; with --gdb, also backwards",
		 dir);
	free(dir);
}

/* Collects the output of print() in a buffer, and writes the buffer to t->table. */
static void put_table(struct vmtest *t, void (*print)(struct vmtest *t))
{
	auto_free char *text = NULL;
	size_t len;
	int err;

	t->look.out = xmemstream(&text, &len);
	print(t);
	fclose(t->look.out);
	progress__clear(t->progress);
	err = t->write_err ? 0 : write_all(t->table, text, len);
	if (err && err != -EPIPE)
		msg__error("cannot write the table: %s", strerror(-err));
	if (err)
		t->write_err = err;
}

static void print_ready(struct vmtest *t)
{
	summary__print(t->summary, &t->look, false);
}

static void print_rest(struct vmtest *t)
{
	summary__print(t->summary, &t->look, true);
}

static void print_mutants(struct vmtest *t)
{
	mutants__print(&t->mutants, t->look.out, t->look.width);
}

/*
 * Ends the batch after an error of writing the table. If the reader of a pipe left
 * before the last run ended, vmtest stops as on SIGPIPE.
 */
static void stop_after_write_error(struct vmtest *t)
{
	uint64_t ended, all;

	batch__close(t->batch);
	batch__count(t->batch, &ended, &all);
	if (t->write_err == -EPIPE && ended < all)
		t->stop = SIGPIPE;
}

/*
 * Renames the directory of a run with an unexpected verdict, as the next run of the
 * same seed would remove its files.
 */
static void rename_unexpected(struct vmtest *t, struct run_outcome *out)
{
	auto_free char *suffix = xasprintf(".unwanted-%u", ++t->unexpected);

	run_outcome__move(out, suffix);
}

void outcomes__add(void *ctx, const struct run_spec *spec, struct run_outcome *out)
{
	struct vmtest *t = ctx;
	bool wanted;

	repeat__conclude(spec, out);
	wanted = summary__is_expected(t->summary, spec->target, out->verdict);
	if (!wanted && repeat__once_more(t->batch, spec, out))
		return;
	if (!wanted && t->opt.runs > 1)
		rename_unexpected(t, out);
	msg__note("%s seed %llu: %s%s%s (%.1f s, %s)", spec->target,
		 (unsigned long long)out->seed, verdict__name(out->verdict),
		 *out->reason ? ": " : "", out->reason, out->seconds, out->dir);
	if (out->instructions)
		msg__note("%s seed %llu: %llu instructions", spec->target,
			 (unsigned long long)out->seed,
			 (unsigned long long)out->instructions);
	if (spec->icount == ICOUNT_RECORD)
		handle_recording(t, spec, out);
	summary__add_run(t->summary, spec->target, out);
	put_table(t, print_ready);
	if (t->write_err)
		stop_after_write_error(t);
}

int outcomes__write_reports(struct vmtest *t)
{
	struct events ev = { 0 };
	int err;

	summary__events(t->summary, &ev);
	err = result_files__write(&ev, "vmtest", t->out.path, t->out.suffix);
	if (err)
		msg__error("%s: %s; make room, or name another directory with --out",
			  t->out.path, strerror(-err));
	events__free(&ev);
	return err;
}

void outcomes__print_rest(struct vmtest *t)
{
	put_table(t, print_rest);
}

void outcomes__print_mutants(struct vmtest *t)
{
	put_table(t, print_mutants);
}
