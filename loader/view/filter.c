// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selects the records to show by pid, namespace, command name and cgroup. A pid picks the first
 * task with this number and the tasks that it forks, because later tasks reuse the
 * number.
 */
#include "loader/view/filter.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/msg.h"
#include "loader/lib/parse.h"
#include "loader/model/model.h"
#include "loader/view/failed.h"
#include "loader/view/nsname.h"

#define CLONE_NEWPID 0x20000000

/* --- from the command line --- */

static void *grow(void *array, size_t n, size_t size)
{
	return xrealloc(array, (n + 1) * size);
}

/* Adds one element of a list of pids, text, which the filter then owns. */
static int add_pid(struct filter *f, char *text, char *why, size_t len)
{
	struct filter_pid p = { .text = text };
	const char *at = strchr(text, '@');
	char nr[16];
	uint64_t value;
	int err;

	snprintf(nr, sizeof(nr), "%.*s",
		 at ? (int)(at - text) : (int)strlen(text), text);
	if (parse__u64(nr, &value) || !value || value > INT32_MAX) {
		snprintf(why, len, "%s: not a pid or PID@NAMESPACE", text);
		return -EINVAL;
	}
	p.nr = (int32_t)value;
	if (at) {
		size_t n = (size_t)snprintf(why, len, "%s: ", text);

		err = nsname__parse(at + 1, &p.ns, why + n, n < len ? len - n : 0);
		if (err)
			return err;
	}
	f->pids = grow(f->pids, f->npids, sizeof(*f->pids));
	f->pids[f->npids++] = p;
	return 0;
}

/*
 * Returns the end of the first element of a list. A comma in the path of a namespace does
 * not end it, unless a digit follows.
 */
static const char *element_end(const char *list)
{
	const char *comma = strchr(list, ',');

	while (comma && !isdigit((unsigned char)comma[1]) &&
	       memchr(list, '/', (size_t)(comma - list)))
		comma = strchr(comma + 1, ',');
	return comma ? comma : list + strlen(list);
}

int filter__add_pid(struct filter *f, const char *text, char *why, size_t len)
{
	const char *end;
	int err;

	for (;; text = end + 1) {
		char *one;

		end = element_end(text);
		one = xasprintf("%.*s", (int)(end - text), text);
		err = add_pid(f, one, why, len);
		if (err)
			free(one);
		if (err || !*end)
			return err;
	}
}

int filter__add_namespace(struct filter *f, const char *text, char *why,
			  size_t len)
{
	uint32_t inum;
	int err = nsname__parse(text, &inum, why, len);

	if (err)
		return err;
	f->namespaces = grow(f->namespaces, f->nnamespaces,
			     sizeof(*f->namespaces));
	f->namespaces[f->nnamespaces++] = (struct filter_namespace){
		.text = text, .inum = inum,
	};
	return 0;
}

int filter__add_comm(struct filter *f, const char *text, char *why, size_t len)
{
	if (!*text) {
		snprintf(why, len, "'': expected a command name or a pattern");
		return -EINVAL;
	}
	f->comms = grow(f->comms, f->ncomms, sizeof(*f->comms));
	f->comms[f->ncomms++] = (struct filter_word){ .text = xstrdup(text) };
	return 0;
}

#define CGROUP_MOUNT "/sys/fs/cgroup"

int filter__add_cgroup(struct filter *f, const char *text, char *why, size_t len)
{
	const char *path = text;
	char *copy;

	if (!strncmp(path, CGROUP_MOUNT, strlen(CGROUP_MOUNT)))
		path += strlen(CGROUP_MOUNT);
	if (*text != '/' || (*path && *path != '/')) {
		snprintf(why, len, "%s: not the path of a cgroup, as in /proc/PID/cgroup after the last colon",
			 text);
		return -EINVAL;
	}
	copy = xstrdup(path);
	for (char *end = copy + strlen(copy); end > copy && end[-1] == '/';)
		*--end = '\0';
	f->cgroups = grow(f->cgroups, f->ncgroups, sizeof(*f->cgroups));
	f->cgroups[f->ncgroups++] = (struct filter_word){ .text = copy };
	return 0;
}

