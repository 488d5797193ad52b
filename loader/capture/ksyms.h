/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds names for kernel addresses: ksyms__read() reads /proc/kallsyms once, and
 * ksyms__name() looks up one address.
 */
#ifndef LOADER_CAPTURE_KSYMS_H
#define LOADER_CAPTURE_KSYMS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct ksyms;

/*
 * Reads the text symbols of a file in the format of /proc/kallsyms.
 * Returns NULL with errno set on error: EIO if reading fails, EPERM if all
 * addresses are zero (kptr_restrict), EINVAL for a line in another format.
 */
struct ksyms *ksyms__read(FILE *file);
void ksyms__free(struct ksyms *syms);

/* Returns the number of symbols. */
size_t ksyms__count(const struct ksyms *syms);

/*
 * Writes "function+0xoffset" for @address to @name, cut to @size.
 * Returns 0, or -ENOENT for an address below the first symbol.
 */
int ksyms__name(const struct ksyms *syms, uint64_t address, char *name,
		size_t size);

#endif /* LOADER_CAPTURE_KSYMS_H */
