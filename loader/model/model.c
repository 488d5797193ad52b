// SPDX-License-Identifier: GPL-2.0-only
/*
 * model.c - the tables of tasks and symbols; dispatches each record to the
 * other tables of the model.
 *
 * Facts about the order of records that this file relies on:
 * - alloc_pid() and attach_pid() of a child come before its FORK, so a child
 *   is unknown until then; detach_pid() comes after RELEASE. Link records
 *   therefore never create a task.
 * - de_thread() gives the exec'ing thread the leader's start time before
 *   exchange_tids(): a new start time there is the same task (fs/exec.c).
 * - delayed_put_pid() and its callees run in a softirq on top of any task: the
 *   current task of their records is unrelated.
 */
#include <errno.h>
#include <stdlib.h>

#include "loader/model/history.h"
#include "loader/model/state.h"

int model__new(struct model **out, bool scopes)
{
	struct model *m = calloc(1, sizeof(*m));

	*out = m;
	if (!m)
		return -ENOMEM;
	m->with_scopes = scopes;
	return 0;
}

static void free_chains(struct model *m)
{
	while (m->free_tasks) {
		struct model_task *t = m->free_tasks;

		m->free_tasks = t->next_free;
		free(t);
	}
	while (m->free_pids) {
		struct model_pid *p = m->free_pids;

		m->free_pids = p->next_free;
		free(p);
	}
	while (m->free_windows) {
		struct model_window *w = m->free_windows;

		m->free_windows = w->next_free;
		free(w);
	}
	while (m->scopes) {
		struct model_scope *s = m->scopes;

		m->scopes = s->next;
		free(s);
	}
}

void model__free(struct model *m)
{
	struct model_task *t;
	size_t pos;
	void *p;

	if (!m)
		return;
	for (pos = 0; (t = table__next(&m->tasks, &pos)); ) {
		free(t->window);
		free(t);
	}
	for (pos = 0; (p = table__next(&m->pids, &pos)); )
		free(p);
	for (pos = 0; (p = table__next(&m->symbols, &pos)); )
		free(p);
	model_ns__free_all(m);
	table__clear(&m->tasks);
	table__clear(&m->pids);
	table__clear(&m->symbols);
	free_chains(m);
	free(m);
}

void model_numbers__set(struct model_numbers *n, const struct wire_hdr *rec,
			const struct wire_pid *img)
{
	n->address = img ? img->address : 0;
	n->levels = img ? record__levels(rec, img) : 0;
	for (uint32_t i = 0; i < n->levels; i++)
		n->upid[i] = img->upid[i];
}

/* --- tasks --- */

static struct model_task *task_find(const struct model *m, uint64_t task)
{
	return table__find(&m->tasks, task);
}

static void task_drop(struct model *m, struct model_task *t)
{
	if (t->window)
		model_window__close(m, t);
	m->nfollowed -= t->followed;
	model_scope__forget(t);
	table__del(&m->tasks, t->task);
	t->next_free = m->free_tasks;
	m->free_tasks = t;
}

static struct model_task *task_new(struct model *m, const struct wire_task *wt)
{
	struct model_task *t = m->free_tasks;

	if (t)
		m->free_tasks = t->next_free;
	else
		t = malloc(sizeof(*t));
	if (!t)
		out_of_memory();
	memset(t, 0, offsetof(struct model_task, history));
	t->task = wt->task;
	t->start = wt->start;
	table__add(&m->tasks, t->task, t);
	return t;
}

static void task_update(struct model_task *t, const struct wire_task *wt)
{
	t->pid = wt->pid;
	t->tgid = wt->tgid;
	t->thread_pid = wt->thread_pid;
	memcpy(t->comm, wt->comm, sizeof(t->comm));
	if (wt->state & (WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING))
		t->doomed = 0;	/* a kill is pending */
}

/*
 * A snapshot by another task may show half of a change. A task does not change
 * while it makes its own record, and a new child does not run yet.
 */
static void task_show(const struct model_view *v)
{
	struct model_task *t = v->subject;

	if (v->rec->type == WIRE_FORK) {
		t->born = v->task->state & WIRE_T_LEADER ||
			  (v->current && v->current->born);
		/* The child has the parent's current name, which may be new. */
		if (v->current)
			memcpy(v->current->comm, t->comm, sizeof(t->comm));
	} else if (t != v->current) {
		return;
	}
	t->exiting |= v->rec->type == WIRE_EXIT;
	t->shown = v->index;
	t->process = v->task->pids[WIRE_TGID];
	t->children_ns = v->task->children_ns;
}

