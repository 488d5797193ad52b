/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the open files and the mounts that hold a pid namespace, by reading /proc. What
 * /proc does not show, or not to this process, is counted as a suspect.
 */
#ifndef LOADER_CAPTURE_NS_FILES_H
#define LOADER_CAPTURE_NS_FILES_H

#include <stdbool.h>
#include <stdint.h>

enum ns_file_kind {
	NS_FILE_FD,		/* an open file of nsfs */
	NS_FILE_MOUNT,		/* a bind mount of such a file */
	NS_FILE_PROC,		/* a mount of proc that shows the namespace */
	NS_FILE_CHILDREN,	/* pid_ns_for_children of a process */
};

/* A file of the wanted namespace, or of one below it, which holds its parent. */
struct ns_file {
	enum ns_file_kind kind;
	uint32_t ns;		/* inum of the file's namespace */
	int32_t pid;		/* the process, as this program's /proc numbers it */
	char comm[64];		/* its name, as it is */
	int fd;			/* FD */
	const char *path;	/* MOUNT, PROC: the place that the process sees, as it is */
};

/* Things that may hold the namespace, and the first process that has one. */
struct ns_suspects {
	unsigned int pidfds;	/* open pidfds of processes that have ended */
	int32_t pidfd_pid;
	unsigned int procs;	/* mounts of proc that show no process */
	int32_t proc_pid;
	unsigned int hidden;	/* processes whose files this one may not read */
};

struct ns_files;

struct ns_files *ns_files__new(uint32_t ns);
void ns_files__free(struct ns_files *files);	/* NULL is legal */

/*
 * Calls fn for each file and mount that holds the namespace. Does not report the
 * pid_ns_for_children of the namespace itself, which sweeps show for each thread.
 * Returns 0, or a negative errno if /proc cannot be read.
 */
typedef void ns_file_fn(const struct ns_file *file, void *arg);
int ns_files__scan(struct ns_files *files, ns_file_fn *fn, void *arg,
		   struct ns_suspects *suspects);

#endif /* LOADER_CAPTURE_NS_FILES_H */
