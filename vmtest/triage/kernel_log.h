/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's kernel log, as init reads it from /dev/kmsg, and what it says together
 * with the console.
 */
#ifndef VMTEST_TRIAGE_KERNEL_LOG_H
#define VMTEST_TRIAGE_KERNEL_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* All zero at first. */
struct kernel_log {
	bool begun;		/* a record has arrived */
	uint64_t next;		/* sequence number of the next record */
	uint64_t lost;		/* records that were overwritten before init read them */
	char *missing;		/* why init cannot read the log; NULL: it can */
};

/*
 * Takes "PRIORITY,SEQUENCE,MICROSECONDS,...;TEXT", a record of /dev/kmsg, or "# REASON"
 * if the log cannot be read. Returns the record's lines in the form of "dmesg --raw",
 * "<6>[   12.345678] TEXT\n", or "" for a reason; NULL: the line is neither. Free it.
 */
char *kernel_log__take(struct kernel_log *l, const char *record);

/* Returns true if a line in the form of "dmesg --raw" is not a program's. */
bool kernel_log__is_kernel(const char *raw);

/* Returns true if the log has no gap, so far. */
bool kernel_log__whole(const struct kernel_log *l);

/*
 * Returns all that the kernel said: the lines of @log, the text in the form of
 * "dmesg --raw", that are the kernel's, and the lines of @console, the text of the
 * console, that are not in the log but may be the kernel's. Free it.
 */
char *kernel_log__merge(const struct kernel_log *l, const char *log, const char *console);

void kernel_log__free(struct kernel_log *l);

#endif /* VMTEST_TRIAGE_KERNEL_LOG_H */