/* Returns whether a cgroup is the one at root, which has no slash at the end, or below it. */
static bool is_below(const char *path, const char *root)
{
	size_t len = strlen(root);

	return !strncmp(path, root, len) && (!path[len] || path[len] == '/');
}

void filter__note_cgroup(struct filter *f, uint64_t id, const char *path)
{
	bool fits = false;

	for (size_t i = 0; *path && i < f->ncgroups; i++) {
		if (!is_below(path, f->cgroups[i].text))
			continue;
		f->cgroups[i].seen = true;
		fits = true;
	}
	if (!fits)
		return;
	f->cgroup_ids = grow(f->cgroup_ids, f->ncgroup_ids, sizeof(*f->cgroup_ids));
	f->cgroup_ids[f->ncgroup_ids++] = id;
}

void filter__default_namespace(struct filter *f, uint32_t inum)
{
	for (size_t i = 0; i < f->npids; i++)
		if (!f->pids[i].ns)
			f->pids[i].ns = inum;
}

void filter__free(struct filter *f)
{
	for (size_t i = 0; i < f->npids; i++)
		free(f->pids[i].text);
	free(f->pids);
	free(f->namespaces);
	for (size_t i = 0; i < f->ncomms; i++)
		free(f->comms[i].text);
	free(f->comms);
	for (size_t i = 0; i < f->ncgroups; i++)
		free(f->cgroups[i].text);
	free(f->cgroups);
	free(f->cgroup_ids);
	memset(f, 0, sizeof(*f));
}

/* --- subject of a record --- */

/* A task as shown by the record or as last seen. */
struct person {
	struct model_numbers numbers;
	const char *comm;
	const struct model_task *task;
};

static void person__known(struct person *p, const struct model_task *t)
{
	p->task = t;
	p->comm = t->comm;
	p->numbers.levels = t->levels;
	for (uint32_t i = 0; i < t->levels; i++)
		p->numbers.upid[i] = (struct wire_upid){ .nr = t->nr[i], .ns = t->ns[i] };
}

/* Takes the numbers from the record's first image, which is the subject's. */
static void person__shown(struct person *p, const struct model_view *v)
{
	p->task = v->subject;
	p->comm = v->task->comm;
	model_numbers__set(&p->numbers, v->rec, record__pid(v->rec, 0));
}

static bool shows_itself(unsigned int type)
{
	switch (type) {
	case WIRE_FORK:
	case WIRE_EXEC:
	case WIRE_EXIT:
	case WIRE_SWEEP_TASK:
	case WIRE_SETNS_EXIT:
		return true;
	}
	return type__is_call_failed(type);
}

static bool has_number(const struct model_numbers *n, int32_t nr, uint32_t ns)
{
	for (uint32_t i = 0; i < n->levels; i++)
		if (n->upid[i].nr == nr && (ns ? n->upid[i].ns == ns : !i))
			return true;
	return false;
}

static bool is_in(const struct model_numbers *n, uint32_t ns)
{
	for (uint32_t i = 0; i < n->levels; i++)
		if (n->upid[i].ns == ns)
			return true;
	return false;
}

/* --- matching --- */

static bool image_is_in(const struct model_view *v, unsigned int i, uint32_t ns)
{
	struct model_numbers n;

	model_numbers__set(&n, v->rec, record__pid(v->rec, i));
	return is_in(&n, ns);
}

/* Returns whether the record names the namespace, whichever task made the record. */
static bool names_namespace(const struct model_view *v, uint32_t ns)
{
	switch (v->rec->type) {
	case WIRE_SETNS_EXIT:
		return v->window &&
		       ((v->window->enter.fd_kind == WIRE_FD_NSFS &&
			 v->window->enter.fd_ns_type == CLONE_NEWPID &&
			 v->window->enter.fd_ns == ns) ||
			(v->window->installs &&
			 v->window->install.target_ns == ns));
	case WIRE_CHANGE_PID:
		return image_is_in(v, 0, ns) || image_is_in(v, 1, ns);
	case WIRE_NS_NEW:
	case WIRE_NS_FREE:
	case WIRE_ZAP_ENTER:
		return ((const struct wire_pidns *)v->rec)->inum == ns;
	}
	/* The call was to make a process there, or a namespace below. */
	return type__is_call_failed(v->rec->type) && v->task->children_ns == ns;
}

