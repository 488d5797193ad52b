/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the runs of a program, and begins and ends its records.
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

/* Set once all hooks are attached. The programs record nothing before. */
bool ready;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct per_cpu);
} counts SEC(".maps");

static __always_inline struct per_cpu *counts__mine(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&counts, &zero);
}

/* Returns NULL while there is nothing to record. */
static __always_inline struct per_cpu *program__begin(void)
{
	return ready ? counts__mine() : NULL;
}

/* Counts a run of the program. Returns NULL while there is nothing to record. */
static __always_inline struct per_cpu *program__enter(enum wire_type type)
{
	struct per_cpu *cpu = program__begin();

	if (cpu)
		__sync_fetch_and_add(&cpu->of[type].hits, 1);
	return cpu;
}

static __always_inline void hdr__fill(struct wire_hdr *to, u32 type, u32 size,
				      u32 npids, u32 levels, u16 flags, u32 seq)
{
	struct task_struct *task = bpf_get_current_task_btf();

	to->type = type;
	to->size = size | RING_BUSY;
	to->npids = npids;
	to->levels = npids ? levels : 0;
	to->flags = flags |
		    (task->flags & PF_KTHREAD ? WIRE_F_KERNEL_TASK : 0);
	to->cpu = bpf_get_smp_processor_id();
	to->seq = seq;
	to->ts_ns = bpf_ktime_get_ns();
	to->current_task = (u64)task;
	to->current_start = task->start_boottime;
}

/* Reserves a record of @n events. @of: the counters of its type */
static __always_inline void *
reserve_events(struct per_cpu *cpu, struct outcome *of, u32 n, u32 type, u32 body,
	       u32 npids, u32 levels, u16 flags)
{
	u32 size = body + npids * WIRE_PID_SIZE(levels);
	void *record;
	u64 position;
	u32 seq;

	__sync_fetch_and_add(&of->tried, n);
	seq = __sync_fetch_and_add(&cpu->seq, n);
	position = ring__take(size);
	if (position == NO_ROOM) {
		__sync_fetch_and_add(&of->lost_ring, n);
		return NULL;
	}
	record = ring__at(position);
	if (record)
		hdr__fill(record, type, size, npids, levels, flags, seq);
	return record;
}

int links__send(void);

static __always_inline void *
reserve(struct per_cpu *cpu, u32 type, u32 body, u32 npids, u32 levels, u16 flags)
{
	if (cpu->gathered.n)
		links__send();
	return reserve_events(cpu, &cpu->of[type], 1, type, body, npids, levels,
			      flags);
}

/*
 * Both macros return from the program if the ring has no room, which reserve()
 * counts. 6.1's verifier forgets that a pointer was tested before, so there must be
 * one test, next to the reservation.
 */

/* Reserves a record without images; @flags: tasklist_flags(). */
#define RECORD_FLAGS_OR_RETURN(r, cpu, type, flags)			\
	do {								\
		_Static_assert(sizeof(*(r)) <= RING_RECORD_MAX, "size");	\
		(r) = reserve(cpu, type, sizeof(*(r)), 0, 0, flags);	\
		if (!(r))						\
			return 0;					\
	} while (0)

#define RECORD_OR_RETURN(r, cpu, type)					\
	RECORD_FLAGS_OR_RETURN(r, cpu, type, tasklist_flags())

/* Reserves a record with @n images, each with @levels numbers, 1 or more. */
#define RECORD_PIDS_FLAGS_OR_RETURN(r, cpu, type, n, levels, flags)	\
	do {								\
		_Static_assert(sizeof(*(r)) + (n) * sizeof(struct image) <= \
			       RING_RECORD_MAX, "size");		\
		(r) = reserve(cpu, type, sizeof(*(r)), n, levels, flags); \
		if (!(r))						\
			return 0;					\
	} while (0)

#define RECORD_PIDS_OR_RETURN(r, cpu, type, n, levels)			\
	RECORD_PIDS_FLAGS_OR_RETURN(r, cpu, type, n, levels, tasklist_flags())

static __always_inline void *image__at(void *images, u32 i, u32 levels)
{
	/* The verifier needs the limit here, and the compiler knows it already. */
	asm volatile("" : "+r"(levels));
	if (levels > WIRE_MAX_LEVELS)
		levels = WIRE_MAX_LEVELS;
	return images + i * WIRE_PID_SIZE(levels);
}

/*
 * Fills image @i of @record; @levels as in RECORD_PIDS_OR_RETURN(), @own: the result of
 * pid_levels() for @pid.
 */
#define FILL_IMAGE(record, i, levels, own, pid, fill)			\
	do {								\
		struct wire_pid *to_ = (i) ?				\
			image__at((record) + 1, i, levels) :		\
			(void *)((record) + 1);				\
									\
		to_->address = pid;					\
		pid__fill((struct image *)to_, own, fill);		\
	} while (0)

/* Fills the only image. */
#define FILL_PID(record, levels, pid, fill)				\
	FILL_IMAGE(record, 0, levels, levels, pid, fill)

/* The numbers of the two images of a record. */
struct both_levels {
	u32 of[2];
	u32 most;
};

static __always_inline struct both_levels both__levels(u64 a, u64 b)
{
	struct both_levels levels = { .of = { pid_levels(a), pid_levels(b) } };

	levels.most = levels.of[0] > levels.of[1] ? levels.of[0] : levels.of[1];
	return levels;
}

#define FILL_BOTH(record, levels, a, b)					\
	do {								\
		FILL_IMAGE(record, 0, (levels).most, (levels).of[0], a,	\
			   UPID_FILL);					\
		FILL_IMAGE(record, 1, (levels).most, (levels).of[1], b,	\
			   UPID_FILL);					\
	} while (0)

#define SUBMIT(record) ring__submit((struct wire_hdr *)(record))

#endif /* BPF_RECORD_H */
