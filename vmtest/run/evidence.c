// SPDX-License-Identifier: GPL-2.0-only
/*
 * Derives the verdict of a run from the reports of the guest and from the runner's own
 * observations: console, trace, and the end of QEMU. After a fault of the emulator or
 * of a very busy host the run is inconclusive, as the kernel is not at fault.
 */
#include "vmtest/run/state.h"

#include <string.h>
#include <sys/wait.h>

#include "vmtest/triage/emulator.h"

/* Returns " I3 x2 I17 x1"; free it. */
static char *violated_rules(const struct verify_report *j)
{
	auto_strv rules = { 0 };

	for (size_t i = 0; i < j->n; i++)
		strv__addf(&rules, " %s x%llu", j->violations[i].rule,
			   (unsigned long long)j->violations[i].count);
	return strv__join(&rules, "");
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
	auto_free char *rules = violated_rules(j);

	if (j->n)
		run__raise_verdict(r, VERDICT_FAIL, "violated:%s", rules);
	if (not_ok)
		run__raise_verdict(r, VERDICT_FAIL, "%llu test%s not ok: %s",
				   (unsigned long long)not_ok, not_ok == 1 ? "" : "s",
				   res->ktap.events.first_failed);
	if (res->ended && res->verdict != VERDICT_PASS)
		run__raise_verdict(r, res->verdict, "%s", res->reason);
	if (res->verified && j->verdict != VERDICT_PASS)
		run__raise_verdict(r, j->verdict, "%s", j->reason);
}

/* Returns ": " and the last line of the log that is not the runner's, or "". */
static char *said_by_qemu(const struct run *r)
{
	auto_free char *text = NULL;
	char *line, *rest, *last = NULL;

	if (!r->files.log.path || read_file(r->files.log.path, &text, NULL))
		return xstrdup("");
	for (rest = text; (line = strsep(&rest, "\n"));) {
		if (*line && strncmp(line, "vmtest: ", strlen("vmtest: ")))
			last = line;
	}
	return last ? xasprintf(": %s", last) : xstrdup("");
}

/* Returns who ended the guest, and how, from QEMU's last event and its status. */
static char *how_it_ended(const struct run *r)
{
	static const char *const reasons[][2] = {
		{ "guest-reset", "the guest reset itself" },
		{ "guest-shutdown", "the guest powered off" },
		{ "guest-panic", "the guest reported a panic to QEMU" },
		{ "host-signal", "QEMU was ended by a signal" },
	};
	int status = r->vm.status;
	auto_free char *said = said_by_qemu(r);

	for (size_t i = 0; !status && i < ARRAY_SIZE(reasons); i++) {
		if (!strcmp(r->vm.shutdown, reasons[i][0]))
			return xstrdup(reasons[i][1]);
	}
	if (WIFSIGNALED(status))
		return xasprintf("QEMU was killed by %s%s", r->vm.how,
				 r->seen.result.release ? "" : said);
	if (status)
		return xasprintf("QEMU exited with status %d%s", WEXITSTATUS(status), said);
	return xasprintf("QEMU ended with %s", r->vm.how);
}

/* Results are evidence only if each missing result would have been noticed. */
static void judge_ktap(struct run *r)
{
	const char *doubt = r->seen.result.ktap.doubt;

	if (doubt)
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "%s", doubt);
	if (!r->out.tests.ok)
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "no test passed");
}

static void judge_evidence(struct run *r)
{
	const struct result_port *res = &r->seen.result;
	auto_free char *how = how_it_ended(r);

	if (r->seen.caught) {
		/* The runner ended the guest, so a missing verdict is expected. */
		run__raise_verdict(r, VERDICT_FAIL, "caught");
		return;
	}
	if (res->garbage)
		run__raise_verdict(r, VERDICT_LOST, "garbage on the result port: %s",
				   res->first_garbage);
	if (!res->release) {
		run__raise_verdict(r, VERDICT_LOST, "no output from the guest; %s", how);
	} else if (!res->ended) {
		run__raise_verdict(r, VERDICT_LOST, "no verdict; %s", how);
	} else if (!res->verified && !r->spec.bare && res->verdict == VERDICT_PASS) {
		run__raise_verdict(r, VERDICT_LOST, "no report from pidnstrace");
	}
	if (res->ended && !r->seen.trace_whole)
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "the end of the trace is missing");
	if (r->files.trace.dropped)
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "the trace is longer than %llu MiB",
				   (unsigned long long)(r->files.trace.limit >> 20));
	if ((!r->spec.cmd->n || r->spec.ktap) && res->ended)
		judge_ktap(r);
}

