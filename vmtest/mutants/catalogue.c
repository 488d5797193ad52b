// SPDX-License-Identifier: GPL-2.0-only
/* Parses the JSON output of `pidnstrace rules`. */
#include "vmtest/mutants/catalogue.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

static int take_rule(const json_t *rule, struct strv *ids,
		     struct strv *statements)
{
	const char *id = json_string_value(json_object_get(rule, "id"));
	const char *statement =
		json_string_value(json_object_get(rule, "statement"));

	if (!id || !statement)
		return -EINVAL;
	strv__add(ids, id);
	strv__add(statements, statement);
	return 0;
}

/* Reads JSON objects, one per line, to the end of the file. */
static int take_rules(FILE *f, struct strv *ids, struct strv *statements)
{
	json_t *rule;
	int err = 0;

	while (!err && (rule = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL))) {
		err = take_rule(rule, ids, statements);
		json_decref(rule);
	}
	return err || !feof(f) ? -EINVAL : 0;
}

int catalogue__read(const char *judge, struct strv *ids,
		    struct strv *statements)
{
	char *quoted = shell_quote(judge);
	char *cmd = xasprintf("%s rules --format json", quoted);
	FILE *f = popen(cmd, "re");
	int err = f ? take_rules(f, ids, statements) : -errno;

	if (f && pclose(f) && !err)
		err = -EINVAL;
	if (!err && !ids->n)
		err = -EINVAL;
	if (err)
		msg__error("%s: did not print the list of rules; `make programs' builds it",
			  cmd);
	free(cmd);
	free(quoted);
	return err;
}