static void task_numbers(struct model_task *t, const struct wire_hdr *rec)
{
	const struct wire_pid *img = record__pid(rec, 0);

	t->levels = record__levels(rec, img);
	for (uint32_t i = 0; i < t->levels; i++) {
		t->nr[i] = img->upid[i].nr;
		t->ns[i] = img->upid[i].ns;
	}
}

/* Only a running task is added: a late record must not revive a dead task. */
static bool makes_known(unsigned int type)
{
	switch (type) {
	case WIRE_SETNS_ENTER:
	case WIRE_FORK:
	case WIRE_EXEC:
	case WIRE_CHANGE_PID:
	case WIRE_ALLOC_PID:
		return true;
	}
	return false;
}

/* A task that was alive in a sweep before the run: its RELEASE is still to come. */
static bool was_there(const struct model *m, const struct wire_hdr *rec)
{
	const struct wire_sweep_task *r = (const void *)rec;

	return rec->type == WIRE_SWEEP_TASK && !r->exit_state &&
	       m->sweep.reason == WIRE_SWEEP_START;
}

static struct model_task *task_of(struct model *m, const struct wire_hdr *rec,
				  const struct wire_task *wt)
{
	struct model_task *t = task_find(m, wt->task);

	if (t && t->start != wt->start) {
		if (rec->type == WIRE_EXCHANGE_TIDS) {
			t->start = wt->start;
		} else if (rec->type == WIRE_SWEEP_TASK) {
			return NULL;	/* seen in the middle of de_thread() */
		} else {
			task_drop(m, t);
			t = NULL;
		}
	}
	if (!t && (makes_known(rec->type) || was_there(m, rec)))
		t = task_new(m, wt);
	return t;
}

/* --- following the command --- */

static bool image_is(const struct wire_hdr *rec, const struct wire_pid *img,
		     int32_t nr, uint32_t ns)
{
	unsigned int n = record__levels(rec, img);

	for (unsigned int i = 0; i < n; i++)
		if (img->upid[i].ns == ns && img->upid[i].nr == nr)
			return true;
	return false;
}

static void follow(struct model *m, struct model_task *t)
{
	m->nfollowed += !t->followed;
	t->followed = true;
}

static void task_follow(struct model *m, const struct model_view *v)
{
	struct model_task *t = v->subject;
	unsigned int type = v->rec->type;

	if (!t || (type != WIRE_FORK && type != WIRE_EXEC))
		return;
	if (type == WIRE_FORK && v->current && v->current->followed)
		follow(m, t);
	/* The first task with that number is the command: later tasks reuse it. */
	if (m->follow && (v->task->state & WIRE_T_LEADER) &&
	    image_is(v->rec, record__pid(v->rec, 0), m->command_pid,
		     m->command_ns)) {
		follow(m, t);
		m->follow = false;
	}
}

/* --- resolve and apply --- */

/* Returns the subject of a record that has no snapshot of a task, or NULL. */
static struct model_task *bare_task(const struct model *m,
				    const struct wire_hdr *rec)
{
	uint64_t task = 0, start = 0;
	struct model_task *t;

	switch (rec->type) {
	case WIRE_ATTACH_PID:
	case WIRE_DETACH_PID:
		return task_find(m, ((const struct wire_link_pid *)rec)->task);
#define BARE(e, st)							\
	case WIRE_##e:							\
		task = ((const struct st *)rec)->task;			\
		start = ((const struct st *)rec)->start;		\
		break;
	BARE(WAKE_PARENT, wire_wake_parent)
	BARE(WAIT_CHILD, wire_wait_child)
	BARE(NOTIFY_PIDFD, wire_notify_pidfd)
#undef BARE
	case WIRE_TIMER_LOCK:
		return task_find(m, ((const struct wire_timer_lock *)rec)->ret);
	default:
		return NULL;
	}
	t = task_find(m, task);
	return t && t->start == start ? t : NULL;
}

/* An RCU callback runs on top of any task: the current task is unrelated. */
static bool has_current(unsigned int type)
{
	return type != WIRE_PUT_PID && type != WIRE_PID_GONE &&
	       type != WIRE_NS_FREE;
}

