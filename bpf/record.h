/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - how a program counts itself, reserves a record and fills it.
 *
 * Nothing is shared between two programs that may run at once, on whatever
 * CPU and in whatever context: a record is filled in place in the ring, and the
 * counters are added to atomically, since a softirq may come between.
 *
 * Bad at: order within a CPU. A number (hdr.seq) is taken, then room in the
 * ring; an interrupt between the two swaps neighbours. Readers count, they do
 * not ask for seq == last + 1.
 */
#ifndef PIDNS_RECORD_H
#define PIDNS_RECORD_H

/* Settings, fixed at load; see struct session in the loader. */
const volatile bool change_pid_has_pids;	/* >= 6.15: struct pid **pids first */
const volatile bool has_task_from_pid;		/* bpf_task_from_pid(), >= 6.2 */
const volatile bool wants_stacks;		/* of each change_pid() */
const volatile __u64 wakeup_bytes;		/* in the ring: wake the reader */

/* Nothing is observed until all that can be attached is attached. */
bool ready;

/* Where tasklist_lock is, 0: not known. Set by find_symbols(), before ready. */
__u64 tasklist_lock_address;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct per_cpu);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);	/* the loader sets the size wanted */
} ring SEC(".maps");

static __always_inline struct per_cpu *counts__mine(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&counts, &zero);
}

/* Counts a run of the program. NULL: there is nothing to do yet. */
static __always_inline struct per_cpu *program__enter(enum wire_type type)
{
	struct per_cpu *me;

	if (!ready)
		return NULL;
	me = counts__mine();
	if (me)
		__sync_fetch_and_add(&me->of[type].hits, 1);
	return me;
}

/*
 * CAST gives a pointer to a struct at a plain address, GET a member of it; 0 if
 * that is no memory. READ does both.
 *
 * bpf_rdonly_cast() is a move between registers, and what it returns is read by
 * one instruction, guarded by the kernel's fault handler. Without it (6.1) each
 * member is a call of bpf_probe_read_kernel(), of a hundred instructions, which
 * fills what it cannot read with zeroes.
 *
 * Pointers in a trusted task (current, a tracepoint's argument) are not followed
 * as they are: for each step from one to the next the verifier of 6.2 and later
 * searches the kernel's BTF from end to end, four times, which made 8 of these
 * programs take a second to load under TCG.
 */
extern void *bpf_rdonly_cast(const void *address, u32 btf_id) __ksym __weak;

/* A constant in each instruction that asks: what is not there is not even dead. */
#define HAS_CAST							\
	bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast)

#define CAST(type, address)						\
	((type *)(HAS_CAST ?						\
		  bpf_rdonly_cast((const void *)(address),		\
				  bpf_core_type_id_kernel(type)) :	\
		  (void *)(address)))

#define GET(pointer, member)						\
	({								\
		typeof((pointer)->member) v_;				\
		if (HAS_CAST)						\
			v_ = (pointer)->member;				\
		else							\
			bpf_probe_read_kernel(&v_, sizeof(v_),		\
					      &(pointer)->member);	\
		v_;							\
	})

#define READ(type, address, member)					\
	({								\
		type *p_ = CAST(type, address);				\
									\
		GET(p_, member);					\
	})

static __always_inline bool is_error(u64 address)
{
	return address >= (u64)-MAX_ERRNO;
}

static __always_inline bool pid_is_deep(u64 pid)
{
	return pid && !is_error(pid) &&
	       READ(struct pid, pid, level) >= WIRE_FEW_LEVELS;
}

/* inum of a pid namespace, 0 for none */
static __always_inline u32 pidns_inum(u64 ns)
{
	return ns ? READ(struct pid_namespace, ns, ns.inum) : 0;
}

static __always_inline struct upid pid_upid(u64 pid, u32 level)
{
	struct upid *from = CAST(struct upid, pid +
		bpf_core_field_offset(struct pid, numbers) +
		level * sizeof(struct upid));
	struct upid upid;

	upid.nr = GET(from, nr);
	upid.ns = GET(from, ns);
	return upid;
}

