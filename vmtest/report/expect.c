// SPDX-License-Identifier: GPL-2.0-only
/* Parses the file with the expected verdicts and violated rules of a target. */
#include "vmtest/report/expect.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int take_line(void *ctx, const char *path, int nr, char *line)
{
	struct expect *e = ctx;
	char *key, *word, *save;
	enum verdict v;

	line[strcspn(line, "#")] = '\0';
	key = strtok_r(line, " \t", &save);
	if (strcmp(key, "verdict") && strcmp(key, "rule")) {
		msg__error("%s:%d: %s: expected \"verdict\" or \"rule\"", path, nr,
			  key);
		return -EINVAL;
	}
	while ((word = strtok_r(NULL, " \t", &save))) {
		if (*key == 'r') {
			strv__add(&e->rules, word);
		} else if (verdict__parse(word, &v)) {
			msg__error("%s:%d: %s is not a verdict", path, nr, word);
			return -EINVAL;
		} else {
			e->wanted[v] = true;
		}
	}
	return 0;
}

int expect__read(struct expect *e, const char *dir, const char *target)
{
	auto_free char *path = xasprintf("%s/%s", dir, target);
	bool any = false;
	int err;

	memset(e, 0, sizeof(*e));
	if (access(path, F_OK) && errno == ENOENT) {
		e->wanted[VERDICT_PASS] = true;
		return 0;
	}
	err = each_line(path, take_line, e);
	for (int v = 0; v < VERDICT_NR; v++)
		any |= e->wanted[v];
	if (!err && !any) {
		msg__error("%s: no \"verdict\" line", path);
		err = -EINVAL;
	}
	if (err)
		expect__free(e);
	return err;
}

void expect__free(struct expect *e)
{
	strv__free(&e->rules);
	memset(e, 0, sizeof(*e));
}