void model__resolve(struct model *m, const struct wire_hdr *rec,
		    struct model_view *v)
{
	*v = (struct model_view){ .rec = rec, .index = ++m->index };
	if (rec->type >= WIRE_META)
		return;
	v->task = record__task(rec);
	v->subject = v->task ? task_of(m, rec, v->task) : bare_task(m, rec);
	model_pid__resolve(m, v);
	model_ns__resolve(m, v);
	if (!has_current(rec->type))
		return;
	v->current = v->subject && v->subject->task == rec->current_task ?
		     v->subject : task_find(m, rec->current_task);
	if (v->current && v->current->start != rec->current_start)
		v->current = NULL;	/* pointer reused, and the FORK was lost */
	if (v->current)
		v->window = v->current->window;
}

/* Sweeps are too frequent, and do not record an act of the task. */
static bool tells_a_story(unsigned int type)
{
	return type != WIRE_SWEEP && type != WIRE_SWEEP_TASK &&
	       type != WIRE_STACK;
}

/*
 * More records of the same task usually follow. With many live tasks the history
 * is not in any cache: prefetching it shortens the wait of later writes.
 */
#define EVENTS_AHEAD 4

static struct model_event *next_event(struct model_task *t)
{
	uint32_t n = t->nhistory++;

	__builtin_prefetch(&t->history[(n + EVENTS_AHEAD) % MODEL_HISTORY],
			   /* for writing */ 1);
	return &t->history[n % MODEL_HISTORY];
}

/* Adds the record to the histories of the current task and of the subject. */
static void remember(const struct model_view *v)
{
	struct model_task *other = v->subject != v->current ? v->subject : NULL;
	struct model_event *e;

	if (!v->current && !other)
		return;
	e = next_event(v->current ? v->current : other);
	model_event__set(e, v->rec, v->index);
	if (v->current && other)
		*next_event(other) = *e;
}

static void apply_meta(struct model *m, const struct wire_hdr *rec)
{
	if (rec->type == WIRE_META_COMMAND) {
		const struct wire_meta_command *c = (const void *)rec;

		m->command_pid = c->pid;
		m->command_ns = c->ns;
		m->follow = true;
		m->totals.commands++;
	} else if (rec->type == WIRE_META_HOOK) {
		const struct wire_meta_hook *h = (const void *)rec;

		if (h->hook == WIRE_HOOK_PID_GONE)
			m->sees_gone = !h->error &&
				       !(rec->flags & WIRE_F_PARTIAL);
	} else if (rec->type == WIRE_META_SYM) {
		const struct wire_meta_sym *c = (const void *)rec;
		struct model_symbol *s;

		if (table__find(&m->symbols, c->address))
			return;
		s = calloc(1, sizeof(*s));
		if (!s)
			out_of_memory();
		s->address = c->address;
		memcpy(s->name, c->name, sizeof(s->name) - 1);
		table__add(&m->symbols, s->address, s);
	}
}

/* setsid() changes SID, then PGID, to the same pid (set_special_pids()). */
static void apply_change(const struct model_view *v)
{
	const struct wire_change_pid *r = (const void *)v->rec;
	struct model_task *t = v->subject;

	t->sid_just_set = r->pidtype == WIRE_SID ?
			  record__pid(v->rec, 1)->address : 0;
}

/* Notes when a snapshot by another task may show half of new numbers. */
static void apply_numbers(const struct model_view *v)
{
	switch (v->rec->type) {
	case WIRE_SETNS_EXIT:
		if (v->window && v->subject &&
		    model_window__moved(v->window, (const void *)v->rec))
			v->subject->joined = v->index;
		/* fallthrough */
	case WIRE_SETNS_ENTER:
	case WIRE_EXCHANGE_TIDS:
	case WIRE_EXEC:
		if (v->subject)
			v->subject->renumbered = v->index;
		if (v->current)
			v->current->renumbered = v->index;
	}
}

static void apply_commit(const struct model_view *v)
{
	const struct wire_commit_join *r = (const void *)v->rec;
	const uint32_t dying = WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING;

	if (!v->subject || !v->window ||
	    r->task.thread_pid == v->window->enter.task.thread_pid)
		return;
	if (!(r->pid_allocated & MODEL_ADDING) && !(r->task.state & dying))
		v->subject->doomed = v->index;
}

static void count(struct model_totals *n, const struct model_view *v)
{
	switch (v->rec->type) {
	case WIRE_FORK:
		n->forks++;
		break;
	case WIRE_EXEC:
		n->execs++;
		break;
	case WIRE_EXIT:
		n->exits++;
		break;
	case WIRE_CHANGE_PID:
		n->rewrites += v->window != NULL;
		break;
	case WIRE_SETNS_ENTER:
		n->knob_seen |= ((const struct wire_setns_enter *)v->rec)->knob
				!= WIRE_KNOB_NONE;
		break;
	}
}

