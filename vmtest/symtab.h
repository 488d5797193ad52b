/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions of an ELF file, found as a kernel's messages name them. */
#ifndef VMTEST_SYMTAB_H
#define VMTEST_SYMTAB_H

#include <stddef.h>
#include <stdint.h>

struct symbol {
	uint64_t addr;
	char *name;
};

struct symtab {
	struct symbol *v;	/* by address */
	size_t n;
};

/* Returns 0, or -errno; -ENODATA: no symbols in it. Free it in any case. */
int symtab__load(struct symtab *t, const char *path);

/*
 * The address of the function that "name+0xoff/0xsize" is in, or 0 when there
 * is none, or several that size does not tell apart.
 * size is what kallsyms has: the bytes up to the next symbol.
 */
uint64_t symtab__find(const struct symtab *t, const char *name, size_t len,
		      uint64_t size);

/* The function that addr is in, and how far; NULL: before all. Not yours. */
const char *symtab__at(const struct symtab *t, uint64_t addr, uint64_t *off);

void symtab__free(struct symtab *t);

#endif
