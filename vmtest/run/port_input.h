/* SPDX-License-Identifier: GPL-2.0-only */
/* The input port's traffic, in the frames that protocol.h describes. */
#ifndef VMTEST_RUN_PORT_INPUT_H
#define VMTEST_RUN_PORT_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "vmtest/lib/loop.h"
#include "vmtest/vm/input.h"
#include "vmtest/wire/protocol.h"

struct run;

/* Part of a run; zero it. */
struct port_input {
	struct input_reader reader;
	struct loop_watch writable;
	char frame[INPUT_HEAD + INPUT_FRAME_MAX + 1];
	size_t len, at;		/* the frame in flight: length, bytes sent */
	bool started, ended, resized;
};

/* Sends the input as fast as the guest reads; to be called after the job. */
void port_input__start(struct run *r);

/* Sends the terminal's size before further input. */
void port_input__resized(struct run *r);

/*
 * Writes the command's input to @name in the run's directory, unless the input is
 * too long. Returns 0 or -errno.
 */
int port_input__save(const struct run *r, const char *name);

/* Stops sending. Legal at any time, and twice. */
void port_input__stop(struct run *r);

#endif /* VMTEST_RUN_PORT_INPUT_H */
