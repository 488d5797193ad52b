// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes one object of the programs of all hooks, which are in headers by subject. The
 * programs that the loader itself runs, to find symbols, are here.
 *
 * Each program copies facts into one record (wire.h) and decides nothing.
 *
 * Bad at: reporting who holds tasklist_lock for writing. The lock's word shows only
 * that some task does, and the records report that.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "kernel.h"
#include "wire.h"
#include "counts.h"
#include "record.h"
#include "turn.h"
#include "ways.h"
#include "stack.h"
#include "window.h"
#include "memory.h"
#include "sweep.h"
#include "watchers.h"
#include "setns.h"
#include "pids.h"
#include "join.h"
#include "life.h"

char LICENSE[] SEC("license") = "GPL";

/* preempt_dynamic_mode of kernel/sched/core.c, if the kernel has it */
__s32 preempt_mode = PREEMPT_MODE_UNKNOWN;

/* True if an fprobe sees the end of any number of concurrent calls: since 6.14. */
bool fprobe_has_no_limit;

/* True if the kernel counts the skipped runs of programs on kprobes: since 6.7. */
bool kprobe_counts_misses;

/* The loader runs this program once, before it attaches the others. */
SEC("syscall")
int find_symbols(void *ctx)
{
	static const char name[] = "tasklist_lock";
	static const char mode[] = "preempt_dynamic_mode";
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
	return 0;
}

/* Argument and result of find_function(), for functions that are not in BTF. */
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
	struct per_cpu *me = program__enter(WIRE_ERROR_REPORT);
	struct wire_error_report *r;

	if (!me)
		return 0;
	RECORD_OR_RETURN(r, me, WIRE_ERROR_REPORT);
	r->detector = detector;
	r->reserved = 0;
	r->address = address;
	stack__fill(r->stack, (struct place){ ctx, SKIP_TRAMPOLINE });
	SUBMIT(r);
	return 0;
}
