// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spins at the hooks of WIDEN_HOOKS (widen.h), with --widen only.
 *
 * A hash of the seed, the hook and n decides whether the n-th visit of a hook spins,
 * and for how long: the same in each run, as far as the visits are the same. The length
 * is drawn evenly over its logarithm, because the length of a race is not known, and is
 * counted in rounds of an empty function; the time of a round is measured first. A spin
 * always ends when its time is up, and a CPU that has spent its share of time does not
 * spin.
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

/* Set by the loader or calibrate(). No hook spins before all of these are set. */
__u64 rounds_per_us;		/* as measured, at least 1 */
__u64 begin_ns;			/* CLOCK_MONOTONIC */
__u64 tasklist_lock_address;	/* 0: not known */
bool ready;

/* Visits of each hook, an input of draw(). */
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

/* Nanoseconds that the CPU has spent spinning. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} spent SEC(".maps");

#define NSEC_PER_USEC 1000
#define CHUNK 64		/* rounds between two readings of the clock */
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

/* Times CHUNK * CHUNK rounds and sets rounds_per_us. The loader runs it once. */
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

/* Returns 1 to @max us; each power of two is as likely as the next. */
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

/* Returns false if this CPU has used up its share of the time since the start. */
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
 * True if this or any other task holds the lock: either way, no time to spin. In
 * the lock's word, a writer is in the lowest byte and readers are above. PREEMPT_RT
 * has another kind of lock: no hook spins there.
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

	if (!ready || task->flags & PF_KTHREAD || tasklist_is_locked(lock))
		return false;
	return who == WIDEN_USER || windows__find((u64)task);
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
