// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scans the kernel's BTF for functions and tracepoints: one pass finds all names at
 * once, without an index, and a second pass counts the arguments of the functions.
 * libbpf's BTF reader, which serves to load the programs, takes a pass for each name.
 *
 * Bad at: new kinds of BTF types. The kind determines the length of a type, so a scan
 * fails at the first kind that this file does not know.
 */
#include "loader/capture/btf_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "lib/memory.h"

struct btf_view {
	const char *types, *types_end;
	const char *strings;
	size_t strings_len;
};

static int view__init(struct btf_view *v, const void *btf, size_t size)
{
	const struct btf_header *h = btf;
	const char *body;
	size_t body_len;

	if (size < sizeof(*h) || h->magic != BTF_MAGIC || h->hdr_len > size)
		return -EBADMSG;
	body = (const char *)btf + h->hdr_len;
	body_len = size - h->hdr_len;
	if (h->type_off > body_len || h->type_len > body_len - h->type_off ||
	    h->str_off > body_len || h->str_len > body_len - h->str_off ||
	    (h->hdr_len + h->type_off) % sizeof(__u32))
		return -EBADMSG;
	v->types = body + h->type_off;
	v->types_end = v->types + h->type_len;
	v->strings = body + h->str_off;
	v->strings_len = h->str_len;
	/* the final NUL terminates every name in the section */
	if (!h->str_len || v->strings[h->str_len - 1])
		return -EBADMSG;
	return 0;
}

/* Returns the size of the data after the struct btf_type, or -EBADMSG. */
static long type__extra(const struct btf_type *t)
{
	size_t vlen = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
		return sizeof(__u32);
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return vlen * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return vlen * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return vlen * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return vlen * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return vlen * sizeof(struct btf_var_secinfo);
	}
	return -EBADMSG;
}

/* Returns the type after @t, or NULL at the end or, with *err set, on bad BTF. */
static const struct btf_type *view__next(const struct btf_view *v,
					 const struct btf_type *t, int *err)
{
	const char *at = t ? (const char *)(t + 1) : v->types;
	long extra = t ? type__extra(t) : 0;

	if (extra < 0 || extra > v->types_end - at) {
		*err = -EBADMSG;
		return NULL;
	}
	at += extra;
	if (at == v->types_end)
		return NULL;
	if ((size_t)(v->types_end - at) < sizeof(*t)) {
		*err = -EBADMSG;
		return NULL;
	}
	return (const struct btf_type *)at;
}

/* Stores the prototype's id in args; view__count_args() replaces it by the count. */
static void want__match(struct btf_want *w, const struct btf_type *t,
			const char *name)
{
	bool func = btf_kind(t) == BTF_KIND_FUNC;

	if (w->found || func != (w->kind == BTF_WANT_FUNC) ||
	    w->name[0] != name[0] || strcmp(w->name, name))
		return;
	w->found = true;
	w->args = func ? (int)t->type : 0;
}

static int view__find(const struct btf_view *v, struct btf_want *wants, size_t n)
{
	const struct btf_type *t = NULL;
	int err = 0;

	while ((t = view__next(v, t, &err))) {
		int kind = btf_kind(t);

		if (kind != BTF_KIND_FUNC && kind != BTF_KIND_TYPEDEF)
			continue;
		if (t->name_off >= v->strings_len)
			return -EBADMSG;
		for (size_t i = 0; i < n; i++)
			want__match(&wants[i], t, v->strings + t->name_off);
	}
	return err;
}

/* Type ids are positions from 1, so a second pass finds the prototypes. */
static int view__count_args(const struct btf_view *v, struct btf_want *wants,
			    size_t n)
{
	const struct btf_type *t = NULL;
	int err = 0, *args;
	unsigned int id = 0;

	args = xcalloc(n, sizeof(*args));
	while ((t = view__next(v, t, &err))) {
		id++;
		if (btf_kind(t) != BTF_KIND_FUNC_PROTO)
			continue;
		for (size_t i = 0; i < n; i++)
			if (wants[i].found && (unsigned int)wants[i].args == id)
				args[i] = btf_vlen(t);
	}
	for (size_t i = 0; i < n; i++)
		wants[i].args = args[i];
	free(args);
	return err;
}

int btf_scan(const void *btf, size_t size, struct btf_want *wants, size_t n)
{
	struct btf_view view;
	int err;

	for (size_t i = 0; i < n; i++) {
		wants[i].found = false;
		wants[i].args = 0;
	}
	err = view__init(&view, btf, size);
	if (!err)
		err = view__find(&view, wants, n);
	return err ? err : view__count_args(&view, wants, n);
}

int btf_scan__file(const char *path, struct btf_want *wants, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	struct stat st;
	char *data;
	ssize_t got = 0;
	int err;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		err = -errno;
		close(fd);
		return err;
	}
	data = xmalloc(st.st_size);
	while (size < (size_t)st.st_size) {
		got = read(fd, data + size, st.st_size - size);
		if (got <= 0)
			break;
		size += got;
	}
	err = got < 0 ? -errno : btf_scan(data, size, wants, n);
	close(fd);
	free(data);
	return err;
}