/* The struct pid_namespace a struct pid was made for, as an address. */
static __always_inline u64 pid_ns_of(u64 pid)
{
	u32 level;

	if (!pid || is_error(pid))
		return 0;
	level = READ(struct pid, pid, level);
	return level < WIRE_MAX_LEVELS ? (u64)pid_upid(pid, level).ns : 0;
}

/* pid_nr_ns() */
static __always_inline s32 pid_nr_in(u64 pid, u64 ns)
{
	u32 level = READ(struct pid_namespace, ns, level);
	struct upid upid;

	if (!pid || level >= WIRE_MAX_LEVELS ||
	    READ(struct pid, pid, level) < level)
		return 0;
	upid = pid_upid(pid, level);
	return (u64)upid.ns == ns ? upid.nr : 0;
}

/*
 * Functions that are not static are verified once in a program, and not for
 * each call and path again: half of the time it takes to load them. They must
 * test a pointer they are given and return something, and take no pointers of
 * the kernel (before 6.9). So what to fill a part of a record from is stored
 * there first: read back, it is a number.
 */

/* A struct wire_pid with its numbers, in the two sizes. */
struct image_few {
	__u8 bytes[WIRE_PID_SIZE(WIRE_FEW_LEVELS)];
};

struct image_many {
	__u8 bytes[WIRE_PID_SIZE(WIRE_MAX_LEVELS)];
};

/* @fill: 0 is for a slot above the struct pid's level. */
enum upid_fill {
	UPID_CLEAR,
	UPID_FILL,
	UPID_FILL_MORE,		/* the namespace's parent and pid_allocated, too */
};

__noinline int upid__fill(struct wire_upid *to, u64 pid, u32 level, u32 fill)
{
	struct upid upid;

	if (!to)
		return 0;
	to->nr = 0;
	to->ns = 0;
	to->parent = 0;
	to->allocated = 0;
	if (fill == UPID_CLEAR)
		return 0;
	upid = pid_upid(pid, level);
	to->nr = upid.nr;
	to->ns = pidns_inum((u64)upid.ns);
	if (fill == UPID_FILL_MORE) {
		to->parent = pidns_inum((u64)READ(struct pid_namespace,
						  upid.ns, parent));
		to->allocated = READ(struct pid_namespace, upid.ns,
				     pid_allocated);
	}
	return 0;
}

/* All but the numbers, of to->address. Returns how many of those there are. */
__noinline int pid__fill_head(struct wire_pid *to)
{
	struct pid *p;
	u32 level;
	u64 pid;

	if (!to)
		return 0;
	pid = to->address;
	if (!pid || is_error(pid)) {
		to->level = 0;
		to->count = 0;
		__builtin_memset(to->first, 0, sizeof(to->first));
		to->tasks = 0;
		return 0;
	}
	p = CAST(struct pid, pid);
	level = GET(p, level);
	to->level = level;
	to->count = GET(p, count.refs.counter);
	to->tasks = pid + bpf_core_field_offset(struct pid, tasks);
	to->first[PIDTYPE_PID] = (u64)GET(p, tasks[PIDTYPE_PID].first);
	to->first[PIDTYPE_TGID] = (u64)GET(p, tasks[PIDTYPE_TGID].first);
	to->first[PIDTYPE_PGID] = (u64)GET(p, tasks[PIDTYPE_PGID].first);
	to->first[PIDTYPE_SID] = (u64)GET(p, tasks[PIDTYPE_SID].first);
	/* a stale struct pid may say anything */
	return level < WIRE_MAX_LEVELS ? level + 1 : WIRE_MAX_LEVELS;
}

__noinline int pid__fill_few(struct image_few *image, u32 fill)
{
	struct wire_pid *to = (void *)image;
	u32 n;

	if (!image)
		return 0;
	n = pid__fill_head(to);
	for (u32 i = 0; i < WIRE_FEW_LEVELS; i++)
		upid__fill(&to->upid[i], to->address, i,
			   i < n ? fill : UPID_CLEAR);
	return 0;
}

