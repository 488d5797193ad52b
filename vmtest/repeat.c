// SPDX-License-Identifier: GPL-2.0-only
/*
 * See repeat.h. Two kinds of outcome are not believed at once:
 *
 * - A fault of the emulator (int3.c), or of a host that is too busy, says nothing
 *   about the kernel. The second run is reported, whatever its outcome.
 * - A PANIC, SPLAT or LOST of a saved guest may be caused by the saving. The run
 *   is repeated with a guest that boots, and the worse of the two outcomes is
 *   reported: a race of the kernel's need not be lost twice, so a second run
 *   that passes does not acquit it, but is named in the reason.
 *
 * A repetition boots and is never repeated itself. The first run's files are
 * beside the second's, in DIR.first.
 */
#include "repeat.h"

#include <string.h>

static bool is_doubtful(const struct run_outcome *out)
{
	return out->emulator ||
	       (out->resumed && (out->verdict == VERDICT_PANIC ||
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
	msg_note("%s seed %llu: %s: %s; repeating, booted (%s)", spec->target,
		 (unsigned long long)out->seed, verdict__name(out->verdict),
		 out->reason, out->dir);
	again.snapshots = NULL;
	again.asked = 0;
	batch__repeat(b, &again, out);
	return true;
}

/*
 * Adds the outcome that is not reported to the one that is, and takes it over.
 */
static void remember(struct run_outcome *out, struct run_outcome *other)
{
	out->retried = true;
	out->seconds += other->seconds;
	out->other.verdict = other->verdict;
	out->other.reason = other->reason;
	out->other.dir = other->dir;
	other->reason = other->dir = NULL;
	run_outcome__free(other);
}

void repeat__conclude(const struct run_spec *spec, struct run_outcome *out)
{
	struct run_outcome *first = spec->first, second;
	char *reason;

	if (!first || !first->dir)
		return;
	if (first->emulator || out->verdict >= first->verdict) {
		remember(out, first);
		return;
	}
	second = *out;
	*out = *first;
	memset(first, 0, sizeof(*first));
	reason = xasprintf("%s; did not recur when booted (%s, %s)",
			   out->reason, verdict__name(second.verdict),
			   second.dir);
	free(out->reason);
	out->reason = reason;
	remember(out, &second);
}
