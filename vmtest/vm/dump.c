// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends the commands of a dump to QEMU, one after the other. A command that QEMU
 * refuses is recorded and skipped, as the run is about to end.
 */
#include "vmtest/vm/dump.h"

#include <string.h>

#include "vmtest/lib/util.h"

#define STALLS_MAX 4

#define HMP(line) "{\"execute\":\"human-monitor-command\"," \
	"\"arguments\":{\"command-line\":\"" line "\"}}"
#define BREAK "{\"execute\":\"chardev-send-break\"," \
	"\"arguments\":{\"id\":\"console\"}}"

static const struct {
	const char *command;
	char key;		/* typed at the console after the answer */
} steps[] = {
	{ HMP("info registers -a"), 0 },
	{ BREAK, 'l' },
	{ BREAK, 'w' },
	{ BREAK, 't' },
};

bool dump__next(struct dump *d)
{
	if (d->step == (int)ARRAY_SIZE(steps))
		return false;
	if (d->qmp->asked)
		return ++d->stalls < STALLS_MAX;
	d->stalls = 0;
	qmp__ask(d->qmp, steps[d->step].command);
	return true;
}

static void on_reply(void *ctx, const json_t *ret, const char *error)
{
	struct dump *d = ctx;
	char key;

	if (d->step == (int)ARRAY_SIZE(steps))
		return;
	key = steps[d->step].key;
	if (json_is_string(ret))
		capped_file__write(d->registers, json_string_value(ret),
			    json_string_length(ret));
	if (error)
		capped_file__printf(d->registers, "%s: %s\n", steps[d->step].command,
			     error);
	if (key)
		write_all(d->console, &key, 1);
	d->step++;
	if (!key)
		dump__next(d);
}

void dump__start(struct dump *d, struct qmp *qmp, int console,
		 struct capped_file *registers)
{
	memset(d, 0, sizeof(*d));
	d->qmp = qmp;
	d->console = console;
	d->registers = registers;
	qmp__listen(qmp, on_reply, NULL, d);
	dump__next(d);
}
