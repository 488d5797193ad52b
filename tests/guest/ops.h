/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an actor can be asked to do: system calls in the shape of actor_fn.
 * Each returns what the call returned, errors as negative errno. Parameters
 * not named are ignored.
 */
#ifndef GUEST_OPS_H
#define GUEST_OPS_H

/* Identity. */
long op_getpid(long a, long b, int fd);
long op_gettid(long a, long b, int fd);
long op_getpgrp(long a, long b, int fd);
long op_getsid(long a, long b, int fd);
long op_getppid(long a, long b, int fd);
long op_setsid(long a, long b, int fd);
long op_setpgid(long pid, long pgid, int fd);

/* Keeps the fd that came with the request; returns its number. */
long op_keep(long a, long b, int fd);
long op_close(long number, long b, int fd);

/* setns(number, flags), by the actor, or by a second thread of its own. */
long op_setns(long number, long flags, int fd);
long op_setns_by_thread(long number, long flags, int fd);
long op_unshare(long flags, long b, int fd);

/* kill(pid, sig); and which numbers below @limit exist, as a bit mask. */
long op_kill(long pid, long sig, int fd);
long op_numbers(long limit, long b, int fd);

/*
 * Children: one that sleeps until killed, one that is left a zombie, one that
 * is not ours but shares our session. Each returns the child's number.
 */
long op_fork_sleeper(long a, long b, int fd);
long op_fork_zombie(long a, long b, int fd);
long op_fork_stranger(long a, long b, int fd);

/*
 * waitpid(pid, options): the number reaped. op_wait_status() is the status
 * word of the last one.
 */
long op_waitpid(long pid, long options, int fd);
long op_wait_status(long a, long b, int fd);

/* A thread that sleeps; op_end_threads() ends and joins all of them. */
long op_add_thread(long a, long b, int fd);
long op_end_threads(long a, long b, int fd);

/* PTRACE_SEIZE of a task; nothing is ever stopped by it. */
long op_seize(long pid, long b, int fd);

/* Opens a pty pair and makes it the controlling terminal. */
long op_take_tty(long a, long b, int fd);

/* timer_create(CLOCK_MONOTONIC), never armed. */
long op_add_timer(long a, long b, int fd);

/* Credentials: drop CAP_SYS_ADMIN; become plain user @uid. */
long op_drop_admin(long a, long b, int fd);
long op_become(long uid, long b, int fd);

/* The knob of the actor's active namespace. */
long op_knob_get(long a, long b, int fd);
long op_knob_set(long value, long b, int fd);

/* Own mount namespace with a fresh proc on /proc. */
long op_own_proc(long a, long b, int fd);

#endif
