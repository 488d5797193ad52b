/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeps freed objects of one size for reuse. The first word of each points to the next. */
#ifndef LOADER_LIB_POOL_H
#define LOADER_LIB_POOL_H

#include <stdlib.h>

#include "lib/memory.h"

struct pool {		/* all zero: empty */
	void **first;
};

/* Returns a freed object or allocates one. Its bytes are not initialized. */
static inline void *pool__get(struct pool *p, size_t size)
{
	void **object = p->first;

	if (!object)
		return xmalloc(size);
	p->first = *object;
	return object;
}

static inline void pool__put(struct pool *p, void *object)
{
	*(void **)object = p->first;
	p->first = object;
}

static inline void pool__clear(struct pool *p)
{
	while (p->first)
		free(pool__get(p, 0));
}

#endif /* LOADER_LIB_POOL_H */