/* A guest that reached its end must have sent the whole log of its kernel. */
static void judge_log(struct run *r)
{
	const struct kernel_log *l = &r->seen.log;

	if (!r->seen.result.ended)
		return;
	if (l->missing)
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "the kernel's log cannot be read: %s",
				   l->missing);
	else if (!l->begun)
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "the kernel's log did not arrive");
	else if (l->lost)
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "the kernel's log has gaps: %llu message%s overwritten before init read the log; log_buf_len= makes it longer",
				   (unsigned long long)l->lost,
				   l->lost == 1 ? " was" : "s were");
	if (r->files.kernel_log.dropped)
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "the kernel's log is longer than %llu MiB",
				   (unsigned long long)(r->files.kernel_log.limit >> 20));
}

/* The scan proves nothing if the console lacks messages of the kernel. */
static void judge_scan(struct run *r)
{
	const struct console *c = &r->seen.console;

	judge_log(r);
	if (r->seen.result.release && !c->seen)
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "the console is empty, so nothing was scanned; is console=ttyS0 overridden?");
	if (c->count[CONSOLE_GAP])
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "the console has gaps: %s",
				   c->first[CONSOLE_GAP]);
	if (r->files.console_log.dropped)
		run__raise_verdict(r, VERDICT_INCONCLUSIVE, "the console is longer than %llu MiB",
				   (unsigned long long)(r->files.console_log.limit >> 20));
}

static void judge_console(struct run *r)
{
	const struct console *c = &r->seen.console;

	if (c->count[CONSOLE_ALLOWED])
		run__log(r, "%llu splat%s allowed, the first: %s",
			 (unsigned long long)c->count[CONSOLE_ALLOWED],
			 c->count[CONSOLE_ALLOWED] == 1 ? " is" : "s are",
			 c->first[CONSOLE_ALLOWED]);
	/* A panic by panic_on_warn was requested; only the warning counts. */
	if (c->count[CONSOLE_SPLAT] &&
	    strstr(c->first[CONSOLE_PANIC], "panic_on_warn set"))
		run__raise_verdict(r, VERDICT_SPLAT, "%s", c->first[CONSOLE_SPLAT]);
	else if (c->count[CONSOLE_PANIC])
		run__raise_verdict(r, VERDICT_PANIC, "%s", c->first[CONSOLE_PANIC]);
	if (c->count[CONSOLE_SPLAT])
		run__raise_verdict(r, VERDICT_SPLAT, "%s", c->first[CONSOLE_SPLAT]);
}

static bool is_violated(void *ctx, const struct finding *f)
{
	const struct verify_report *j = ctx;

	for (size_t i = 0; f->kind == FINDING_RULE && i < j->n; i++) {
		if (!strcmp(j->violations[i].rule, f->text))
			return true;
	}
	return f->kind != FINDING_RULE;
}

/*
 * Records violations found only at the end of the trace, or by pidnstrace replay, and
 * drops those that the guest's own report does not count in the end.
 */
static void name_rules(struct run *r)
{
	struct verify_report *j = &r->out.judged;

	if (r->seen.result.verified && !r->seen.caught)
		findings__retain(&r->out.findings, is_violated, j);
	for (size_t i = 0; i < j->n; i++)
		run__add_finding(r, FINDING_RULE, j->violations[i].rule);
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

/* A catcher of a splat knows its text, but "any" would also take the emulator's. */
static bool needs_no_blame(const struct run *r)
{
	return r->seen.caught && !catchers__take_any(r->spec.until);
}

/* Did QEMU execute an instruction that is not in memory, or corrupt EFLAGS? */
static void judge_emulator(struct run *r)
{
	const struct console *c = &r->seen.console;
	const char *text = r->seen.kernel_text;
	auto_free char *place = NULL;
	uint32_t flags;

	if (r->spec.accel != ACCEL_TCG || !text || needs_no_blame(r) ||
	    (!c->count[CONSOLE_SPLAT] && !c->count[CONSOLE_PANIC]))
		return;
	place = int3__not_in_memory(text, r->spec.scanner, r->spec.allow);
	if (place)
		blame_machine(r, xasprintf("QEMU ran an int3 that is not in memory (at %s): a fault of the emulator",
					   place));
	else if (flags__impossible(text, &flags))
		blame_machine(r, xasprintf("the flags register was %#x, which no CPU can have: a fault of the emulator",
					   flags));
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
		auto_free char *how = how_it_ended(r);

		run__raise_verdict(r, VERDICT_LOST, "%s", how);
	}
	judge_console(r);
	if (!r->spec.boot_only)
		judge_scan(r);
	judge_emulator(r);
	judge_host(r);
	if (!r->out.reason)
		r->out.reason = xstrdup("");
}
