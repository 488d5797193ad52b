/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's monitor (docs/interop/qmp-spec.rst), one command at a time; the
 * handshake is made with the first.
 */
#ifndef VMTEST_QMP_H
#define VMTEST_QMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lines.h"

/* The answer: what it returned, or error, QEMU's words for why not. */
typedef void qmp_reply(void *ctx, const json_t *ret, const char *error);
/* What QEMU tells unasked, and its data. */
typedef void qmp_event(void *ctx, const char *name, const json_t *data);

struct qmp {
	int fd;			/* not ours */
	struct lines lines;
	bool greeted;		/* capabilities were negotiated */
	bool asked;		/* a command is not answered yet */
	char *next;		/* waits for the handshake */
	qmp_reply *reply;
	qmp_event *event;	/* or NULL */
	void *ctx;
};

void qmp__init(struct qmp *q, int fd);

/* Who gets the answers from now on. */
void qmp__listen(struct qmp *q, qmp_reply *reply, qmp_event *event, void *ctx);

/* Sends a command, a JSON text; none is open. A QEMU that is gone answers not. */
void qmp__ask(struct qmp *q, const char *command);

/* Takes what QEMU said. */
void qmp__feed(struct qmp *q, const char *buf, size_t len);
void qmp__free(struct qmp *q);

#endif
