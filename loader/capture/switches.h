/* SPDX-License-Identifier: GPL-2.0-only */
/* The switches by which anybody can stop the kernel from calling programs on functions. */
#ifndef LOADER_CAPTURE_SWITCHES_H
#define LOADER_CAPTURE_SWITCHES_H

#include <stdbool.h>

#include "loader/capture/ways.h"

#define SWITCHES 2

/* Returns true if the sysctl kernel.ftrace_enabled is 0 now. */
bool switches__ftrace_is_off(void);

struct switches {
	int fd[SWITCHES];	/* -1: this kernel has no such switch */
	unsigned int off;	/* ways that were off at any look, 1 << enum way */
};

void switches__open(struct switches *s);
/* Notes which switches are off now. */
void switches__look(struct switches *s);
/* Returns true if programs attached by this way were off at any look. */
bool switches__was_off(const struct switches *s, enum way way);
void switches__close(struct switches *s);

#endif /* LOADER_CAPTURE_SWITCHES_H */
