// SPDX-License-Identifier: GPL-2.0-only
/* Sends commands to QEMU, and passes the replies and events on to callbacks. */
#include "vmtest/vm/qmp.h"

#include <string.h>

#include "vmtest/lib/util.h"

#define LINE_MAX (1024 * 1024)

void qmp__init(struct qmp *q, int fd)
{
	memset(q, 0, sizeof(*q));
	q->fd = fd;
	q->lines.max = LINE_MAX;
}

void qmp__listen(struct qmp *q, qmp_reply *reply, qmp_event *event, void *ctx)
{
	q->reply = reply;
	q->event = event;
	q->ctx = ctx;
}

static void say(struct qmp *q, const char *command)
{
	q->asked = true;
	/* A socket's buffer has room for any command. */
	if (!write_all(q->fd, command, strlen(command)))
		write_all(q->fd, "\n", 1);
}

void qmp__ask(struct qmp *q, const char *command)
{
	if (q->greeted) {
		say(q, command);
		return;
	}
	free(q->next);
	q->next = xstrdup(command);
	if (!q->asked)
		say(q, QMP_EXECUTE("qmp_capabilities"));
}

void qmp__watch(struct qmp *q, qmp_event *watch, void *ctx)
{
	q->watch = watch;
	q->watch_ctx = ctx;
	if (!q->greeted && !q->asked)
		say(q, QMP_EXECUTE("qmp_capabilities"));
}

static void take_answer(struct qmp *q, const json_t *ret, const json_t *error)
{
	char *next = q->next;

	if (!q->asked)
		return;
	q->asked = false;
	if (!q->greeted) {
		q->greeted = true;
		q->next = NULL;
		if (next)
			say(q, next);
		free(next);
		return;
	}
	q->reply(q->ctx, ret, json_string_value(json_object_get(error, "desc")));
}

static void take_line(void *ctx, char *line, size_t len)
{
	struct qmp *q = ctx;
	json_t *root = json_loadb(line, len, 0, NULL);
	const json_t *ret = json_object_get(root, "return");
	const json_t *error = json_object_get(root, "error");
	const char *event = json_string_value(json_object_get(root, "event"));

	if (ret || error)
		take_answer(q, ret, error);
	if (event && q->event)
		q->event(q->ctx, event, json_object_get(root, "data"));
	if (event && q->watch)
		q->watch(q->watch_ctx, event, json_object_get(root, "data"));
	json_decref(root);
}

void qmp__feed(struct qmp *q, const char *buf, size_t len)
{
	lines__feed(&q->lines, buf, len, take_line, q);
}

void qmp__free(struct qmp *q)
{
	lines__free(&q->lines);
	free(q->next);
	q->next = NULL;
}
