/* SPDX-License-Identifier: GPL-2.0-only */
/* The reserved bits of EFLAGS, which no CPU changes: Intel SDM, volume 1, 3.4.3. */
#ifndef VMTEST_WIRE_EFLAGS_H
#define VMTEST_WIRE_EFLAGS_H

#define EFLAGS_ALWAYS_SET	(1U << 1)
#define EFLAGS_ALWAYS_CLEAR	(1U << 3 | 1U << 5 | 1U << 15 | ~0U << 22)

#endif /* VMTEST_WIRE_EFLAGS_H */
