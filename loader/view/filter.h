/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Selects the records to show by pid, namespace, command name and cgroup.
 *
 * A task must match one argument of each kind that is given. A record matches if its subject or the task that ran the hook does. An empty filter
 * matches all records.
 */
#ifndef LOADER_VIEW_FILTER_H
#define LOADER_VIEW_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model;
struct model_task;
struct model_view;
struct wire_hdr;

/* A process, and the tasks it forks after it was first seen. */
struct filter_pid {
	char *text;		/* the argument as given, without others in its list */
	int32_t nr;
	uint32_t ns;		/* inum; 0: the namespace at level 0 */
	bool seen;
	/* The sweep that showed the process, and its struct pid then. */
	uint32_t sweep;
	uint64_t process;
};

/* A pid namespace that matches its members, and the records that name it. */
struct filter_namespace {
	const char *text;	/* the argument as given */
	uint32_t inum;
	bool seen;		/* a task is in it, or a record names it */
};

/* A pattern for names, or a cgroup. */
struct filter_word {
	char *text;		/* the argument; of a cgroup, the path alone */
	bool seen;		/* a task fits */
};

/* All zero: an empty filter. */
struct filter {
	struct filter_pid *pids;
	size_t npids;
	struct filter_namespace *namespaces;
	size_t nnamespaces;
	struct filter_word *comms;	/* shell patterns */
	size_t ncomms;
	struct filter_word *cgroups;	/* paths without the mount and a slash at the end */
	size_t ncgroups;
	uint64_t *cgroup_ids;	/* cgroups at these paths and below */
	size_t ncgroup_ids;
	unsigned int picked;	/* live tasks picked by a pid */
	bool failed_only;	/* print failed calls only; views are not affected */
};

/*
 * Adds an argument of the command line, for pids a list as in "1,2@4026531836"; text must
 * stay valid. Returns 0, or a negative errno with the reason in why.
 */
int filter__add_pid(struct filter *f, const char *text, char *why, size_t len);
int filter__add_namespace(struct filter *f, const char *text, char *why,
			  size_t len);
int filter__add_comm(struct filter *f, const char *text, char *why, size_t len);
int filter__add_cgroup(struct filter *f, const char *text, char *why, size_t len);

/* Takes the path of a cgroup, from a META_CGROUP record. */
void filter__note_cgroup(struct filter *f, uint64_t id, const char *path);

/* Sets the namespace of all pids given without one. */
void filter__default_namespace(struct filter *f, uint32_t inum);

void filter__free(struct filter *f);

/*
 * Tracks the tasks picked by a pid, and which namespaces were seen. Must be called for
 * every record, shown or not, after model__resolve(). The number of a thread picks its
 * process, with a message.
 */
void filter__follow(struct filter *f, struct model *m, const struct model_view *v);

bool filter__fits(const struct filter *f, const struct model_view *v);
/* Returns whether a record that fits gets a line. */
bool filter__prints(const struct filter *f, const struct wire_hdr *rec);
bool filter__fits_task(const struct filter *f, const struct model_task *t);

/* Return the first pid, or the first namespace, that was not seen, or NULL. */
const struct filter_pid *filter__missing(const struct filter *f);
const struct filter_namespace *filter__missing_namespace(const struct filter *f);

/*
 * Returns a message, to be freed, for the first cgroup or name of which no task was seen,
 * or NULL.
 */
char *filter__unmatched(const struct filter *f);

/* Returns whether all pids were seen and all picked tasks have ended. */
bool filter__done(const struct filter *f);

#endif /* LOADER_VIEW_FILTER_H */
