/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's monitor (docs/interop/qmp-spec.rst), one command at a time; the first
 * command includes the handshake.
 */
#ifndef VMTEST_VM_QMP_H
#define VMTEST_VM_QMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "vmtest/lib/lines.h"

/* A command without arguments, as JSON. */
#define QMP_EXECUTE(name) "{\"execute\":\"" name "\"}"

/* Gets a command's reply: the returned value, or QEMU's error message. */
typedef void qmp_reply(void *ctx, const json_t *ret, const char *error);
/* Gets an event's name and data. */
typedef void qmp_event(void *ctx, const char *name, const json_t *data);

struct qmp {
	int fd;			/* not ours */
	struct lines lines;
	bool greeted;		/* capabilities were negotiated */
	bool asked;		/* a command has no reply yet */
	char *next;		/* command to send after the handshake */
	qmp_reply *reply;
	qmp_event *event;	/* or NULL */
	void *ctx;
	qmp_event *watch;	/* gets all events, or NULL */
	void *watch_ctx;
};

void qmp__init(struct qmp *q, int fd);

/* Sets the receivers of later replies and events. */
void qmp__listen(struct qmp *q, qmp_reply *reply, qmp_event *event, void *ctx);

/* Asks QEMU for its events now; @watch gets all of them, whoever listens. */
void qmp__watch(struct qmp *q, qmp_event *watch, void *ctx);

/* Sends a command, as JSON, if no other is pending. A dead QEMU does not reply. */
void qmp__ask(struct qmp *q, const char *command);

/* Takes bytes from QEMU. */
void qmp__feed(struct qmp *q, const char *buf, size_t len);
void qmp__free(struct qmp *q);

#endif /* VMTEST_VM_QMP_H */
