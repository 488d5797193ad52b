// SPDX-License-Identifier: GPL-2.0-only
/*
 * Derives the verdict of a run from the reports of the guest and from the runner's own
 * observations: console, trace, and the end of QEMU. After a fault of the emulator or
 * of a very busy host the run is inconclusive, as the kernel is not at fault.
 */
#include "vmtest/run/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "vmtest/triage/flags.h"
#include "vmtest/triage/int3.h"

static char *violated_rules(const struct verify_report *j)
{
	char *out = xstrdup("violated:");

	for (size_t i = 0; i < j->n; i++) {
		char *longer = xasprintf("%s %s x%llu", out,
					 j->violations[i].rule,
					 (unsigned long long)j->violations[i].count);

		free(out);
		out = longer;
	}
	return out;
}

/*
 * A test without a result has failed only if the guest reached its end. Else
 * only the failures that the guest reported count (@said).
 */
static void judge_tests(struct run *r, uint64_t said)
{
	const struct result_port *res = &r->seen.result;
	const struct verify_report *j = &r->out.judged;
	uint64_t not_ok = res->ended ? r->out.tests.not_ok : said;

	if (j->n)
		run__found(r, VERDICT_FAIL, violated_rules(j));
	if (not_ok)
		run__found(r, VERDICT_FAIL,
		      xasprintf("%llu test%s not ok: %s",
				(unsigned long long)not_ok,
				not_ok == 1 ? "" : "s",
				res->ktap.events.first_failed));
	if (res->ended && res->verdict != VERDICT_PASS)
		run__found(r, res->verdict, xstrdup(res->reason));
	if (res->verified && j->verdict != VERDICT_PASS)
		run__found(r, j->verdict, xstrdup(j->reason));
}

/* Returns ": " and the first line of the log that is not the runner's, or "". */
static char *said_by_qemu(const struct run *r)
{
	char *text, *line, *rest, *found = NULL;

	if (!r->files.log.path || read_file(r->files.log.path, &text, NULL))
		return xstrdup("");
	for (rest = text; !found && (line = strsep(&rest, "\n"));) {
		if (*line && strncmp(line, "vmtest: ", strlen("vmtest: ")))
			found = xasprintf(": %s", line);
	}
	free(text);
	return found ? found : xstrdup("");
}

static char *never_spoke(const struct run *r)
{
	char *said = said_by_qemu(r), *reason;

	reason = xasprintf("no output from the guest; QEMU ended with %s%s",
			   r->vm.how, said);
	free(said);
	return reason;
}

static void judge_evidence(struct run *r)
{
	const struct result_port *res = &r->seen.result;

	if (r->seen.caught) {
		/* The runner ended the guest, so a missing verdict is expected. */
		run__found(r, VERDICT_FAIL, xstrdup("caught"));
		return;
	}
	if (res->garbage)
		run__found(r, VERDICT_LOST, xasprintf("garbage on the result port: %s",
						 res->first_garbage));
	if (!res->release)
		run__found(r, VERDICT_LOST, never_spoke(r));
	else if (!res->ended)
		run__found(r, VERDICT_LOST,
		      xasprintf("no verdict; QEMU ended with %s", r->vm.how));
	else if (!res->verified && !r->spec.bare)
		run__found(r, res->verdict == VERDICT_PASS ? VERDICT_LOST :
							VERDICT_PASS,
		      xstrdup("no report from pidnstrace"));
	if (res->ended && !r->seen.trace_whole)
		run__found(r, VERDICT_INCONCLUSIVE,
		      xstrdup("the end of the trace is missing"));
	if (r->files.trace.dropped)
		run__found(r, VERDICT_INCONCLUSIVE,
		      xasprintf("the trace is longer than %llu MiB",
				(unsigned long long)(r->files.trace.limit >> 20)));
	if ((!r->spec.cmd->n || r->spec.ktap) && res->ended &&
	    !r->out.tests.ok)
		run__found(r, VERDICT_INCONCLUSIVE, xstrdup("no test passed"));
}

/* Returns the kernel parameter that keeps warnings off the console, or NULL. */
static const char *hushed(const struct strv *append)
{
	for (size_t i = 0; append && i < append->n; i++) {
		for (const char *p = append->v[i]; *p; p += strspn(p, " ")) {
			size_t len = strcspn(p, " ");

			if (len == 5 && !strncmp(p, "quiet", len))
				return "quiet";
			if (!strncmp(p, "loglevel=", 9) && atoi(p + 9) < 5)
				return "a loglevel below 5";
			p += len;
		}
	}
	return NULL;
}

