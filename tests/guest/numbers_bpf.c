// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF iterator of tasks, limited to a thread or a process by its number in the pid
 * namespace of the process that opens the iterator.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "joined.h"
#include "ns.h"
#include "numbers.h"
#include "ops.h"

#define BTF_FILE "/sys/kernel/btf/vmlinux"

/* The function whose type is that of the iterator's programs. */
#define ITERATOR "bpf_iter_task"

static long bpf(int command, union bpf_attr *attr)
{
	long got = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return got < 0 ? -errno : got;
}

/* Returns the size of what follows struct btf_type. */
static size_t size_behind(const struct btf_type *t)
{
	static const unsigned char once[NR_BTF_KINDS] = {
		[BTF_KIND_INT] = 4, [BTF_KIND_ARRAY] = sizeof(struct btf_array),
		[BTF_KIND_VAR] = 4, [BTF_KIND_DECL_TAG] = 4,
	};
	static const unsigned char each[NR_BTF_KINDS] = {
		[BTF_KIND_STRUCT] = sizeof(struct btf_member),
		[BTF_KIND_UNION] = sizeof(struct btf_member),
		[BTF_KIND_ENUM] = sizeof(struct btf_enum),
		[BTF_KIND_FUNC_PROTO] = sizeof(struct btf_param),
		[BTF_KIND_DATASEC] = sizeof(struct btf_var_secinfo),
		[BTF_KIND_ENUM64] = sizeof(struct btf_enum64),
	};
	unsigned int kind = BTF_INFO_KIND(t->info);

	if (kind >= NR_BTF_KINDS)
		return 0;
	return once[kind] + each[kind] * BTF_INFO_VLEN(t->info);
}

static long id_in(const struct btf_header *head, const char *name)
{
	const char *types = (const char *)head + head->hdr_len + head->type_off;
	const char *names = (const char *)head + head->hdr_len + head->str_off;
	const char *end = types + head->type_len;

	for (long id = 1; types < end; id++) {
		const struct btf_type *t = (const struct btf_type *)types;

		if (BTF_INFO_KIND(t->info) == BTF_KIND_FUNC &&
		    !strcmp(names + t->name_off, name))
			return id;
		types += sizeof(*t) + size_behind(t);
	}
	return -ENOENT;
}

/* Returns the number of the function @name in the kernel's BTF. */
static long btf_id(const char *name)
{
	int fd = open(BTF_FILE, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text;
	ssize_t n, len = 0;
	long id;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	text = malloc(st.st_size);
	while (text && (n = read(fd, text + len, st.st_size - len)) > 0)
		len += n;
	id = text && len == st.st_size ?
		id_in((const struct btf_header *)text, name) : -EIO;
	free(text);
	close(fd);
	return id;
}

/* Loads a program that counts the tasks it is called for in the map's only value. */
static long load_counter(int map, long type)
{
	const struct bpf_insn program[] = {
		/* r6 = ctx->task; at the end of the list there is none */
		{ BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_6, BPF_REG_1, 8, 0 },
		{ BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_6, 0, 4, 0 },
		/* r1 = the value; *r1 += 1 */
		{ BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_VALUE, 0,
		  map },
		{ .code = 0 },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, 1 },
		{ BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_1, BPF_REG_2, 0,
		  BPF_ADD },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.expected_attach_type = BPF_TRACE_ITER,
		.insns = (uintptr_t)program, .insn_cnt = ARRAY_SIZE(program),
		.license = (uintptr_t)"GPL", .attach_btf_id = type,
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

static long make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8,
		.max_entries = 1,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

static long run_iterator(int program, union bpf_iter_link_info *which)
{
	union bpf_attr attr = {
		.link_create = {
			.prog_fd = program, .attach_type = BPF_TRACE_ITER,
			.iter_info = (uintptr_t)which,
			.iter_info_len = sizeof(*which),
		},
	};
	long link = bpf(BPF_LINK_CREATE, &attr), iterator;
	char text[64];

	if (link < 0)
		return link;
	attr = (union bpf_attr){ .iter_create = { .link_fd = link } };
	iterator = bpf(BPF_ITER_CREATE, &attr);
	close(link);
	if (iterator < 0)
		return iterator;
	while (read(iterator, text, sizeof(text)) > 0)
		;
	close(iterator);
	return 0;
}

enum limit { BY_THREAD, BY_PROCESS };

/* Counts the tasks that the iterator shows, limited to @number. */
static long count_tasks(long number, long limit)
{
	const int first = 0;
	union bpf_iter_link_info which = {
		.task = { .tid = limit == BY_THREAD ? number : 0,
			  .pid = limit == BY_PROCESS ? number : 0 },
	};
	uint64_t count = 0;
	union bpf_attr attr;
	long type = btf_id(ITERATOR);
	int map, program;

	if (type < 0)
		return type;
	map = check__must("BPF_MAP_CREATE", make_map());
	program = check__must("BPF_PROG_LOAD", load_counter(map, type));
	check__must("iterator", run_iterator(program, &which));
	attr = (union bpf_attr){
		.map_fd = map, .key = (uintptr_t)&first,
		.value = (uintptr_t)&count,
	};
	check__must("BPF_MAP_LOOKUP_ELEM", bpf(BPF_MAP_LOOKUP_ELEM, &attr));
	close(program);
	close(map);
	return count;
}

/* Finds the second thread of the owner, by its number outside. */
static pid_t second_thread(const struct world *w)
{
	char path[64];
	struct dirent *e;
	pid_t thread = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", w->owner.pid);
	d = opendir(path);
	while (d && !thread && (e = readdir(d)))
		if (atoi(e->d_name) != w->owner.pid)
			thread = atoi(e->d_name);
	if (d)
		closedir(d);
	if (!thread)
		check__bail("%s: no second thread", path);
	return thread;
}

/* The owner has two threads; readers that see it ask by their numbers of them. */
static void iterator_of_tasks(void)
{
	struct ns_numbers n;
	struct world w;
	char path[64];
	pid_t thread;

	if (btf_id(ITERATOR) < 0)
		check__skip("no " ITERATOR " in " BTF_FILE);
	world__build(&w);
	world__add_child(&w);
	world__mark(&w, op_add_thread, 0, 0);
	thread = second_thread(&w);
	snprintf(path, sizeof(path), "/proc/%d/task", w.owner.pid);
	n = joined__numbers(path, thread, "NSpid");
	for (int i = READER_OUTER; i <= READER_MIDDLE; i++) {
		const struct actor *x = &w.reader[i];

		check__eq("tasks with the number of the leader",
			  actor__call(x, count_tasks, w.number[i], BY_THREAD), 1);
		check__eq("tasks with the number of the other thread",
			  actor__call(x, count_tasks, n.number[i], BY_THREAD), 1);
		check__eq("tasks of the process",
			  actor__call(x, count_tasks, w.number[i], BY_PROCESS),
			  2);
	}
	for (int i = READER_MIDDLE; i < READERS; i++)
		check__eq("tasks with a number of another ns",
			  actor__call(&w.reader[i], count_tasks, thread,
				      BY_THREAD), 0);
}

static const struct test_case cases[] = {
	CASE(WHERE_ALWAYS, "bpf: an iterator of the tasks with one number",
	     iterator_of_tasks),
};

PROGRAM_PART(numbers_bpf__add, cases)
