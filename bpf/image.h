/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies a struct pid into a record.
 *
 * The verifier checks functions that are not static once per program, and not once
 * per call and path. That halves the time to load the programs. Such functions must
 * test pointer arguments, return a value, and take no kernel pointers (before 6.9).
 * So callers first store the address to read from in the record: read back from
 * there, the address is a plain number.
 *
 * The functions leave out zeroes, as the memory of a new record has zeroes only.
 */
#ifndef BPF_IMAGE_H
#define BPF_IMAGE_H

/* The memory of a struct wire_pid, with as many numbers as there can be. */
struct image {
	__u8 bytes[WIRE_PID_SIZE(WIRE_MAX_LEVELS)];
};

enum upid_fill {
	UPID_FILL,
	UPID_FILL_MORE,		/* also the namespace's parent and pid_allocated */
};

/* Returns how many numbers a struct pid has; 1 for NULL and for an error. */
static __always_inline u32 pid_levels(u64 pid)
{
	u32 level;

	if (!pid || is_error(pid))
		return 1;
	level = READ(struct pid, pid, level);
	/* a stale struct pid may have any level */
	return level < WIRE_MAX_LEVELS ? level + 1 : WIRE_MAX_LEVELS;
}

static __always_inline void upid__fill(struct wire_upid *to, u64 pid, u32 level,
				       u32 fill)
{
	struct upid upid = pid_upid(pid, level);
	struct pid_namespace *ns = CAST(struct pid_namespace, upid.ns);

	to->nr = upid.nr;
	to->ns = GET(ns, ns.inum);
	if (fill == UPID_FILL_MORE) {
		to->parent = pidns_inum((u64)GET(ns, parent));
		to->allocated = GET(ns, pid_allocated);
	}
}

struct upids_walk {
	struct wire_pid *to;
	u32 fill;
};

/* A level that the walk counted itself would make the verifier try each value. */
static long upids__step(u32 i, void *context)
{
	struct upids_walk *walk = context;
	u32 level = i + 1;

	if (level >= WIRE_MAX_LEVELS)
		return 1;
	upid__fill(&walk->to->upid[level], walk->to->address, level, walk->fill);
	return 0;
}

/*
 * Fills all but the address, from the address. @levels: the result of pid_levels(), for
 * which the image has room
 */
__noinline int pid__fill(struct image *image, u32 levels, u32 fill)
{
	struct wire_pid *to = (void *)image;
	struct pid *p;
	u64 pid;

	if (!image)
		return 0;
	pid = to->address;
	if (!pid || is_error(pid))
		return 0;
	p = CAST(struct pid, pid);
	to->level = levels < WIRE_MAX_LEVELS ? levels - 1 : GET(p, level);
	to->count = GET(p, count.refs.counter);
	upid__fill(&to->upid[0], pid, 0, fill);
	if (levels > 1) {
		struct upids_walk walk = { .to = to, .fill = fill };

		bpf_loop(levels - 1, upids__step, &walk, 0);
	}
	return 0;
}

/* Fills the lists of the struct pid at an address, which may be 0. */
static __always_inline void lists__fill(struct wire_lists *to, u64 pid)
{
	struct pid *p = CAST(struct pid, pid);

	if (!pid)
		return;
	to->tasks = pid + bpf_core_field_offset(struct pid, tasks);
	to->first[PIDTYPE_PID] = (u64)GET(p, tasks[PIDTYPE_PID].first);
	to->first[PIDTYPE_TGID] = (u64)GET(p, tasks[PIDTYPE_TGID].first);
	to->first[PIDTYPE_PGID] = (u64)GET(p, tasks[PIDTYPE_PGID].first);
	to->first[PIDTYPE_SID] = (u64)GET(p, tasks[PIDTYPE_SID].first);
}

#endif /* BPF_IMAGE_H */
