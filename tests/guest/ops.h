/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls that an actor can execute. Each function returns the result of the
 * call, errors as negative errno. The comments name the parameters of the functions
 * that have any.
 */
#ifndef TESTS_GUEST_OPS_H
#define TESTS_GUEST_OPS_H

#include "actor.h"

/* Identity; op_setpgid(pid, pgid). */
actor_fn op_getpid, op_gettid, op_getpgrp, op_getsid, op_getppid, op_setsid, op_setpgid;

/* op_close(number), of an fd that came from actor__give(). */
actor_fn op_close;

/* (number, flags): setns(), by the actor or by a second thread of the actor. */
actor_fn op_setns, op_setns_by_thread;

/* (flags) */
actor_fn op_unshare;

/* op_kill(pid, sig); op_numbers(): a bit mask of the existing low numbers. */
actor_fn op_kill, op_numbers;

/*
 * Forks a task and returns its number. The sleeper is a child that sleeps until
 * killed. The child (which sleeps) and the zombie have their own sessions, so
 * that only parenthood connects them to the actor. The stranger is not a child
 * of the actor but shares its session.
 */
actor_fn op_fork_sleeper, op_fork_child, op_fork_zombie, op_fork_stranger;

/*
 * op_waitpid(pid, options) returns the reaped number. op_wait_status() returns
 * the status word of the last call.
 */
actor_fn op_waitpid, op_wait_status;

/* Adds a thread that sleeps; op_end_threads() ends and joins all of them. */
actor_fn op_add_thread, op_end_threads;

/* (pid): PTRACE_SEIZE of a task; the task is never stopped. */
actor_fn op_seize;

/* Opens a pty pair and makes it the controlling terminal. */
actor_fn op_take_tty;

/* timer_create(CLOCK_MONOTONIC), never armed. */
actor_fn op_add_timer;

/* Credentials: drop CAP_SYS_ADMIN; op_become(uid): become that plain user. */
actor_fn op_drop_admin, op_become;

/* The sysctl of the actor's active namespace; op_knob_set(value). */
actor_fn op_knob_get, op_knob_set;

/* (number, ms, or -1 for no limit): poll() for POLLIN; returns revents, or -ETIMEDOUT. */
actor_fn op_poll;

/* (number, sig): pidfd_send_signal(). */
actor_fn op_pidfd_signal;

/* (number, options): waitid(P_PIDFD, WEXITED | options): the number reaped, or 0. */
actor_fn op_wait_pidfd;

/*
 * (number): send and receive a message; the receiver returns the sender's number
 * in its view.
 */
actor_fn op_send, op_receive_pid;

/* (pid): the target of /proc/self in the proc mount of that task's root. */
actor_fn op_proc_self_of;

/*
 * op_add_cpu_timer(pid, ms) makes a timer on the CPU clock of a process. The timer
 * fires once, after @ms of that process's CPU time, with SIGUSR1 to the actor.
 * Returns the timer's id. op_end_timer(id) deletes the timer; op_rearm_timer(id, ms)
 * sets it again. op_pending(sig) returns whether a signal is pending.
 */
actor_fn op_add_cpu_timer, op_rearm_timer, op_end_timer, op_pending;

/* (ms): ITIMER_PROF, once after @ms of CPU time; SIGPROF is blocked. */
actor_fn op_start_prof;

/* (ms): uses CPU time. */
actor_fn op_burn;

/*
 * op_start_alarms(ms): ITIMER_REAL every @ms. op_await_alarms(nr, limit_ms) counts up
 * to @nr alarms, with a limit for each.
 */
actor_fn op_start_alarms, op_await_alarms;

/* (seconds): alarm(2), returns the seconds that were left of the previous alarm. */
actor_fn op_alarm;

/*
 * (ms, limit_ms): ITIMER_REAL every @ms, with SIGALRM blocked in both threads:
 * returns 1 if the second thread receives an alarm within @limit_ms, else 0.
 */
actor_fn op_alarm_in_thread;

/* (number): writes one byte. */
actor_fn op_write;

/* (number): take a write lock on the whole file; return its holder (0: none). */
actor_fn op_lock, op_lock_holder;

/* op_block(sig): blocks a signal. op_prctl(option, value). */
actor_fn op_block, op_prctl;

/*
 * op_filter_call(nr, action): a seccomp filter that answers system call @nr with
 * SECCOMP_RET_*; from then on, no privilege can be gained.
 */
actor_fn op_filter_call;

/* (exe, out): execveat() with one argument, an empty environment, and stdout to @out. */
actor_fn op_exec;

/* Own mount namespace with a fresh proc on /proc. */
actor_fn op_own_proc;

/*
 * op_limit_pid_ns(most) limits the pid namespaces in the actor's user namespace.
 * op_try_pid_ns() makes one for a child that exits at once. Returns 0 or -errno.
 */
actor_fn op_limit_pid_ns, op_try_pid_ns;

#endif /* TESTS_GUEST_OPS_H */
