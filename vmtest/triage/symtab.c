// SPDX-License-Identifier: GPL-2.0-only
/* Loads the code symbols of an ELF file as kallsyms would have them. */
#include "vmtest/triage/symtab.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/lib/util.h"

/* Symbols that scripts/kallsyms.c leaves out would shorten the ones before them. */
static bool unlisted(const char *name)
{
	return !*name || !strncmp(name, "__pfx_", strlen("__pfx_")) ||
	       !strncmp(name, ".L", 2);
}

static bool is_code(Elf *elf, const GElf_Sym *sym)
{
	int type = GELF_ST_TYPE(sym->st_info);
	Elf_Scn *scn = elf_getscn(elf, sym->st_shndx);
	GElf_Shdr sh;

	/* Assembler entry points have no type. */
	return (type == STT_FUNC || type == STT_NOTYPE) &&
	       sym->st_shndx != SHN_UNDEF && sym->st_shndx < SHN_LORESERVE &&
	       scn && gelf_getshdr(scn, &sh) && sh.sh_flags & SHF_EXECINSTR;
}

static void add_section(struct symtab *t, Elf *elf, Elf_Scn *scn,
			const GElf_Shdr *sh)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Sym sym;

	if (!data || !sh->sh_entsize)
		return;
	t->v = xrealloc(t->v, (t->n + sh->sh_size / sh->sh_entsize + 1) *
			      sizeof(*t->v));
	for (int i = 0; gelf_getsym(data, i, &sym); i++) {
		const char *name = elf_strptr(elf, sh->sh_link, sym.st_name);

		if (name && !unlisted(name) && is_code(elf, &sym))
			t->v[t->n++] = (struct symbol){ sym.st_value,
							xstrdup(name) };
	}
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

int symtab__load(struct symtab *t, const char *path)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	Elf *elf;
	int fd;

	memset(t, 0, sizeof(*t));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	while (elf && (scn = elf_nextscn(elf, scn))) {
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
			add_section(t, elf, scn, &sh);
	}
	elf_end(elf);
	close(fd);
	if (!t->n)
		return -ENODATA;
	qsort(t->v, t->n, sizeof(*t->v), by_address);
	return 0;
}

/* Returns the bytes up to the next address that has a symbol; 0 for the last. */
static uint64_t gap(const struct symtab *t, size_t i)
{
	for (size_t j = i + 1; j < t->n; j++) {
		if (t->v[j].addr != t->v[i].addr)
			return t->v[j].addr - t->v[i].addr;
	}
	return 0;
}

uint64_t symtab__find(const struct symtab *t, const char *name, size_t len,
		      uint64_t size)
{
	uint64_t any = 0, exact = 0;
	size_t named = 0, sized = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (strncmp(t->v[i].name, name, len) || t->v[i].name[len])
			continue;
		any = t->v[i].addr;
		named++;
		if (gap(t, i) == size) {
			exact = any;
			sized++;
		}
	}
	if (sized)
		return sized == 1 ? exact : 0;
	return named == 1 ? any : 0;
}

const char *symtab__at(const struct symtab *t, uint64_t addr, uint64_t *off)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->v[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return NULL;
	*off = addr - t->v[low - 1].addr;
	return t->v[low - 1].name;
}

void symtab__free(struct symtab *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i].name);
	free(t->v);
	memset(t, 0, sizeof(*t));
}
