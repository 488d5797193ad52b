// SPDX-License-Identifier: GPL-2.0-only
/*
 * widen.bpf.c - spins at the hooks of WIDEN_HOOKS (widen.h), with --widen only.
 *
 * The n-th visit of a hook spins, or not, and for how long, by a hash of the
 * seed, the hook and n: the same in each run, as far as the visits are. The
 * length is drawn evenly over its logarithm, as nobody knows how long a race
 * is, in rounds of an empty function; how long one takes is measured first.
 * A spin ends when its time is up in any case, and there is none on a CPU that
 * has spent its share of time.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "kernel.h"
#include "wire.h"
#include "widen.h"
#include "windows.h"

char LICENSE[] SEC("license") = "GPL";

__u64 seed;

/* Set by the loader: nothing spins before, or without. */
__u64 rounds_per_us;		/* as measured, at least 1 */
__u64 begin_ns;			/* CLOCK_MONOTONIC */
__u64 tasklist_lock_address;	/* 0: not known */
bool ready;

/* How often each hook was visited: drawn from. */
__u64 visits[WIDEN_NHOOKS];

static const struct {
	u32 one_in, us;
} limits[WIDEN_NHOOKS] = {
#define X(e, section, who, lock, one_in, us, why) [WIDEN_##e] = { one_in, us },
	WIDEN_HOOKS(X)
#undef X
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WIDEN_NHOOKS);
	__type(key, u32);
	__type(value, struct widen_count);
} spins SEC(".maps");

/* ns spent by a CPU */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} spent SEC(".maps");

#define NSEC_PER_USEC 1000
#define CHUNK 64		/* rounds between two looks at the clock */
#define CHUNKS_MAX (1 << 20)

static long nop(u32 i, void *context)
{
	return 0;
}

struct spin {
	u64 until;
};

static long chunk(u32 i, void *context)
{
	struct spin *spin = context;

	bpf_loop(CHUNK, nop, NULL, 0);
	return bpf_ktime_get_ns() >= spin->until;
}

/* Run by the loader: how long are 64 * 64 rounds? In rounds_per_us. */
SEC("syscall")
int calibrate(void *ctx)
{
	struct spin spin = { .until = ~0ULL };
	u64 from = bpf_ktime_get_ns();

	bpf_loop(CHUNK, chunk, &spin, 0);
	from = bpf_ktime_get_ns() - from;
	rounds_per_us = (u64)CHUNK * CHUNK * NSEC_PER_USEC / (from ? from : 1);
	if (!rounds_per_us)
		rounds_per_us = 1;
	return 0;
}

/* splitmix64's finalizer */
static __always_inline u64 mix(u64 x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ULL;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static __always_inline u64 draw(u32 hook)
{
	u64 n = __sync_fetch_and_add(&visits[hook], 1);

	return mix(mix(seed + hook * 0x9e3779b97f4a7c15ULL) + n);
}

/* From 1 to @max us, each power of two as likely as the next. */
static __always_inline u64 draw_us(u64 drawn, u32 max)
{
	u32 bits = 0;
	u64 us;

	for (u32 m = max; m > 1 && bits < 16; m >>= 1)
		bits++;
	us = 1ULL << ((drawn >> 8) % (bits + 1));
	us += (drawn >> 16) & (us - 1);
	return us < max ? us : max;
}

/* Returns false if this CPU has had its share of the time since the start. */
static __always_inline bool may_spend(u64 now, u64 **account)
{
	u32 zero = 0;

	*account = bpf_map_lookup_elem(&spent, &zero);
	return *account && **account * WIDEN_SHARE < now - begin_ns;
}

__noinline int spin_at(u32 hook)
{
	u64 drawn, us, from, chunks, *account;
	struct widen_count *count;
	struct spin spin;
	u32 key = hook;

	if (hook >= WIDEN_NHOOKS)
		return 0;
	count = bpf_map_lookup_elem(&spins, &key);
	if (!count)
		return 0;
	__sync_fetch_and_add(&count->visits, 1);
	drawn = draw(hook);
	if ((drawn & 0xff) % limits[hook].one_in)
		return 0;
	from = bpf_ktime_get_ns();
	if (!may_spend(from, &account))
		return 0;
	us = draw_us(drawn, limits[hook].us);
	spin.until = from + limits[hook].us * NSEC_PER_USEC;
	chunks = us * rounds_per_us / CHUNK + 1;
	bpf_loop(chunks < CHUNKS_MAX ? chunks : CHUNKS_MAX, chunk, &spin, 0);
	from = bpf_ktime_get_ns() - from;
	__sync_fetch_and_add(account, from);
	__sync_fetch_and_add(&count->spins, 1);
	__sync_fetch_and_add(&count->ns, from);
	return 0;
}

/*
 * By us or another: either way this is no time to wait. The lock's word: a
 * writer is in its lowest byte, readers are above. PREEMPT_RT has another kind of
 * lock, and nobody is delayed there.
 */
static __always_inline bool tasklist_is_locked(enum widen_lock how)
{
	u32 word;

	if (RWLOCK_IS_RT() || !tasklist_lock_address ||
	    bpf_probe_read_kernel(&word, sizeof(word),
				  (void *)tasklist_lock_address))
		return true;
	return how == WIDEN_WRITTEN ? (word & 0xff) == QRWLOCK_WRITER : word;
}

static __always_inline bool is_chosen(enum widen_who who,
				      enum widen_lock lock)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 key = (u64)task;

	if (!ready || task->flags & PF_KTHREAD || tasklist_is_locked(lock))
		return false;
	return who == WIDEN_USER || bpf_map_lookup_elem(&windows, &key);
}

#define X(e, section, who, lock, one_in, us, why)			\
	SEC(section)							\
	int widen_##e(void *ctx)					\
	{								\
		return is_chosen(WIDEN_##who, WIDEN_##lock) ?		\
			spin_at(WIDEN_##e) : 0;				\
	}
WIDEN_HOOKS(X)
#undef X
