// SPDX-License-Identifier: GPL-2.0-only
/* See job.h. */
#include "job.h"

#include <jansson.h>

#include "run.h"

static json_t *json_strings(const struct strv *s)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(a, json_string(s->v[i]));
	return a;
}

char *job__text(const struct run_spec *spec)
{
	const struct sanitizing *san = &spec->image->san;
	json_t *job = json_pack("{s:I, s:s, s:I, s:b, s:o}", "seed",
				(json_int_t)spec->seed, "mode", spec->mode,
				"ops", (json_int_t)spec->ops, "widen",
				spec->widen, "tests",
				json_strings(spec->tests));
	char *text, *line;

	if (san->checks.n)
		json_object_set_new(job, "checks", json_strings(&san->checks));
	if (san->slower > 1)
		json_object_set_new(job, "slower", json_real(san->slower));
	if (spec->cmd->n)
		json_object_set_new(job, "cmd", json_strings(spec->cmd));
	if (spec->ktap)
		json_object_set_new(job, "ktap", json_true());
	text = json_dumps(job, JSON_COMPACT);
	json_decref(job);
	line = xasprintf("%s\n", text ? text : "");
	free(text);
	return line;
}
