/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sends the input of the guest's command to the input port, in the frames that
 * vmtest/wire/protocol.h describes.
 */
#ifndef VMTEST_RUN_PORT_INPUT_H
#define VMTEST_RUN_PORT_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "vmtest/lib/loop.h"
#include "vmtest/vm/input.h"
#include "vmtest/vm/shell.h"
#include "vmtest/wire/protocol.h"

/* Where the input comes from, where it goes, and who has to know. */
struct port_input_target {
	struct loop *loop;
	int fd;			/* the port's socket */
	struct input *input;
	struct shell *shell;	/* which reads the terminal, or NULL */
	void (*sent)(void *ctx);	/* QEMU has taken a part of it */
	void (*failed)(void *ctx, const char *what, int err);
	void *ctx;
};

/* Part of a run; zero it. */
struct port_input {
	struct port_input_target to;
	struct input_reader reader;
	struct loop_watch writable;
	char frame[INPUT_HEAD + INPUT_FRAME_MAX + 1];
	size_t len, at;		/* the frame in flight: length, bytes sent */
	bool started, ended, resized;
};

/* Sends the input as fast as the guest reads; to be called after the job. */
void port_input__start(struct port_input *p, const struct port_input_target *to);

/* Sends the terminal's size before further input. */
void port_input__resized(struct port_input *p);

/* Stops sending. Legal at any time, and twice. */
void port_input__stop(struct port_input *p);

#endif /* VMTEST_RUN_PORT_INPUT_H */
