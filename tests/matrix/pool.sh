# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Runs several commands at once, each in a process group of its own, none of which
# outlives the caller. The caller sets POOL, the number at once, and calls pool_wait last.

POOL_PIDS=()

# pool_until N: waits until fewer than N commands run
pool_until()
{
	local pid running
	while :; do
		running=()
		for pid in "${POOL_PIDS[@]}"; do
			! kill -0 "$pid" 2>/dev/null || running+=("$pid")
		done
		POOL_PIDS=("${running[@]}")
		[ "${#POOL_PIDS[@]}" -ge "$1" ] || return 0
		wait -n "${POOL_PIDS[@]}" 2>/dev/null || :
	done
}

# pool_run COMMAND...: starts COMMAND as soon as fewer than POOL run
pool_run()
{
	pool_until "$POOL"
	setpriv --pdeathsig TERM setsid "$@" </dev/null &
	POOL_PIDS+=($!)
}

pool_wait()
{
	pool_until 1
}

# Ends all running commands, after three seconds at the latest
pool_end()
{
	local pid i
	for pid in "${POOL_PIDS[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null || continue
		for ((i = 0; i < 30; i++)); do
			kill -0 -- "-$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL -- "-$pid" 2>/dev/null || :
	done
	POOL_PIDS=()
}

pool_on_signal()
{
	trap '' INT TERM HUP
	pool_end
	trap - "$1"
	kill -s "$1" $$
}

trap 'pool_on_signal INT' INT
trap 'pool_on_signal TERM' TERM
trap 'pool_on_signal HUP' HUP
trap pool_end EXIT
