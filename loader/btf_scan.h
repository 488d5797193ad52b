/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * btf_scan.h - does the kernel have this function, that tracepoint?
 *
 * One pass over the kernel's BTF for all questions, without an index: libbpf's
 * own reading of it is for loading the programs, and a question costs it a pass
 * each.
 */
#ifndef PIDNS_BTF_SCAN_H
#define PIDNS_BTF_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* The running kernel's. */
#define BTF_FILE "/sys/kernel/btf/vmlinux"

enum btf_want_kind {
	BTF_WANT_FUNC,
	BTF_WANT_TYPEDEF,	/* a tracepoint X is one: btf_trace_X */
};

struct btf_want {
	char name[64];
	enum btf_want_kind kind;
	bool found;
	int args;		/* of a function that was found */
};

/*
 * Answers @n wants from @size bytes of BTF. Returns 0, or -EBADMSG: it is not
 * BTF, is cut short, or has a kind of type that this program does not know.
 */
int btf_scan(const void *btf, size_t size, struct btf_want *wants, size_t n);

/* The same from a file; or the negative errno of reading it. */
int btf_scan__file(const char *path, struct btf_want *wants, size_t n);

#endif /* PIDNS_BTF_SCAN_H */
