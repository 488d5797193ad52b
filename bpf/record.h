/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the runs of a program, reserves a record and fills it.
 *
 * Programs that run at the same time, on any CPU and in any context, share no buffer:
 * each fills its record in place in the ring. Counters are incremented atomically,
 * because a softirq may interrupt the program.
 *
 * Bad at: order within a CPU. A program takes a number (hdr.seq), then room in the
 * ring; an interrupt between the two swaps neighbours. So readers count records and do
 * not require seq == last + 1.
 */
#ifndef BPF_RECORD_H
#define BPF_RECORD_H

/* Settings, fixed at load; see struct session_options in the loader. */
const volatile bool change_pid_has_pids;	/* >= 6.15: struct pid **pids first */
const volatile bool has_task_from_pid;		/* bpf_task_from_pid(), >= 6.2 */
const volatile bool wants_stacks;		/* record one for each change_pid() */
const volatile bool only_failed_allocs;		/* record no other alloc_pid() */
const volatile __u64 wakeup_bytes;		/* wake the reader at this fill level */

/* Set once all hooks are attached. The programs record nothing before. */
bool ready;

/* Address of tasklist_lock, 0: not known. Set by find_symbols(), before ready. */
__u64 tasklist_lock_address;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct per_cpu);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);	/* the loader sets the actual size */
} ring SEC(".maps");

static __always_inline struct per_cpu *counts__mine(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&counts, &zero);
}

/* Counts a run of the program. Returns NULL while there is nothing to record. */
static __always_inline struct per_cpu *program__enter(enum wire_type type)
{
	struct per_cpu *cpu;

	if (!ready)
		return NULL;
	cpu = counts__mine();
	if (cpu)
		__sync_fetch_and_add(&cpu->of[type].hits, 1);
	return cpu;
}

/*
 * CAST makes a pointer to a struct from a plain address, GET reads a member, READ
 * does both. A member at an unreadable address is 0.
 *
 * bpf_rdonly_cast() is a move between registers, and reading from its result takes
 * one instruction, guarded by the kernel's fault handler. Without it (6.1), each
 * member takes a call of bpf_probe_read_kernel(), a hundred instructions, which
 * fills with zeroes what it cannot read.
 *
 * The programs do not follow pointers in a trusted task (current, a tracepoint's
 * argument) directly: for each step the verifier of 6.2 and later searches the
 * kernel's BTF from end to end, four times, which made 8 of these programs take a
 * second to load under TCG.
 */
extern void *bpf_rdonly_cast(const void *address, u32 btf_id) __ksym __weak;

/* A constant at each use, so the verifier does not look at the other branch. */
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

/* Returns the inum of a pid namespace, 0 for NULL. */
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

/* Returns the address of the struct pid_namespace that a struct pid was made for. */
static __always_inline u64 pid_ns_of(u64 pid)
{
	u32 level;

	if (!pid || is_error(pid))
		return 0;
	level = READ(struct pid, pid, level);
	return level < WIRE_MAX_LEVELS ? (u64)pid_upid(pid, level).ns : 0;
}

/* Like pid_nr_ns(). */
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
 * The verifier checks functions that are not static once per program, and not once
 * per call and path. That halves the time to load the programs. Such functions must
 * test pointer arguments, return a value, and take no kernel pointers (before 6.9).
 * So callers first store the address to read from in the record: read back from
 * there, the address is a plain number.
 */

/* A struct wire_pid with its numbers, in both sizes. */
struct image_few {
	__u8 bytes[WIRE_PID_SIZE(WIRE_FEW_LEVELS)];
};

struct image_many {
	__u8 bytes[WIRE_PID_SIZE(WIRE_MAX_LEVELS)];
};

