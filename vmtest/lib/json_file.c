// SPDX-License-Identifier: GPL-2.0-only
/* Writes the runner's JSON files, indented and with a newline at the end. */
#include "vmtest/lib/json_file.h"

#include <errno.h>
#include <string.h>

#include "vmtest/lib/util.h"

int json_file__write(json_t *root, const char *path)
{
	auto_free char *text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	auto_free char *whole = NULL;
	int err;

	json_decref(root);
	if (!text)
		out_of_memory();
	whole = xasprintf("%s\n", text);
	err = write_file_atomic(path, whole, strlen(whole));
	if (err)
		msg__error("%s: %s; make room, or name another directory with --out",
			  path, strerror(-err));
	return err;
}

json_t *json_file__strings(const struct strv *s)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(a, json_string(s->v[i]));
	return a;
}