/* The scan proves nothing if the console lacks messages of the kernel. */
static void judge_scan(struct run *r)
{
	const struct console *c = &r->seen.console;
	const char *word = hushed(r->spec.append);

	if (word)
		run__found(r, VERDICT_INCONCLUSIVE,
			    xasprintf("with %s the console has no warnings",
				      word));
	if (r->seen.result.release && !c->lines)
		run__found(r, VERDICT_INCONCLUSIVE,
			    xstrdup("the console is empty, so nothing was scanned; is console=ttyS0 overridden?"));
	if (c->count[CONSOLE_GAP])
		run__found(r, VERDICT_INCONCLUSIVE,
			    xasprintf("the console has gaps: %s",
				      c->first[CONSOLE_GAP]));
	if (r->files.console_log.dropped)
		run__found(r, VERDICT_INCONCLUSIVE,
			    xasprintf("the console is longer than %llu MiB",
				      (unsigned long long)(r->files.console_log.limit >> 20)));
}

static void judge_console(struct run *r)
{
	const struct console *c = &r->seen.console;

	if (c->count[CONSOLE_ALLOWED])
		capped_file__printf(&r->files.log, "vmtest: %llu splat%s allowed, the first: %s\n",
			     (unsigned long long)c->count[CONSOLE_ALLOWED],
			     c->count[CONSOLE_ALLOWED] == 1 ? " is" : "s are",
			     c->first[CONSOLE_ALLOWED]);
	/* A panic by panic_on_warn was requested; only the warning counts. */
	if (c->count[CONSOLE_SPLAT] &&
	    strstr(c->first[CONSOLE_PANIC], "panic_on_warn set"))
		run__found(r, VERDICT_SPLAT, xstrdup(c->first[CONSOLE_SPLAT]));
	else if (c->count[CONSOLE_PANIC])
		run__found(r, VERDICT_PANIC, xstrdup(c->first[CONSOLE_PANIC]));
	if (c->count[CONSOLE_SPLAT])
		run__found(r, VERDICT_SPLAT, xstrdup(c->first[CONSOLE_SPLAT]));
}

/* Records violations found only at the end of the trace, or by pidnstrace replay. */
static void name_rules(struct run *r)
{
	const struct verify_report *j = &r->out.judged;

	for (size_t i = 0; i < j->n; i++)
		run__finding(r, FINDING_RULE, j->violations[i].rule);
}

/* The kernel is not at fault: makes the run inconclusive. Takes @reason. */
static void blame_machine(struct run *r, char *reason)
{
	r->out.emulator = true;
	r->out.verdict = VERDICT_INCONCLUSIVE;
	r->out.hang = NULL;
	free(r->out.reason);
	r->out.reason = reason;
}

/* A very busy host may stop a vCPU while the guest calibrates a timer. */
static void judge_host(struct run *r)
{
	const char *line = r->seen.console.first[CONSOLE_HOST];
	const struct splat_row *row;

	if (!r->seen.console.count[CONSOLE_HOST])
		return;
	row = scanner__find(r->spec.scanner, line);
	blame_machine(r, xasprintf("%s (\"%s\")", row->title, line));
}

/*
 * Returns the reason if QEMU executed an instruction that is not in memory, or
 * corrupted EFLAGS, else NULL; free it.
 */
static char *fault_of_emulator(const struct run *r, const char *console)
{
	char *place = int3__not_in_memory(console, r->spec.scanner,
					  r->spec.allow);
	char *reason = NULL;
	uint32_t flags;

	if (place)
		reason = xasprintf("QEMU ran an int3 that is not in memory (at %s): a fault of the emulator",
				   place);
	else if (flags__impossible(console, &flags))
		reason = xasprintf("the flags register was %#x, which no CPU can have: a fault of the emulator",
				   flags);
	free(place);
	return reason;
}

static void judge_emulator(struct run *r)
{
	const struct console *c = &r->seen.console;
	char *text, *reason;

	if (r->spec.accel != ACCEL_TCG || !r->files.console_log.path || r->seen.caught ||
	    (!c->count[CONSOLE_SPLAT] && !c->count[CONSOLE_PANIC]) ||
	    read_file(r->files.console_log.path, &text, NULL))
		return;
	reason = fault_of_emulator(r, text);
	free(text);
	if (reason)
		blame_machine(r, reason);
}

void evidence__weigh(struct run *r)
{
	uint64_t said = r->seen.result.ktap.events.totals.not_ok;

	if (!r->seen.caught)
		ktap__finish(&r->seen.result.ktap);
	r->out.tests = r->seen.result.ktap.events.totals;
	name_rules(r);
	if (!r->spec.boot_only) {
		judge_tests(r, said);
		judge_evidence(r);
	} else if (!r->seen.result.release) {
		run__found(r, VERDICT_LOST,
			    xasprintf("QEMU ended with %s", r->vm.how));
	}
	judge_console(r);
	if (!r->spec.boot_only)
		judge_scan(r);
	judge_emulator(r);
	judge_host(r);
	if (!r->out.reason)
		r->out.reason = xstrdup("");
}