struct fill_many {
	struct wire_pid *to;
	u32 n;
	u32 fill;
};

static long pid__fill_one(u32 i, void *context)
{
	struct fill_many *f = context;

	if (i >= WIRE_MAX_LEVELS)
		return 1;
	upid__fill(&f->to->upid[i], f->to->address, i,
		   i < f->n ? f->fill : UPID_CLEAR);
	return 0;
}

__noinline int pid__fill_many(struct image_many *image, u32 fill)
{
	struct fill_many f = {
		.to = (void *)image,
		.fill = fill,
	};

	if (!image)
		return 0;
	f.n = pid__fill_head(f.to);
	bpf_loop(WIRE_MAX_LEVELS, pid__fill_one, &f, 0);
	return 0;
}

/* Either kind of head begins with a pointer; an empty list's is to itself. */
static __always_inline bool has_posix_timers(struct signal_struct *s,
					     u64 address)
{
	u64 first;

	if (!bpf_core_field_exists(s->posix_timers))
		return false;
	first = (u64)GET(s, posix_timers.first);
	if (bpf_core_field_size(s->posix_timers) == sizeof(struct list_head))
		return first != address + bpf_core_field_offset(
						struct signal_struct,
						posix_timers);
	return first;
}

/* Is any of the three queues of CPU timers filled, in a task or a process? */
#define HAS_CPU_TIMERS(pointer)						\
	(CPU_TIMER(pointer, 0) || CPU_TIMER(pointer, 1) ||		\
	 CPU_TIMER(pointer, 2))
#define CPU_TIMER(pointer, i)						\
	GET(pointer,							\
	    posix_cputimers.bases[i].tqhead.rb_root.rb_root.rb_node)

#define SIGKILL_BIT (1ULL << (SIGKILL - 1))

/* An empty list's head, a member of the task at @task, points to itself. */
#define IS_FILLED(t, task, member)					\
	((u64)GET(t, member.next) !=					\
	 (task) + bpf_core_field_offset(struct task_struct, member))

/* A member of the struct task_struct at address @task. */
#define TASK(task, member) READ(struct task_struct, task, member)
#define TASK_ADDRESS(task, member) ((u64)&((struct task_struct *)(task))->member)

static __always_inline u32 signal__state(struct signal_struct *s, u64 address)
{
	u32 state = 0;

	if (GET(s, tty))
		state |= WIRE_T_TTY;
	if (GET(s, flags) & SIGNAL_GROUP_EXIT)
		state |= WIRE_T_GROUP_EXIT;
	if (GET(s, shared_pending.signal.sig[0]) & SIGKILL_BIT)
		state |= WIRE_T_KILL_PENDING;
	if (has_posix_timers(s, address))
		state |= WIRE_T_POSIX_TIMERS;
	return state;
}

__noinline int task__state(u64 task)
{
	struct task_struct *t = CAST(struct task_struct, task);
	u64 signal = (u64)GET(t, signal);
	struct signal_struct *s = CAST(struct signal_struct, signal);
	u32 flags = GET(t, flags);
	u32 state = signal__state(s, signal);

	if (IS_FILLED(t, task, children))
		state |= WIRE_T_CHILDREN;
	if (IS_FILLED(t, task, ptraced))
		state |= WIRE_T_TRACEES;
	if (GET(t, ptrace))
		state |= WIRE_T_TRACED;
	if (flags & PF_EXITING)
		state |= WIRE_T_EXITING;
	if (flags & PF_KTHREAD)
		state |= WIRE_T_KTHREAD;
	if ((u64)GET(t, group_leader) == task)
		state |= WIRE_T_LEADER;
	if (GET(t, pending.signal.sig[0]) & SIGKILL_BIT)
		state |= WIRE_T_KILL_PENDING;
	if (bpf_core_field_exists(t->posix_cputimers) &&
	    (HAS_CPU_TIMERS(t) || HAS_CPU_TIMERS(s)))
		state |= WIRE_T_CPU_TIMERS;
	return state;
}

