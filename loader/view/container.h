/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the container of a task, by the names that runtimes give to cgroups. */
#ifndef LOADER_VIEW_CONTAINER_H
#define LOADER_VIEW_CONTAINER_H

#include <stddef.h>
#include <stdio.h>

struct json_t;

/* The part of a path that identifies a container. */
struct container {
	const char *id;		/* not terminated */
	size_t len;		/* 0: the path has none */
	size_t short_len;	/* 12 of a hexadecimal id, as runtimes print it */
};

/* Finds the innermost container of a path such as /system.slice/docker-ID.scope. */
struct container container__of(const char *path);

/* Writes "  in container ID" if the path has one. NULL: not known */
void container__print(const char *path, FILE *out);

/* Adds the members "cgroup" and "container", null if there is none or not known. */
void container__json(const char *path, struct json_t *o);

#endif /* LOADER_VIEW_CONTAINER_H */