static bool fits_namespace(const struct filter *f, const struct model_view *v,
			   const struct person *p)
{
	for (size_t i = 0; i < f->nnamespaces; i++)
		if (names_namespace(v, f->namespaces[i].inum) ||
		    (p && is_in(&p->numbers, f->namespaces[i].inum)))
			return true;
	return !f->nnamespaces;
}

/* Returns whether a pattern fits the name of a task, which has no NUL if it is full. */
static bool fits_name(const struct filter_word *pattern, const char *name)
{
	char comm[WIRE_COMM_LEN + 1] = "";

	memcpy(comm, name, WIRE_COMM_LEN);
	return !fnmatch(pattern->text, comm, 0);
}

static bool fits_comm(const struct filter *f, const struct person *p)
{
	for (size_t i = 0; p && i < f->ncomms; i++)
		if (fits_name(&f->comms[i], p->comm))
			return true;
	return !f->ncomms;
}

static bool fits_cgroup(const struct filter *f, const struct person *p)
{
	for (size_t i = 0; p && p->task && i < f->ncgroup_ids; i++)
		if (f->cgroup_ids[i] == p->task->cgroup)
			return true;
	return !f->ncgroups;
}

static bool fits_person(const struct filter *f, const struct model_view *v,
			const struct person *p)
{
	return (!f->npids || (p && p->task && p->task->picked)) &&
	       fits_namespace(f, v, p) && fits_comm(f, p) && fits_cgroup(f, p);
}

bool filter__fits(const struct filter *f, const struct model_view *v)
{
	struct person p;

	if (!f->npids && !f->nnamespaces && !f->ncomms && !f->ncgroups)
		return true;
	if (v->ends_process && v->leader)
		person__known(&p, v->leader);
	else if (shows_itself(v->rec->type))
		person__shown(&p, v);
	else if (v->subject)
		person__known(&p, v->subject);
	if ((shows_itself(v->rec->type) || v->subject) &&
	    fits_person(f, v, &p))
		return true;
	if (v->current && v->current != v->subject) {
		person__known(&p, v->current);
		return fits_person(f, v, &p);
	}
	return fits_person(f, v, NULL);
}

bool filter__prints(const struct filter *f, const struct wire_hdr *rec)
{
	return !f->failed_only || record__failed(rec);
}

bool filter__fits_task(const struct filter *f, const struct model_task *t)
{
	const struct model_view nothing = { .rec = &(struct wire_hdr){} };
	struct person p;

	person__known(&p, t);
	return fits_person(f, &nothing, &p);
}

/* --- tasks picked by --pid --- */

static void pick(struct filter *f, struct model_task *t)
{
	f->picked += !t->picked;
	t->picked = true;
}

/* The process of a task that was picked by the number of a thread. */
struct thread_group {
	struct filter *filter;
	int32_t tgid;
	const struct model_task *leader;	/* NULL: not known */
};

static void pick_mate(struct model_task *t, void *arg)
{
	struct thread_group *group = arg;

	if (t->tgid != group->tgid)
		return;
	if (t->pid == t->tgid)
		group->leader = t;
	pick(group->filter, t);
}

/* Returns the number of a task in a namespace, or at level 0. */
static int32_t number_in(const struct model_task *t, uint32_t ns)
{
	for (uint32_t i = 0; i < t->levels; i++)
		if (t->ns[i] == ns)
			return t->nr[i];
	return t->pid;
}

/* The user means the process: picks all of its threads that are known. */
static void pick_thread_group(struct filter *f, struct model *m,
			      const struct filter_pid *want, int32_t tgid)
{
	struct thread_group group = { .filter = f, .tgid = tgid };
	int32_t nr = tgid;

	model__each_task(m, pick_mate, &group);
	if (group.leader)
		nr = number_in(group.leader, want->ns);
	msg__note("--pid %s: this is a thread of process %d; the whole process is shown",
		  want->text, nr);
}

