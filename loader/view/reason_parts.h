/* SPDX-License-Identifier: GPL-2.0-only */
/* Declares what reason.c needs of the files of its two kinds of calls. */
#ifndef LOADER_VIEW_REASON_PARTS_H
#define LOADER_VIEW_REASON_PARTS_H

#include "loader/model/model.h"

/* fork, vfork, clone, clone3, unshare */
bool creation__put_reason(const struct model *m, const struct model_view *v,
			  FILE *out);

bool setns__put_reason(const struct model *m, const struct model_view *v, FILE *out);

/* Both kinds of calls may fail in alloc_pid(). */
static inline bool put_dead_init(FILE *out, uint32_t ns, uint32_t pid_allocated)
{
	if (pid_allocated & MODEL_ADDING)
		return false;
	fprintf(out, "the init of pid:[%u] is dead", ns);
	return true;
}

static inline bool put_no_number(FILE *out, uint32_t ns, uint32_t level)
{
	fprintf(out, "no number is free in pid:[%u]%s", ns,
		level ? " or above it" : "");
	return true;
}

#endif /* LOADER_VIEW_REASON_PARTS_H */
