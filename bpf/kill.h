/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the program on SIGKILLs, which shows who sent one.
 *
 * The tracepoint is reached for every signal, so the program tests for SIGKILL first.
 * The kernel drops a SIGKILL for a process that is dying, or for an init from inside
 * of its namespace; only a SIGKILL that takes effect is recorded.
 *
 * Bad at: a SIGKILL without a signal. The threads that an exec or an exit ends get no
 * such event.
 */
#ifndef BPF_KILL_H
#define BPF_KILL_H

#define TRACE_SIGNAL_DELIVERED	0

/* Values of the kernel's SEND_SIG_NOINFO and SEND_SIG_PRIV. */
#define SEND_SIG_NOINFO		0
#define SEND_SIG_PRIV		1

static __always_inline void kill__fill_sender(struct wire_kill *r, u64 info)
{
	struct task_struct *me = bpf_get_current_task_btf();

	r->origin = info == SEND_SIG_NOINFO ? WIRE_KILL_NOINFO :
		    info == SEND_SIG_PRIV ? WIRE_KILL_PRIV : WIRE_KILL_INFO;
	r->code = r->origin == WIRE_KILL_INFO ?
		  READ(struct kernel_siginfo, info, si_code) : 0;
	r->sender = TASK(me, tgid);
	r->reserved = 0;
	comm__fill(r->sender_comm, (u64)TASK(me, group_leader));
}

SEC("tp_btf/signal_generate")
int PROGRAM_ATOMIC(WIRE_KILL, task_kill, int sig, u64 info,
		   struct task_struct *task, int group, int result)
{
	struct wire_kill *r;
	struct per_cpu *cpu;
	u32 levels;
	u64 pid;

	if (sig != SIGKILL || result != TRACE_SIGNAL_DELIVERED)
		return 0;
	cpu = program__enter(WIRE_KILL);
	if (!cpu)
		return 0;
	pid = task__pid(bpf_get_current_task_btf(), PIDTYPE_TGID);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_KILL, 1, levels);
	task__fill(&r->task, task);
	kill__fill_sender(r, info);
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

#endif /* BPF_KILL_H */
