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
	json_t *o = json_pack("{s:s, s:b, s:b}", "mode", s->mode, "widen",
			      s->widen, "bare", s->bare);

	if (checks->n)
		json_object_set_new(o, "checks", json_file__strings(checks));
	return dump(o);
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

	return json_pack("{s:s, s:s, s:i, s:i}", "name", s->target, "type",
			 type && *type ? type : "dumb", "rows",
			 (int)shell__rows(s->shell), "columns",
			 (int)shell__columns(s->shell));
}

char *job__text(const struct run_spec *s)
{
	const struct sanitizing *san = &s->image->san;
	json_t *o = json_pack("{s:I, s:I, s:I, s:o}", "seed",
			      (json_int_t)s->seed, "time", clock_ns(s->seed),
			      "ops", (json_int_t)s->ops, "tests",
			      json_file__strings(s->tests));

	if (san->slower > 1)
		json_object_set_new(o, "slower", json_real(san->slower));
	if (s->mutant)
		json_object_set_new(o, "mutant", json_string(s->mutant));
	if (s->cmd->n)
		json_object_set_new(o, "cmd", json_file__strings(s->cmd));
	if (s->ktap)
		json_object_set_new(o, "ktap", json_true());
	if (s->input)
		json_object_set_new(o, "input", json_true());
	if (s->tools)
		json_object_set_new(o, "tools", json_true());
	if (s->shell)
		json_object_set_new(o, "terminal", terminal_of(s));
	return dump(o);
}
