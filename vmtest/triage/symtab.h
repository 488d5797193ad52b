/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions of an ELF file, found by their notation in kernel messages. */
#ifndef VMTEST_TRIAGE_SYMTAB_H
#define VMTEST_TRIAGE_SYMTAB_H

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

/* Returns 0, or -errno; -ENODATA: the file has no symbols. Free t in any case. */
int symtab__load(struct symtab *t, const char *path);

/*
 * Returns the address of the function in "name+0xoff/0xsize", or 0 if there is no
 * such function, or several that size does not distinguish.
 * size is that of kallsyms: the bytes up to the next symbol.
 */
uint64_t symtab__find(const struct symtab *t, const char *name, size_t len,
		      uint64_t size);

/* Returns the function at addr, and *off in it; NULL: before all. t owns the name. */
const char *symtab__at(const struct symtab *t, uint64_t addr, uint64_t *off);

void symtab__free(struct symtab *t);

#endif /* VMTEST_TRIAGE_SYMTAB_H */
