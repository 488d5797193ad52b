/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filter.h - which records the user wants to see, by whom they are about.
 *
 * Of one kind (pids, namespaces, names) any may fit; of each kind that is given
 * one must. A record fits if who ran it or who it is about does. Nothing given:
 * all fit.
 */
#ifndef LOADER_FILTER_H
#define LOADER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model;
struct model_task;
struct model_view;

/* A process, and what it forks from when it is first seen. */
struct filter_pid {
	const char *text;	/* as it was given */
	int32_t nr;
	uint32_t ns;		/* inum; 0: the one at level 0 */
	bool seen;
	/* The sweep that showed it, and the process's struct pid then. */
	uint32_t sweep;
	uint64_t process;
};

/* All zero: empty. */
struct filter {
	struct filter_pid *pids;
	size_t npids;
	uint32_t *namespaces;	/* inums: who has a number there, or names it */
	size_t nnamespaces;
	const char **comms;	/* shell patterns */
	size_t ncomms;
	unsigned int picked;	/* tasks alive that a pid chose */
};

/*
 * Each adds one from the command line, whose text must stay. Returns 0, or a
 * negative errno and why says what is wrong.
 */
int filter__add_pid(struct filter *f, const char *text, char *why, size_t len);
int filter__add_namespace(struct filter *f, const char *text, char *why,
			  size_t len);
int filter__add_comm(struct filter *f, const char *text, char *why, size_t len);

/* Numbers without a namespace are those of this one. */
void filter__default_namespace(struct filter *f, uint32_t inum);

void filter__free(struct filter *f);

/*
 * Call it for every record, shown or not, after model__resolve(): who is picked
 * by a pid, and who is gone.
 */
void filter__follow(struct filter *f, const struct model_view *v);

bool filter__fits(const struct filter *f, const struct model_view *v);
bool filter__fits_task(const struct filter *f, const struct model_task *t);

/* The first pid that was not seen, or NULL. */
const struct filter_pid *filter__missing(const struct filter *f);

/* All that were asked for by pid have come, and gone. */
bool filter__done(const struct filter *f);

#endif /* LOADER_FILTER_H */
