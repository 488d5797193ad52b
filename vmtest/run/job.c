// SPDX-License-Identifier: GPL-2.0-only
/* Writes the settings and the job of a run as JSON objects, for the guest's init. */
#include "vmtest/run/job.h"

#include <jansson.h>

#include "vmtest/lib/json_file.h"
#include "vmtest/vm/shell.h"

/* 2026-01-01 00:00 UTC, and the number of seconds in this year. */
#define CLOCK_BASE_S 1767225600LL
#define CLOCK_SPAN_S (365LL * 24 * 3600)
#define NS_PER_S 1000000000LL

static char *dump(json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);

	json_decref(o);
	return text ? text : xstrdup("");
}

char *job__settings(const struct run_spec *s)
{
	const struct strv *checks = &s->image->san.checks;

	return dump(json_pack("{s:s, s:b, s:b, s:o*}", "mode", s->mode, "widen", s->widen,
			      "bare", s->bare, "checks",
			      checks->n ? json_file__strings(checks) : NULL));
}

/* Returns the guest's date, which depends on the seed only. */
static json_int_t clock_ns(uint64_t seed)
{
	uint64_t h = hash_bytes(HASH_INIT, &seed, sizeof(seed));

	return (json_int_t)(CLOCK_BASE_S + (long long)(h % CLOCK_SPAN_S)) *
	       NS_PER_S + (json_int_t)((h >> 32) % NS_PER_S);
}

static json_t *terminal_of(const struct run_spec *s)
{
	const char *type = getenv("TERM");
	struct winsize size = shell__size(s->shell);

	return json_pack("{s:s, s:s, s:i, s:i}", "name", s->target, "type",
			 type && *type ? type : "dumb", "rows", size.ws_row, "columns",
			 size.ws_col);
}

/* Returns true, or NULL to leave the key out. */
static json_t *flag(bool set)
{
	return set ? json_true() : NULL;
}

char *job__text(const struct run_spec *s)
{
	double slower = s->image->san.slower;

	return dump(json_pack("{s:I, s:I, s:I, s:o, s:o*, s:s*, s:o*, s:o*, s:o*, s:o*, s:o*}",
			      "seed", (json_int_t)s->seed, "time", clock_ns(s->seed),
			      "ops", (json_int_t)s->ops,
			      "tests", json_file__strings(s->tests),
			      "slower", slower > 1 ? json_real(slower) : NULL,
			      "mutant", s->mutant,
			      "cmd", s->cmd->n ? json_file__strings(s->cmd) : NULL,
			      "ktap", flag(s->ktap), "input", flag(s->input),
			      "tools", flag(s->tools),
			      "terminal", s->shell ? terminal_of(s) : NULL));
}
