// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists the BPF programs that a tracer has attached, and replaces them with empty ones
 * to measure the cost of attachment alone.
 *
 *	bench_bpf links			print each attachment point, one per line
 *	bench_bpf empty FILE CMD...	run CMD with empty programs at the points
 *					in FILE, the output of "links"
 *	bench_bpf stats			print run count and run time of each program
 *	bench_bpf ring SECONDS		print the maximum fill of the tracer's ring, from
 *					its creation on
 *
 * The points come from the running kernel, not from a list, so they are exactly those
 * of the tracer. Iterators are excluded: they cost nothing until a program reads one.
 * "stats" needs the sysctl kernel.bpf_stats_enabled.
 *
 * Limits: "ring" takes a sample every SAMPLE_US, and misses a peak between two samples.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/ring_shape.h"
#include "lib/array.h"
#include "command.h"

#define EXIT_USAGE 2
#define NAME_LEN 64
#define SAMPLE_US 2000

/* Where a program is attached, without the program itself. */
struct place {
	unsigned int prog_type;
	unsigned int attach_type;	/* 0 if the type has none */
	unsigned int btf_id;		/* the function's or tracepoint's, or 0 */
	char tracepoint[NAME_LEN];	/* "-": none */
};

static int prog__info(unsigned int id, struct bpf_prog_info *info)
{
	unsigned int len = sizeof(*info);
	int fd = bpf_prog_get_fd_by_id(id), ret;

	memset(info, 0, sizeof(*info));
	if (fd < 0)
		return fd;
	ret = bpf_obj_get_info_by_fd(fd, info, &len);
	close(fd);
	return ret;
}

/* Returns false for a link without cost while idle (an iterator). */
static bool place__of_link(unsigned int id, struct place *place)
{
	struct bpf_link_info info = {};
	struct bpf_prog_info prog;
	unsigned int len = sizeof(info);
	int fd = bpf_link_get_fd_by_id(id);

	*place = (struct place){ .tracepoint = "-" };
	/* Ask for the name of a raw tracepoint; the switch below checks the type. */
	info.raw_tracepoint.tp_name = (unsigned long)place->tracepoint;
	info.raw_tracepoint.tp_name_len = NAME_LEN;
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) ||
	    prog__info(info.prog_id, &prog))
		err(EXIT_FAILURE, "BPF link %u", id);
	close(fd);
	place->prog_type = prog.type;
	place->btf_id = prog.attach_btf_id;
	switch (info.type) {
	case BPF_LINK_TYPE_ITER:
		return false;
	case BPF_LINK_TYPE_TRACING:
		place->attach_type = info.tracing.attach_type;
		strcpy(place->tracepoint, "-");
		return true;
	case BPF_LINK_TYPE_RAW_TRACEPOINT:
		if (prog.type == BPF_PROG_TYPE_TRACING)
			place->attach_type = BPF_TRACE_RAW_TP;
		return true;
	}
	errx(EXIT_FAILURE, "BPF link %u is of type %u, which is not known here",
	     id, info.type);
}

static int print_links(void)
{
	struct place p;

	for (unsigned int id = 0; !bpf_link_get_next_id(id, &id); )
		if (place__of_link(id, &p))
			printf("%u %u %u %s\n", p.prog_type, p.attach_type,
			       p.btf_id, p.tracepoint);
	return 0;
}

/* Attaches an empty program. The link lasts as long as this process. */
static void place__occupy(const struct place *p)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts,
		.expected_attach_type = p->attach_type,
		.attach_btf_id = p->btf_id);
	bool by_name = p->prog_type == BPF_PROG_TYPE_RAW_TRACEPOINT;
	int fd = bpf_prog_load(p->prog_type, "empty", "GPL", nothing,
			       ARRAY_SIZE(nothing), &opts);

	if (fd < 0)
		err(EXIT_FAILURE, "empty program for BTF id %u, %s", p->btf_id,
		    p->tracepoint);
	if (bpf_raw_tracepoint_open(by_name ? p->tracepoint : NULL, fd) < 0)
		err(EXIT_FAILURE, "attaching to BTF id %u, %s", p->btf_id,
		    p->tracepoint);
}

static int run_with_empty(const char *path, char **argv)
{
	FILE *f = fopen(path, "re");
	struct place p;
	int n = 0;

	if (!f)
		err(EXIT_USAGE, "%s", path);
	for (; fscanf(f, "%u %u %u %63s\n", &p.prog_type, &p.attach_type,
		      &p.btf_id, p.tracepoint) == 4; n++)
		place__occupy(&p);
	if (!n || !feof(f))
		errx(EXIT_USAGE, "%s: line %d is no place", path, n + 1);
	fclose(f);
	return command__run(argv);
}

static int print_stats(void)
{
	struct bpf_prog_info info;

	for (unsigned int id = 0; !bpf_prog_get_next_id(id, &id); )
		if (!prog__info(id, &info) && info.run_cnt)
			printf("%s %llu %llu\n", info.name, info.run_cnt,
			       info.run_time_ns);
	return 0;
}

/* --- ring buffers --- */

/* Finds a map by its name. Returns an fd or -1. */
static int find_map(const char *name, unsigned int *entries)
{
	for (unsigned int id = 0; !bpf_map_get_next_id(id, &id); ) {
		struct bpf_map_info info = {};
		unsigned int len = sizeof(info);
		int fd = bpf_map_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &len) &&
		    !strcmp(info.name, name)) {
			*entries = info.max_entries;
			return fd;
		}
		close(fd);
	}
	return -1;
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/*
 * Prints the maximum fill. The consumer's position is read first, so the result is
 * never too small.
 */
static int print_ring(const char *seconds)
{
	unsigned long used, most = 0;
	const volatile __u64 *ends;
	unsigned int chunks, one;
	time_t end;
	int fd;

	while (find_map("ring", &chunks) < 0 ||
	       (fd = find_map(".data.ring", &one)) < 0)
		usleep(SAMPLE_US);
	ends = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);
	if (ends == MAP_FAILED)
		err(EXIT_FAILURE, "the ring's positions");
	for (end = now_s() + atoi(seconds); now_s() < end; usleep(SAMPLE_US)) {
		used = ends[RING_CONSUMED];
		used = ends[RING_PRODUCED] - used;
		if (used > most)
			most = used;
	}
	printf("ring size %u most %lu\n", chunks * RING_CHUNK, most);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "links"))
		return print_links();
	if (argc == 2 && !strcmp(argv[1], "stats"))
		return print_stats();
	if (argc == 3 && !strcmp(argv[1], "ring"))
		return print_ring(argv[2]);
	if (argc > 3 && !strcmp(argv[1], "empty"))
		return run_with_empty(argv[2], argv + 3);
	errx(EXIT_USAGE, "usage: bench_bpf links | empty FILE CMD... | stats | ring SECONDS");
}
