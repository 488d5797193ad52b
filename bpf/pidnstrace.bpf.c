// SPDX-License-Identifier: GPL-2.0-only
/*
 * Combines all programs of the tracer in one BPF object. A header for each subject has
 * the programs of its hooks; this file has the hook of error reports, and the programs
 * with which the loader finds symbols.
 *
 * A program of a hook copies facts into a record (wire.h). The loader judges them.
 *
 * Bad at: naming the task that holds tasklist_lock for writing. The lock word shows
 * only whether any task does, and records contain only that.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "kernel.h"
#include "wire.h"
#include "counts.h"
#include "read.h"
#include "image.h"
#include "snapshot.h"
#include "tasklist.h"
#include "ring.h"
#include "record.h"
#include "cgroup.h"
#include "turn.h"
#include "ways.h"
#include "stack.h"
#include "window.h"
#include "memory.h"
#include "sweep.h"
#include "watchers.h"
#include "setns.h"
#include "links.h"
#include "pids.h"
#include "join.h"
#include "deepen.h"
#include "life.h"
#include "failed.h"
#include "rename.h"
#include "kill.h"
#include "orphan.h"
#include "cgroup_move.h"

char LICENSE[] SEC("license") = "GPL";

/* preempt_dynamic_mode of kernel/sched/core.c, if the kernel has it */
__s32 preempt_mode = PREEMPT_MODE_UNKNOWN;

/*
 * True if an fprobe sees the return of every call (since 6.14). Before, a pool limits
 * the number of concurrent calls whose return an fprobe sees.
 */
bool fprobe_has_no_limit;

/* True if the kernel counts how often it skips a program on a kprobe (since 6.7). */
bool kprobe_counts_misses;

/* The loader runs this program once, before it attaches the others. */
SEC("syscall")
int find_symbols(void *ctx)
{
	static const char name[] = "tasklist_lock";
	static const char mode[] = "preempt_dynamic_mode";
	static const char threads[] = "nr_threads", most[] = "max_threads";
	static const char pid_max[] = "pid_max";
	u64 address = 0;

	fprobe_has_no_limit =
		bpf_core_field_exists(((struct fprobe *)0)->hlist_array);
	kprobe_counts_misses = bpf_core_field_exists(
		((struct bpf_link_info___6_7 *)0)->kprobe_multi.missed);
	if (!bpf_kallsyms_lookup_name(mode, sizeof(mode), 0, &address))
		bpf_probe_read_kernel(&preempt_mode, sizeof(preempt_mode),
				      (void *)address);
	address = 0;
	if (!bpf_kallsyms_lookup_name(name, sizeof(name), 0, &address))
		tasklist_lock_address = address;
	address = 0;
	if (!bpf_kallsyms_lookup_name(threads, sizeof(threads), 0, &address))
		nr_threads_address = address;
	address = 0;
	if (!bpf_kallsyms_lookup_name(most, sizeof(most), 0, &address))
		max_threads_address = address;
	address = 0;
	if (!HAS_NS_PID_MAX &&
	    !bpf_kallsyms_lookup_name(pid_max, sizeof(pid_max), 0, &address))
		pid_max_address = address;
	return 0;
}

/* The argument and the result of find_function(), for functions without BTF. */
char function_name[64];
__u64 function_address;

SEC("syscall")
int find_function(void *ctx)
{
	function_address = 0;
	bpf_kallsyms_lookup_name(function_name, sizeof(function_name), 0,
				 &function_address);
	return 0;
}

SEC("tp_btf/error_report_end")
int PROGRAM(WIRE_ERROR_REPORT, error_report, u32 detector, u64 address)
{
	struct per_cpu *cpu = program__enter(WIRE_ERROR_REPORT);
	struct wire_error_report *r;

	if (!cpu)
		return 0;
	RECORD_OR_RETURN(r, cpu, WIRE_ERROR_REPORT);
	r->detector = detector;
	r->reserved = 0;
	r->address = address;
	stack__fill(r->stack, (struct place){ ctx, SKIP_TRAMPOLINE });
	SUBMIT(r);
	return 0;
}