/* How to fill a slot: UPID_CLEAR is for slots above the struct pid's level. */
enum upid_fill {
	UPID_CLEAR,
	UPID_FILL,
	UPID_FILL_MORE,		/* also the namespace's parent and pid_allocated */
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

/* Fills all but the numbers, from to->address. Returns how many numbers there are. */
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
	/* a stale struct pid may have any level */
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

/* Both kinds of head begin with a pointer; an empty list_head points to itself. */
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

/* True if one of the three CPU timer queues of a task or a process is not empty. */
#define HAS_CPU_TIMERS(pointer)						\
	(CPU_TIMER(pointer, 0) || CPU_TIMER(pointer, 1) ||		\
	 CPU_TIMER(pointer, 2))
#define CPU_TIMER(pointer, i)						\
	GET(pointer,							\
	    posix_cputimers.bases[i].tqhead.rb_root.rb_root.rb_node)

#define SIGKILL_BIT (1ULL << (SIGKILL - 1))

/* True if a list of the task at @task is not empty: an empty one points to itself. */
#define IS_FILLED(t, task, member)					\
	((u64)GET(t, member.next) !=					\
	 (task) + bpf_core_field_offset(struct task_struct, member))

/* Read a member of the struct task_struct at address @task, or take its address. */
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

/* @signal: the address of a struct signal_struct */
static __always_inline bool has_child_subreaper(u64 signal)
{
	struct signal_struct *s = (void *)signal;

	return BPF_CORE_READ_BITFIELD_PROBED(s, has_child_subreaper);
}

/* Like wait_task_zombie(). @signal: the address of a struct signal_struct */
static __always_inline s32 wait_status(u64 signal, s32 exit_code)
{
	struct signal_struct *s = CAST(struct signal_struct, signal);

	return GET(s, flags) & SIGNAL_GROUP_EXIT ? GET(s, group_exit_code) :
						   exit_code;
}

static __always_inline u64 task__thread_pid(struct task_struct *task)
{
	return (u64)TASK(task, thread_pid);
}

/* Fills all other members from to->task. */
__noinline int task__fill_rest(struct wire_task *to)
{
	struct list_head *words;	/* stands for any two words */
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
 * Returns the struct pid that @task has for @type. The switch is there because the
 * verifier requires constant offsets.
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

/* True if tasklist_lock is known and no task holds it for writing. */
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
reserve(struct per_cpu *cpu, u32 type, u32 body, u32 npids, u32 levels)
{
	u32 size = body + npids * WIRE_PID_SIZE(levels);
	void *record;
	u32 seq;

	__sync_fetch_and_add(&cpu->of[type].tried, 1);
	seq = __sync_fetch_and_add(&cpu->seq, 1);
	record = bpf_ringbuf_reserve(&ring, size, 0);
	if (!record) {
		__sync_fetch_and_add(&cpu->of[type].lost_ring, 1);
		return NULL;
	}
	hdr__fill(record, type << 16 | size,
		  npids << 8 | (npids ? levels : 0), seq);
	return record;
}

/*
 * Both macros return from the program if the ring has no room, which reserve()
 * counts. 6.1's verifier forgets that a pointer was tested before, so there must be
 * one test, next to the reservation.
 */

/* Reserves a record without images. */
#define RECORD_OR_RETURN(r, cpu, type)					\
	do {								\
		(r) = reserve(cpu, type, sizeof(*(r)), 0, 0);		\
		if (!(r))						\
			return 0;					\
	} while (0)

/*
 * Reserves a record with @n images, of few levels or of all. The empty asm keeps the
 * compiler from merging both reservations into one of a size that the verifier does
 * not know.
 */
#define RECORD_PIDS_OR_RETURN(r, cpu, type, n, deep)			\
	do {								\
		if (deep) {						\
			(r) = reserve(cpu, type, sizeof(*(r)), n,	\
				      WIRE_MAX_LEVELS);			\
			if (!(r))					\
				return 0;				\
			asm volatile("" : "+r"(r) : : "memory");	\
		} else {						\
			(r) = reserve(cpu, type, sizeof(*(r)), n,	\
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

/* Fills image @i of @record; @deep as in RECORD_PIDS_OR_RETURN(). */
#define FILL_PID(record, i, deep, pid, fill)				\
	pid__fill((void *)((record) + 1) + (i) *			\
			  ((deep) ? WIRE_PID_SIZE(WIRE_MAX_LEVELS) :	\
				    WIRE_PID_SIZE(WIRE_FEW_LEVELS)),	\
		  deep, pid, fill)

/*
 * Submits without a wakeup, which would cost more than the record: the loader polls
 * the ring, and is woken when the ring gets full. One record of 16 checks how full
 * the ring is.
 */
#define SUBMIT(record)							\
	bpf_ringbuf_submit(record,					\
		!(((struct wire_hdr *)(record))->seq & 15) &&		\
		bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= wakeup_bytes ? \
			BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP)

#endif /* BPF_RECORD_H */