static __always_inline u64 task__thread_pid(struct task_struct *task)
{
	return (u64)TASK(task, thread_pid);
}

/* Of to->task. */
__noinline int task__fill_rest(struct wire_task *to)
{
	struct list_head *words;	/* any struct of two will do */
	struct signal_struct *s;
	struct task_struct *t;
	u64 task, pid;

	if (!to)
		return 0;
	task = to->task;
	t = CAST(struct task_struct, task);
	pid = (u64)GET(t, thread_pid);
	to->start = GET(t, start_boottime);
	to->thread_pid = pid;
	to->nsproxy = (u64)GET(t, nsproxy);
	to->signal = (u64)GET(t, signal);
	s = CAST(struct signal_struct, to->signal);
	to->pids[WIRE_PID] = pid;
	to->pids[WIRE_TGID] = (u64)GET(s, pids[PIDTYPE_TGID]);
	to->pids[WIRE_PGID] = (u64)GET(s, pids[PIDTYPE_PGID]);
	to->pids[WIRE_SID] = (u64)GET(s, pids[PIDTYPE_SID]);
	to->pid = GET(t, pid);
	to->tgid = GET(t, tgid);
	to->active_ns = pidns_inum(pid_ns_of(pid));
	to->children_ns = !to->nsproxy ? 0 :
		pidns_inum((u64)READ(struct nsproxy, to->nsproxy,
				     pid_ns_for_children));
	to->nr_threads = GET(s, nr_threads);
	to->state = task__state(task);
	words = CAST(struct list_head, TASK_ADDRESS(task, comm));
	((u64 *)to->comm)[0] = (u64)GET(words, next);
	((u64 *)to->comm)[1] = (u64)GET(words, prev);
	return 0;
}

static __always_inline void task__fill(struct wire_task *to,
				       struct task_struct *task)
{
	to->task = (u64)task;
	task__fill_rest(to);
}

static __always_inline void links__fill(struct wire_links *to,
					struct task_struct *task)
{
	struct task_struct *t = CAST(struct task_struct, task);

	to->base = TASK_ADDRESS(task, pid_links[0]);
#define LINK(type)							\
	to->next[type] = (u64)GET(t, pid_links[type].next);		\
	to->pprev[type] = (u64)GET(t, pid_links[type].pprev)
	LINK(PIDTYPE_PID);
	LINK(PIDTYPE_TGID);
	LINK(PIDTYPE_PGID);
	LINK(PIDTYPE_SID);
#undef LINK
}

/*
 * The struct pid @task has for @type. The member at a type that is known only
 * now: the verifier wants constant offsets.
 */
static __always_inline u64 task__pid(struct task_struct *task, u32 type)
{
	struct task_struct *t = CAST(struct task_struct, task);
	struct signal_struct *s;

	if (type == PIDTYPE_PID)
		return (u64)GET(t, thread_pid);
	s = CAST(struct signal_struct, GET(t, signal));
	switch (type) {
	case PIDTYPE_TGID:
		return (u64)GET(s, pids[PIDTYPE_TGID]);
	case PIDTYPE_PGID:
		return (u64)GET(s, pids[PIDTYPE_PGID]);
	case PIDTYPE_SID:
		return (u64)GET(s, pids[PIDTYPE_SID]);
	}
	return 0;
}

static __always_inline u16 tasklist_flags(void)
{
	bool written;

	if (!tasklist_lock_address)
		return 0;
	if (RWLOCK_IS_RT())
		written = READ(struct rwbase_rt, tasklist_lock_address,
			       readers.counter) == RWBASE_WRITER;
	else
		written = (u8)READ(struct qrwlock, tasklist_lock_address,
				   cnts.counter) == QRWLOCK_WRITER;
	return WIRE_F_TASKLIST_KNOWN | (written ? WIRE_F_TASKLIST_WRITE : 0);
}

