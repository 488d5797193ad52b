/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls that an actor can execute, in the shape of actor_fn. Each
 * function returns the result of the call, errors as negative errno. Unnamed
 * parameters are ignored.
 */
#ifndef TESTS_GUEST_OPS_H
#define TESTS_GUEST_OPS_H

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

/* setns(number, flags), by the actor or by a second thread of the actor. */
long op_setns(long number, long flags, int fd);
long op_setns_by_thread(long number, long flags, int fd);
long op_unshare(long flags, long b, int fd);

/* kill(pid, sig); and a bit mask of the existing numbers below @limit. */
long op_kill(long pid, long sig, int fd);
long op_numbers(long limit, long b, int fd);

/*
 * Forks a task and returns its number. The sleeper is a child that sleeps until
 * killed. The child (which sleeps) and the zombie have their own sessions, so
 * that only parenthood connects them to the actor. The stranger is not a child
 * of the actor but shares its session.
 */
long op_fork_sleeper(long a, long b, int fd);
long op_fork_child(long a, long b, int fd);
long op_fork_zombie(long a, long b, int fd);
long op_fork_stranger(long a, long b, int fd);

/*
 * waitpid(pid, options): returns the reaped number. op_wait_status() returns
 * the status word of the last call.
 */
long op_waitpid(long pid, long options, int fd);
long op_wait_status(long a, long b, int fd);

/* Adds a thread that sleeps; op_end_threads() ends and joins all of them. */
long op_add_thread(long a, long b, int fd);
long op_end_threads(long a, long b, int fd);

/* PTRACE_SEIZE of a task; the task is never stopped. */
long op_seize(long pid, long b, int fd);

/* Opens a pty pair and makes it the controlling terminal. */
long op_take_tty(long a, long b, int fd);

/* timer_create(CLOCK_MONOTONIC), never armed. */
long op_add_timer(long a, long b, int fd);

/* Credentials: drop CAP_SYS_ADMIN; become plain user @uid. */
long op_drop_admin(long a, long b, int fd);
long op_become(long uid, long b, int fd);

/* The sysctl of the actor's active namespace. */
long op_knob_get(long a, long b, int fd);
long op_knob_set(long value, long b, int fd);

/* poll(number, POLLIN, @ms): revents, or -ETIMEDOUT. */
long op_poll(long number, long ms, int fd);

/* pidfd_send_signal(number, sig). */
long op_pidfd_signal(long number, long sig, int fd);

/* waitid(P_PIDFD, number, WEXITED | options): the number reaped, or 0. */
long op_wait_pidfd(long number, long options, int fd);

/*
 * Send and receive a message; the receiver returns the sender's number in its
 * view.
 */
long op_send(long number, long b, int fd);
long op_receive_pid(long number, long b, int fd);

/* Returns the target of /proc/self in the proc mount of task @pid's root. */
long op_proc_self_of(long pid, long b, int fd);

/*
 * Makes a timer on the CPU clock of process @pid. The timer fires once, after
 * @ms of that process's CPU time, with SIGUSR1 to the actor. Returns the
 * timer's id. op_end_timer() deletes the timer; op_rearm_timer() sets it again.
 * op_pending() returns whether a signal is pending.
 */
long op_add_cpu_timer(long pid, long ms, int fd);
long op_rearm_timer(long id, long ms, int fd);
long op_end_timer(long id, long b, int fd);
long op_pending(long sig, long b, int fd);

/* ITIMER_PROF, once after @ms of CPU time; SIGPROF is blocked. */
long op_start_prof(long ms, long b, int fd);

/* Uses @ms of CPU time. */
long op_burn(long ms, long b, int fd);

/* ITIMER_REAL every @ms; counts up to @nr alarms, with a limit of @limit_ms each. */
long op_start_alarms(long ms, long b, int fd);
long op_await_alarms(long nr, long limit_ms, int fd);

/*
 * ITIMER_REAL every @ms, with SIGALRM blocked in both threads: returns 1 if the
 * second thread receives an alarm within @limit_ms, else 0.
 */
long op_alarm_in_thread(long ms, long limit_ms, int fd);

/* Writes one byte to @number. */
long op_write(long number, long b, int fd);

/* Takes a write lock on the whole file @number; returns its holder (0: none). */
long op_lock(long number, long b, int fd);
long op_lock_holder(long number, long b, int fd);

/* Blocks signal @sig. prctl(@option, @value). */
long op_block(long sig, long b, int fd);
long op_prctl(long option, long value, int fd);

/* execveat(exe) with one argument, an empty environment, and stdout to @out. */
long op_exec(long exe, long out, int fd);

/* Own mount namespace with a fresh proc on /proc. */
long op_own_proc(long a, long b, int fd);

#endif /* TESTS_GUEST_OPS_H */