static void pick_by_number(struct filter *f, struct model *m,
			   const struct model_view *v)
{
	const struct wire_sweep_task *r = (const void *)v->rec;
	uint32_t sweep = v->rec->type == WIRE_SWEEP_TASK ? r->id : 0;
	uint64_t process = v->task->pids[WIRE_TGID];
	struct person p;

	person__shown(&p, v);
	for (size_t i = 0; i < f->npids; i++) {
		struct filter_pid *want = &f->pids[i];

		/* Pids are reused: only the first task with this number matches. */
		if (!want->seen && has_number(&p.numbers, want->nr, want->ns)) {
			want->seen = true;
			want->sweep = sweep;
			want->process = process;
			pick(f, v->subject);
			if (v->task->pid != v->task->tgid)
				pick_thread_group(f, m, want, v->task->tgid);
		} else if (sweep && want->sweep == sweep &&
			   want->process == process) {
			/* other threads of the process; new ones fork from these */
			pick(f, v->subject);
		}
	}
}

static void note_namespaces(struct filter *f, const struct model_view *v)
{
	const struct wire_sweep_task *r = (const void *)v->rec;

	for (size_t i = 0; i < f->nnamespaces; i++) {
		struct filter_namespace *ns = &f->namespaces[i];

		if (!ns->seen && (names_namespace(v, ns->inum) ||
				  (shows_itself(v->rec->type) &&
				   image_is_in(v, 0, ns->inum))))
			ns->seen = true;
		/* The next child of this task will be the first one in it. */
		if (v->rec->type == WIRE_SWEEP_TASK && r->task.children_ns == ns->inum)
			ns->seen = true;
	}
}

static bool fits_anyone(const struct filter_word *pattern, const struct model_view *v)
{
	return (v->current && fits_name(pattern, v->current->comm)) ||
	       (v->subject && fits_name(pattern, v->subject->comm)) ||
	       (shows_itself(v->rec->type) && fits_name(pattern, v->task->comm));
}

static void note_comms(struct filter *f, const struct model_view *v)
{
	for (size_t i = 0; i < f->ncomms; i++)
		f->comms[i].seen = f->comms[i].seen || fits_anyone(&f->comms[i], v);
}

void filter__follow(struct filter *f, struct model *m, const struct model_view *v)
{
	note_namespaces(f, v);
	note_comms(f, v);
	if (!f->npids || !v->subject)
		return;
	if (v->rec->type == WIRE_RELEASE)
		f->picked -= v->subject->picked;
	if (!shows_itself(v->rec->type))
		return;
	if (v->rec->type == WIRE_FORK && v->current && v->current->picked)
		pick(f, v->subject);
	if (!v->subject->picked && v->rec->type != WIRE_EXIT)
		pick_by_number(f, m, v);
}

const struct filter_pid *filter__missing(const struct filter *f)
{
	for (size_t i = 0; i < f->npids; i++)
		if (!f->pids[i].seen)
			return &f->pids[i];
	return NULL;
}

const struct filter_namespace *filter__missing_namespace(const struct filter *f)
{
	for (size_t i = 0; i < f->nnamespaces; i++)
		if (!f->namespaces[i].seen)
			return &f->namespaces[i];
	return NULL;
}

char *filter__unmatched(const struct filter *f)
{
	for (size_t i = 0; i < f->ncgroups; i++)
		if (!f->cgroups[i].seen)
			return xasprintf("--cgroup %s: no task was seen in it",
					 *f->cgroups[i].text ? f->cgroups[i].text : "/");
	for (size_t i = 0; i < f->ncomms; i++)
		if (!f->comms[i].seen)
			return xasprintf("--comm %s: no task of this name was seen",
					 f->comms[i].text);
	return NULL;
}

bool filter__done(const struct filter *f)
{
	return f->npids && !f->picked && !filter__missing(f);
}
