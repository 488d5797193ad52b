/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the state of tasklist_lock.
 */
#ifndef BPF_TASKLIST_H
#define BPF_TASKLIST_H

/* Address of tasklist_lock, 0: not known. Set by find_symbols(), before ready. */
__u64 tasklist_lock_address;

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

/* True if tasklist_lock is known and no task holds it for writing, by its flags. */
static __always_inline bool flags_are_unlocked(u16 flags)
{
	return (flags & (WIRE_F_TASKLIST_KNOWN | WIRE_F_TASKLIST_WRITE)) ==
	       WIRE_F_TASKLIST_KNOWN;
}

static __always_inline bool tasklist_is_unlocked(void)
{
	return flags_are_unlocked(tasklist_flags());
}

#endif /* BPF_TASKLIST_H */
