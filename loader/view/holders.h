/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists what holds a pid namespace: its processes and zombies, its init at its end, the
 * processes whose children will be in it, and files. Sweeps show the former, ns_files.h
 * the latter.
 */
#ifndef LOADER_VIEW_HOLDERS_H
#define LOADER_VIEW_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ns_file;
struct wire_hdr;

/* X(enum, word for the user) */
#define HOLDER_KINDS(X)							\
	X(INIT,		"init")						\
	X(PROCESS,	"process")					\
	X(ZOMBIE,	"zombie")					\
	X(CHILDREN,	"children")	/* will be in the namespace */	\
	X(FILE,		"file")						\
	X(MOUNT,	"mount")

enum holder_kind {
#define X(e, word) HOLDER_##e,
	HOLDER_KINDS(X)
#undef X
};

struct holder {
	enum holder_kind kind;
	int32_t pid;		/* the process, at level 0; FILE, MOUNT: in our /proc */
	char *what;		/* by which a holder is recognised in the next set */
	char *why;		/* what it waits for at the moment, or NULL */
	char *help;		/* what would help, or NULL */
};

const char *holder__word(const struct holder *h);

/* A set of holders; after holder_set__sort(), by kind and text. */
struct holder_set {
	struct holder *at;
	size_t n;
};

void holder_set__clear(struct holder_set *s);
void holder_set__sort(struct holder_set *s);
/* Calls fn for each holder in @s that is not in @other. Both are sorted. */
typedef void holder_fn(const struct holder *h, void *arg);
void holder_set__others(const struct holder_set *s, const struct holder_set *other,
			holder_fn *fn, void *arg);
/* Adds a copy of each holder in @from. */
void holder_set__copy(struct holder_set *to, const struct holder_set *from);

/* Adds the holder that a file of the namespace @ns is. */
void holder_set__add_file(struct holder_set *s, uint32_t ns, const struct ns_file *file);

struct watch;

/*
 * Watches a namespace through sweeps. @own: inum of the namespace whose numbers /proc
 * shows.
 */
struct watch *watch__new(uint32_t ns, uint32_t own);
void watch__free(struct watch *w);	/* NULL is legal */

/*
 * Applies a kernel record. Returns true at the end of a sweep, which has filled *set.
 */
bool watch__record(struct watch *w, const struct wire_hdr *rec, struct holder_set *set);

#endif /* LOADER_VIEW_HOLDERS_H */