static void count_exit(struct model_totals *n, const struct model_view *v)
{
	const struct wire_setns_exit *x = (const void *)v->rec;
	const struct model_window *w = v->window;

	n->setns++;
	n->setns_ok += x->ret == 0;
	if (!w)
		return;
	n->joins += model_window__moved(w, x);
	n->installs_ok += w->installs && w->install.ret == 0;
	n->setns_pidns_ok += x->ret == 0 && w->enter.fd_kind == WIRE_FD_NSFS &&
			     w->enter.fd_ns_type == 0x20000000; /* CLONE_NEWPID */
}

/* Comes last: opens and closes windows, and drops released tasks. */
static void apply_lifetimes(struct model *m, const struct model_view *v)
{
	switch (v->rec->type) {
	case WIRE_SETNS_ENTER:
		model_window__open(m, v);
		break;
	case WIRE_SETNS_EXIT:
		count_exit(&m->totals, v);
		if (v->current && v->current->window)
			model_window__close(m, v->current);
		break;
	case WIRE_EXIT:
		/* A window cannot outlive its task: the SETNS_EXIT was lost. */
		if (v->current && v->current->window)
			model_window__close(m, v->current);
		break;
	case WIRE_RELEASE:
		if (!v->subject)
			break;
		if (v->subject->followed)
			m->drained = v->index;
		task_drop(m, v->subject);
		break;
	}
}

/* --- stacks --- */

static void stack_told(struct model *m, const struct wire_hdr *rec)
{
	const struct wire_stack *r = (const void *)rec;
	struct model_stack *s = &m->stacks[m->nstacks++ % MODEL_STACKS];

	m->stacks_due += !s->due;
	s->due = true;
	s->task = rec->current_task;
	s->type = r->type;
	memcpy(s->stack, r->stack, sizeof(s->stack));
}

static struct model_stack *stack_of(const struct model *m,
				    const struct wire_hdr *rec)
{
	for (unsigned int i = 0; m->stacks_due && i < MODEL_STACKS; i++) {
		const struct model_stack *s = &m->stacks[i];

		if (s->due && s->task == rec->current_task &&
		    s->type == rec->type)
			return (struct model_stack *)s;
	}
	return NULL;
}

/* Keeps the stack in the window, if any. A stack belongs to one record only. */
static void stack_used(struct model *m, const struct model_view *v)
{
	struct model_stack *s = stack_of(m, v->rec);

	if (!s)
		return;
	if (v->window)
		model_window__keep(v->window, s->type, s->stack);
	s->due = false;
	m->stacks_due--;
}

const uint64_t *model__stack(const struct model *m, const struct model_view *v)
{
	const struct model_stack *s = stack_of(m, v->rec);

	return s ? s->stack : NULL;
}

void model__apply(struct model *m, const struct model_view *v)
{
	unsigned int type = v->rec->type;

	if (type >= WIRE_META) {
		apply_meta(m, v->rec);
		return;
	}
	if (v->subject && v->task) {
		task_update(v->subject, v->task);
		task_show(v);
	}
	if (v->subject && record__shows_thread_pid(type))
		task_numbers(v->subject, v->rec);
	task_follow(m, v);
	if (tells_a_story(type))
		remember(v);
	count(&m->totals, v);
	if (type == WIRE_COMMIT_JOIN)
		apply_commit(v);
	model_window__record(m, v);
	if (m->with_scopes)
		model_scope__record(m, v);
	if (type == WIRE_CHANGE_PID)
		apply_change(v);
	if (type == WIRE_STACK)
		stack_told(m, v->rec);
	else if (m->stacks_due)
		stack_used(m, v);
	apply_numbers(v);
	model_pid__record(m, v);
	model_ns__record(m, v);
	apply_lifetimes(m, v);
}

const struct model_totals *model__totals(const struct model *m)
{
	return &m->totals;
}

const char *model__symbol(const struct model *m, uint64_t address)
{
	const struct model_symbol *s = table__find(&m->symbols, address);

	return s ? s->name : NULL;
}

const struct model_task *model__task(const struct model *m, uint64_t task)
{
	return task_find(m, task);
}

size_t model__tasks(const struct model *m)
{
	return m->tasks.count;
}

void model__each_task(struct model *m,
		      void (*fn)(struct model_task *t, void *arg), void *arg)
{
	struct model_task *t;

	for (size_t pos = 0; (t = table__next(&m->tasks, &pos)); )
		fn(t, arg);
}
