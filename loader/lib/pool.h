/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps freed objects for reuse. All objects of a pool have the same size, at least that
 * of a pointer: the first word of a freed object points to the next.
 */
#ifndef LOADER_LIB_POOL_H
#define LOADER_LIB_POOL_H

#include <stdlib.h>

#include "lib/memory.h"

struct pool {		/* all zero: empty */
	void **first;
};

/* Returns a freed or a new object of @size bytes, which are not initialized. */
static inline void *pool__get(struct pool *p, size_t size)
{
	void **object = p->first;

	if (!object)
		return xmalloc(size);
	p->first = *object;
	return object;
}

/* Frees an object of the pool. */
static inline void pool__put(struct pool *p, void *object)
{
	*(void **)object = p->first;
	p->first = object;
}

/* Returns the freed objects to malloc(). */
static inline void pool__clear(struct pool *p)
{
	while (p->first)
		free(pool__get(p, 0));
}

#endif /* LOADER_LIB_POOL_H */
