#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh TRACER OP:N...: in the guest, runs each OP N times under TRACER.
#
# Prints a line for each, "TRACER OP N MIN MEDIAN KERNEL ALL" (see bench_ops.c). The
# tracer's output must have an event for each operation, including the warm-up, and no
# losses; fails if not.
set -eu

tracer=$1
shift
out=/tmp/trace
tracing=/sys/kernel/tracing

fail()
{
	echo "guest.sh: $tracer: $op: $*" >&2
	exit 1
}

# event OP: prints the tracer's name for the event that each OP has once; none: not traced
event()
{
	case $1 in
	setns) echo setns_exit ;;
	fork) echo fork ;;
	setpgid) echo change_pid ;;
	esac
}

# seen COUNT LOST: checks the event count; the start adds a few events
seen()
{
	least=$((n + n / 10))
	[ -n "$(event "$op")" ] || least=0
	if [ "$1" -lt $least ] || [ "$1" -gt $((least + 50)) ]; then
		fail "$1 events, not $least"
	fi
	[ "$2" -eq 0 ] || fail "$2 events lost"
}

# The workload's own line goes to $line.
line=/tmp/line
ops="/bench/bench_ops"

none()
{
	$ops "$op" "$n" >$line
}

record()
{
	pidnstrace record -o $out -- $ops "$op" "$n" >$line
	/bench/trace_counts $out >/tmp/counts
	seen "$(awk -v e="$(event "$op")" '$1 == e { print $2 }
		END { if (!e) print 0 }' /tmp/counts)" \
		"$(awk '{ lost += $6 + $7 + $8 } END { print lost }' /tmp/counts)"
	awk -v op="$op" -v n=$((n + n / 10)) '$2 > n / 2 {
		printf "# %s %s %.2f %.0f\n", op, $1, $2 / n, $3 / $2
	}' /tmp/counts
}

# Hooks in the report are named after their functions.
verify()
{
	pidnstrace verify --report json=$out -- $ops "$op" "$n" >$line
	case $op in
	setns) hook=fexit:__x64_sys_setns ;;
	fork) hook=tp_btf:task_newtask ;;
	setpgid) hook=fentry:change_pid ;;
	*) hook=none ;;
	esac
	seen "$(tr '{' '\n' <$out | sed -n "s/.*\"$hook\",.*\"hits\":\([0-9]*\).*/\1/p" |
			grep . || echo 0)" \
		"$(tr '{' '\n' <$out | awk -F'[:,}]' '/^"ring":/ { print $2 + $4 }')"
}

# Writes the places of record's programs to /tmp/links.
record_links()
{
	# The kernel still detaches the programs of the run before.
	tries=100
	while [ -n "$(/bench/bench_bpf links)" ] && [ $tries -gt 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	pidnstrace record --sweep 0 -o /dev/null -- /bench/bench_bpf links >/tmp/links
}

# Attaches empty programs in the places of record's, and checks that they are attached.
floor()
{
	record_links
	/bench/bench_bpf empty /tmp/links /bench/bench_bpf links | sort >/tmp/links.empty
	sort /tmp/links | cmp -s - /tmp/links.empty ||
		fail "the empty programs are not where record's are"
	/bench/bench_bpf empty /tmp/links $ops "$op" "$n" >$line
}

# Prints the cost of each of record's programs by itself, and of an empty one.
stats()
{
	echo 1 >/proc/sys/kernel/bpf_stats_enabled
	pidnstrace record -o $out -- \
		sh -c "$ops $op $n >$line; /bench/bench_bpf stats >/tmp/stats"
	awk -v op="$op" -v n=$((n + n / 10)) '$2 > n / 2 {
		printf "# %s %s %.2f %.0f\n", op, $1, $2 / n, $3 / $2
	}' /tmp/stats
}

# bpftrace's script must be at each function that record is at: entry (24), exit (25).
bpftrace()
{
	record_links
	cat >/tmp/workload <<-END
		/bench/bench_bpf links >/tmp/links.bpftrace
		exec $ops $op $n
	END
	BPFTRACE_PERF_RB_PAGES=32768 /usr/bin/bpftrace -o $out -c "/bin/sh /tmp/workload" \
		/bench/trace.bt >$line.all
	lacking=$(grep '^26 2[45] ' /tmp/links | grep -vxFf /tmp/links.bpftrace || true)
	[ -z "$lacking" ] || fail "trace.bt.h is not at ATTACH-TYPE BTF-ID" \
		"$(echo "$lacking" | cut -d ' ' -f 2,3 | tr '\n' ',')"
	grep . $line.all >$line
	seen "$(grep -c "^$(event "$op" | grep . || echo none) " $out || true)" \
		"$(sed -n 's/^Lost \([0-9]*\) events/\1/p' $out |
			awk '{ lost += $1 } END { print lost + 0 }')"
}

ftrace()
{
	echo 65536 >$tracing/buffer_size_kb
	cat /bench/kprobes >$tracing/kprobe_events || fail 'kprobe_events'
	[ "$(grep -c . $tracing/kprobe_events)" -eq "$(grep -c . /bench/kprobes)" ] ||
		fail 'not all kprobes are there'
	echo 'count == 1' >$tracing/events/pidns/pid_gone/filter
	cat $tracing/trace_pipe >$out &
	reader=$!
	echo 1 >$tracing/events/pidns/enable
	$ops "$op" "$n" >$line
	echo 0 >$tracing/events/pidns/enable
	kill $reader
	wait $reader 2>/dev/null || true
	echo >$tracing/kprobe_events
	seen "$(grep -c " $(event "$op" | grep . || echo none): " $out || true)" \
		"$(grep -c 'LOST' $out || true)"
}

strace()
{
	/usr/bin/strace -f -e trace=setns,clone,fork,vfork,clone3 -o $out \
		$ops "$op" "$n" >$line
	case $op in
	setns) call='setns(' ;;
	fork) call='clone(' ;;
	*) call=none n=0 ;;	# setpgid is not traced: the price of tracing the others
	esac
	seen "$(grep -c " $call" $out || true)" 0
}

for arg; do
	op=${arg%:*} n=${arg#*:}
	rm -f $out $line
	$tracer
	echo "$tracer $(cat $line)"
done
