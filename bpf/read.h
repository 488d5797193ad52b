/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads members of the kernel's structs, by plain addresses.
 */
#ifndef BPF_READ_H
#define BPF_READ_H

/*
 * CAST makes a pointer to a struct from a plain address, GET reads a member, READ
 * does both. A member at an unreadable address is 0.
 *
 * bpf_rdonly_cast() is a move between registers, and reading from its result takes
 * one instruction, guarded by the kernel's fault handler and six instructions that
 * check the address. Without it (before 6.2), each member takes a call of
 * bpf_probe_read_kernel(), a hundred instructions, which fills with zeroes what it
 * cannot read. So the programs are compiled twice: probing.bpf.c has the second variant.
 * To choose at each use, in one program, would take ten instructions more.
 *
 * A member of current that is not a pointer takes one instruction without CAST.
 * The programs do not follow pointers in a trusted task (current, a tracepoint's
 * argument) directly: for each step the verifier of 6.2 and later searches the
 * kernel's BTF from end to end, four times, which made 8 of these programs take a
 * second to load under TCG.
 */
#ifndef HAS_CAST
#define HAS_CAST 1
#endif

#if HAS_CAST
extern void *bpf_rdonly_cast(const void *address, u32 btf_id) __ksym;

#define CAST(type, address)						\
	((type *)bpf_rdonly_cast((const void *)(address),		\
				 bpf_core_type_id_kernel(type)))

#define GET(pointer, member) ((pointer)->member)
#else
#define CAST(type, address) ((type *)(address))

#define GET(pointer, member)						\
	({								\
		typeof((pointer)->member) v_;				\
									\
		bpf_probe_read_kernel(&v_, sizeof(v_), &(pointer)->member); \
		v_;							\
	})
#endif

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

/* Returns the number in the pid namespace that a struct pid was made for, or 0. */
static __always_inline s32 pid_own_nr(u64 pid)
{
	u32 level = pid ? READ(struct pid, pid, level) : WIRE_MAX_LEVELS;

	return level < WIRE_MAX_LEVELS ? pid_upid(pid, level).nr : 0;
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

#endif /* BPF_READ_H */
