/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks up functions and tracepoints in the kernel's BTF. The caller lists all names in
 * an array of struct btf_want, and one call fills in the results.
 */
#ifndef LOADER_CAPTURE_BTF_SCAN_H
#define LOADER_CAPTURE_BTF_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* BTF of the running kernel. */
#define BTF_FILE "/sys/kernel/btf/vmlinux"

enum btf_want_kind {
	BTF_WANT_FUNC,
	BTF_WANT_TYPEDEF,	/* btf_trace_X for the tracepoint X */
};

struct btf_want {
	char name[64];
	enum btf_want_kind kind;
	bool found;
	int args;		/* number of arguments of a function that was found */
};

/*
 * Fills in @n wants from @size bytes of BTF. Returns 0, or -EBADMSG if the
 * bytes are not BTF, are cut short, or have a type kind unknown to this program.
 */
int btf_scan(const void *btf, size_t size, struct btf_want *wants, size_t n);

/* Does the same for a file. Also returns the negative errno of reading the file. */
int btf_scan__file(const char *path, struct btf_want *wants, size_t n);

#endif /* LOADER_CAPTURE_BTF_SCAN_H */
