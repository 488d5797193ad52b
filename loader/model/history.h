/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stores a record in 48 bytes, with model_event__set(), and prints it as a line of
 * text, with model_event__print().
 */
#ifndef LOADER_MODEL_HISTORY_H
#define LOADER_MODEL_HISTORY_H

#include <stdio.h>
#include "loader/model/model.h"

void model_event__set(struct model_event *e, const struct wire_hdr *rec,
		      uint64_t index);

/* Stores call @i in a record of several links. index: of the first call */
static inline void model_event__set_link(struct model_event *e,
					 const struct wire_links_pid *links,
					 unsigned int i, uint64_t index)
{
	*e = (struct model_event){
		.index = index + i,
		.ts_ns = links->hdr.ts_ns,
		.type = links->hdr.type,
		.cpu = (uint16_t)links->hdr.cpu,
		.a = links->pid[i],
		.b = links->task,
		.x = links->pidtype[i],
	};
}

/* Prints the text after the record's name: "(fd 3, flags 0x0): inum 4", or "" */
void model_event__detail(const struct model_event *e, FILE *out);

/* Prints one line, without the newline. */
void model_event__print(const struct model_event *e, FILE *out);

/* Prints the last records of a task, oldest first, each on its own line. */
void model_history__print(const struct model_task *t, const char *indent,
			  FILE *out);

const char *pidtype__name(unsigned int pidtype);

#endif /* LOADER_MODEL_HISTORY_H */