/* It is known that nobody holds it for writing. */
static __always_inline bool tasklist_is_unlocked(void)
{
	return (tasklist_flags() &
		(WIRE_F_TASKLIST_KNOWN | WIRE_F_TASKLIST_WRITE)) ==
	       WIRE_F_TASKLIST_KNOWN;
}

__noinline int hdr__fill(struct wire_hdr *to, u32 type_size, u32 npids_levels,
			 u32 seq)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!to)
		return 0;
	to->type = type_size >> 16;
	to->size = type_size & 0xffff;
	to->npids = npids_levels >> 8;
	to->levels = npids_levels & 0xff;
	to->flags = tasklist_flags() |
		    (task->flags & PF_KTHREAD ? WIRE_F_KERNEL_TASK : 0);
	to->cpu = bpf_get_smp_processor_id();
	to->seq = seq;
	to->ts_ns = bpf_ktime_get_ns();
	to->current_task = (u64)task;
	to->current_start = task->start_boottime;
	return 0;
}

static __always_inline void *
reserve(struct per_cpu *me, u32 type, u32 body, u32 npids, u32 levels)
{
	u32 size = body + npids * WIRE_PID_SIZE(levels);
	void *record;
	u32 seq;

	__sync_fetch_and_add(&me->of[type].tried, 1);
	seq = __sync_fetch_and_add(&me->seq, 1);
	record = bpf_ringbuf_reserve(&ring, size, 0);
	if (!record) {
		__sync_fetch_and_add(&me->of[type].lost_ring, 1);
		return NULL;
	}
	hdr__fill(record, type << 16 | size,
		  npids << 8 | (npids ? levels : 0), seq);
	return record;
}

/*
 * These two leave the program when there is no room, which is counted: 6.1's
 * verifier does not know a pointer for non-NULL that was tested before, so
 * there must be one test, next to the reservation.
 */

/* A record without images. */
#define RECORD_OR_RETURN(r, me, type)					\
	do {								\
		(r) = reserve(me, type, sizeof(*(r)), 0, 0);		\
		if (!(r))						\
			return 0;					\
	} while (0)

/*
 * A record with @n images, of few levels or of all. The empty asm keeps the
 * compiler from merging the two into one reservation of a size unknown to the
 * verifier.
 */
#define RECORD_PIDS_OR_RETURN(r, me, type, n, deep)			\
	do {								\
		if (deep) {						\
			(r) = reserve(me, type, sizeof(*(r)), n,	\
				      WIRE_MAX_LEVELS);			\
			if (!(r))					\
				return 0;				\
			asm volatile("" : "+r"(r) : : "memory");	\
		} else {						\
			(r) = reserve(me, type, sizeof(*(r)), n,	\
				      WIRE_FEW_LEVELS);			\
			if (!(r))					\
				return 0;				\
		}							\
	} while (0)

static __always_inline void pid__fill(void *image, bool deep, u64 pid,
				      enum upid_fill fill)
{
	((struct wire_pid *)image)->address = pid;
	if (deep)
		pid__fill_many(image, fill);
	else
		pid__fill_few(image, fill);
}

/* Image @i of @record; @deep as given above */
#define FILL_PID(record, i, deep, pid, fill)				\
	pid__fill((void *)((record) + 1) + (i) *			\
			  ((deep) ? WIRE_PID_SIZE(WIRE_MAX_LEVELS) :	\
				    WIRE_PID_SIZE(WIRE_FEW_LEVELS)),	\
		  deep, pid, fill)

/*
 * Without a wakeup, which would cost more than the record: the loader looks
 * into the ring every now and then, and is woken when it gets full. One record of
 * 16 asks how full it is.
 */
#define SUBMIT(record)							\
	bpf_ringbuf_submit(record,					\
		!(((struct wire_hdr *)(record))->seq & 15) &&		\
		bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= wakeup_bytes ? \
			BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP)

#endif /* PIDNS_RECORD_H */
