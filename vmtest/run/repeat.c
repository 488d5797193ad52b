// SPDX-License-Identifier: GPL-2.0-only
/*
 * Repeats runs with two kinds of doubtful outcomes before reporting them:
 *
 * - A fault of the emulator (vmtest/triage/emulator.c), or of a host that is
 *   too busy, says nothing about the kernel. The second run is reported, whatever its
 *   outcome.
 * - A PANIC, SPLAT or LOST of a saved guest may be caused by the saving. The run is
 *   repeated with a guest that boots, and the worse of the two outcomes is reported: a
 *   race in the kernel need not show twice, so a second run that passes does not clear
 *   the kernel. The reason names both outcomes. If only the saved guest failed, the
 *   guest is removed: a guest that was saved in a bad state would fail in each run.
 *   A mutant that was caught is not repeated: its fault is expected.
 *
 * A repetition boots and is never repeated itself. The files of the first run of a
 * repeated one are in DIR.first.
 */
#include "vmtest/run/repeat.h"

#include <string.h>

#include "vmtest/vm/snapshot.h"

static bool is_doubtful(const struct run_outcome *out)
{
	return out->emulator ||
	       (out->resumed && !out->refusal && (out->verdict == VERDICT_PANIC ||
				 out->verdict == VERDICT_SPLAT ||
				 out->verdict == VERDICT_LOST));
}

bool repeat__once_more(struct batch *b, const struct run_spec *spec,
		       struct run_outcome *out)
{
	struct run_spec again = *spec;

	/*
	 * A recording is not repeated, nor is a session that a user took part
	 * in.
	 */
	if (spec->first || spec->icount || spec->shell || spec->tools ||
	    spec->debugger || batch__closed(b) || !is_doubtful(out))
		return false;
	run_outcome__move(out, ".first");
	msg__note("%s seed %llu: %s: %s; repeating, booted (%s)", spec->target,
		 (unsigned long long)out->seed, verdict__name(out->verdict),
		 out->reason, out->dir);
	again.snapshots = NULL;
	again.asked = 0;
	batch__repeat(b, &again, out);
	return true;
}

/* Joins the findings of both runs, except those of an emulator's fault. */
static struct findings findings_of_both(const struct run_outcome *first,
					const struct run_outcome *second)
{
	struct findings both = { 0 };

	if (!first->emulator)
		findings__join(&both, &first->findings, 0);
	if (!second->emulator)
		findings__join(&both, &second->findings, first->seconds);
	return both;
}

/*
 * Adds the unreported outcome, other, to the reported one. Takes over other.
 */
static void remember(struct run_outcome *out, struct run_outcome *other)
{
	out->retried = true;
	out->is_mutant |= other->is_mutant;
	out->seconds += other->seconds;
	out->other.verdict = other->verdict;
	out->other.reason = other->reason;
	out->other.dir = other->dir;
	other->reason = other->dir = NULL;
	run_outcome__free(other);
}

/* Adds the outcome that is not reported to the reason. */
static void explain(struct run_outcome *out, const char *text,
		    const struct run_outcome *other)
{
	char *reason = other ? xasprintf("%s; %s %s (%s)", out->reason, text,
					 verdict__name(other->verdict), other->dir) :
			       xasprintf("%s; %s", out->reason, text);

	free(out->reason);
	out->reason = reason;
}

/* The second run, which booted, is reported. */
static void explain_booted(struct run_outcome *out, const struct run_outcome *first)
{
	if (!first->resumed || first->emulator || out->emulator)
		return;
	if (out->verdict == first->verdict)
		explain(out, "also when booted", NULL);
	else
		explain(out, "when resumed from the saved guest:", first);
}

/* The first run, which resumed a saved guest, is reported. */
static void explain_resumed(struct run_outcome *out, const struct run_outcome *second)
{
	if (second->verdict > VERDICT_INCONCLUSIVE) {
		explain(out, "when booted:", second);
		return;
	}
	explain(out, "only when resumed from the saved guest; when booted:", second);
	if (out->saved)
		snapshot__remove(out->saved);
}

void repeat__conclude(const struct run_spec *spec, struct run_outcome *out)
{
	struct run_outcome *first = spec->first, second;
	struct findings both;

	if (!first || !first->dir)
		return;
	both = findings_of_both(first, out);
	findings__free(&out->findings);
	findings__free(&first->findings);
	if (first->emulator || out->verdict >= first->verdict) {
		explain_booted(out, first);
		remember(out, first);
	} else {
		second = *out;
		*out = *first;
		memset(first, 0, sizeof(*first));
		explain_resumed(out, &second);
		remember(out, &second);
	}
	out->findings = both;
}
