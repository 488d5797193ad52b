// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the stream as JSON:
 *
 * {"version":1,"name":N,"result":R,"totals":{"ok":0,"not_ok":0,"skip":0},
 *  "diagnostics":[LINE...],"tests":[TEST...]}
 *
 * A TEST is the same without version; with "reason", if there is one, and without
 * totals and tests, if the test has no subtests.
 */
#include <errno.h>
#include <jansson.h>

#include "results/write.h"

#define FORMAT_VERSION 1

/* Returns the test that begins at event number at. */
static json_t *test(const struct events *ev, size_t at, const char *name)
{
	const struct event *b = &ev->v[at];
	json_t *o, *tests = json_array(), *diags = json_array();

	o = json_pack("{s:s, s:s}", "name", name, "result",
		      test_result__name(b->result));
	if (ev->v[b->end].text)
		json_object_set_new(o, "reason",
				    json_string(ev->v[b->end].text));
	for (size_t i = at + 1; i < b->end; i = event__next(ev, i)) {
		const struct event *e = &ev->v[i];

		if (e->type == EVENT_DIAG)
			json_array_append_new(diags, json_string(e->text));
		else
			json_array_append_new(tests, test(ev, i, e->text));
	}
	if (json_array_size(diags))
		json_object_set(o, "diagnostics", diags);
	if (b->children || !at) {
		json_object_set_new(o, "totals", json_pack("{s:I, s:I, s:I}",
			"ok", (json_int_t)b->totals.ok,
			"not_ok", (json_int_t)b->totals.not_ok,
			"skip", (json_int_t)b->totals.skip));
		json_object_set(o, "tests", tests);
	}
	json_decref(diags);
	json_decref(tests);
	return o;
}

int write__json(const struct events *ev, const char *name, FILE *out)
{
	json_t *root = test(ev, 0, name);
	int err;

	json_object_set_new(root, "version", json_integer(FORMAT_VERSION));
	err = json_dumpf(root, out, JSON_INDENT(1)) ? -EIO : 0;
	fputc('\n', out);
	json_decref(root);
	return err;
}
