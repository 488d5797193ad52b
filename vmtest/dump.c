// SPDX-License-Identifier: GPL-2.0-only
/*
 * See dump.h. QMP, one command at a time.
 * What QEMU refuses is noted and passed over: this is the end of the run
 * anyway.
 */
#include "dump.h"

#include <jansson.h>
#include <string.h>

#include "util.h"

#define STALLS_MAX 4

static const struct {
	const char *command;
	char key;		/* typed at the console once it was answered */
} steps[] = {
	{ "{\"execute\":\"qmp_capabilities\"}", 0 },
	{ "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"info registers -a\"}}", 0 },
	{ "{\"execute\":\"chardev-send-break\",\"arguments\":{\"id\":\"console\"}}", 'l' },
	{ "{\"execute\":\"chardev-send-break\",\"arguments\":{\"id\":\"console\"}}", 'w' },
	{ "{\"execute\":\"chardev-send-break\",\"arguments\":{\"id\":\"console\"}}", 't' },
};

bool dump__next(struct dump *d)
{
	const char *cmd;

	if (d->step == (int)ARRAY_SIZE(steps))
		return false;
	if (d->asked)
		return ++d->stalls < STALLS_MAX;
	d->asked = true;
	d->stalls = 0;
	cmd = steps[d->step].command;
	/* Far below a socket's buffer; a QEMU that is gone answers nothing. */
	if (!write_all(d->qmp, cmd, strlen(cmd)))
		write_all(d->qmp, "\n", 1);
	return true;
}

void dump__start(struct dump *d, int qmp, int console, struct sink *registers)
{
	memset(d, 0, sizeof(*d));
	d->qmp = qmp;
	d->console = console;
	d->registers = registers;
	d->lines.max = 1024 * 1024;
	dump__next(d);
}

static void take_line(void *ctx, char *line, size_t len)
{
	struct dump *d = ctx;
	json_t *root = json_loadb(line, len, 0, NULL), *ret, *error;

	ret = json_object_get(root, "return");
	error = json_object_get(root, "error");
	if ((ret || error) && d->asked) {
		char key = steps[d->step].key;

		if (json_is_string(ret))
			sink__write(d->registers, json_string_value(ret),
				    json_string_length(ret));
		if (error)
			sink__printf(d->registers, "%s: %s\n",
				     steps[d->step].command,
				     json_string_value(json_object_get(
					     error, "desc")));
		if (key)
			write_all(d->console, &key, 1);
		d->asked = false;
		d->step++;
		if (!key)
			dump__next(d);
	}
	json_decref(root);
}

void dump__feed(struct dump *d, const char *buf, size_t len)
{
	lines__feed(&d->lines, buf, len, take_line, d);
}

void dump__free(struct dump *d)
{
	lines__free(&d->lines);
}
