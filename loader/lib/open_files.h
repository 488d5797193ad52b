/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Raises and restores the limit of open files (RLIMIT_NOFILE).
 *
 * Each program and each link is an open file, and a hook may have five copies of both:
 * several hundred in all.
 */
#ifndef LOADER_LIB_OPEN_FILES_H
#define LOADER_LIB_OPEN_FILES_H

/* Raises this process' limit to what it is allowed to have. Repeating it is harmless. */
void open_files__raise(void);

/* Restores the limit that open_files__raise() found. For a child, before execve(). */
void open_files__restore(void);

#endif /* LOADER_LIB_OPEN_FILES_H */
