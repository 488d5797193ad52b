#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks that lost records are counted exactly when the ring buffer overflows: for each
# type, records plus losses equal the workload's own count. Also checks that events
# missed because of preemption without the remedy are not missed with it.
. "${BASH_SOURCE%/*}/host.sh"
N=3000

# flood TARGET WORKLOAD OPTIONS [VMTEST OPTION]...: prints the guest's lines to $OUT
flood()
{
	timeout -k 5 300 "$VMTEST" --target "$1" --bare --cpus 2 \
		--memory 900 --out "$TMP/out" "${@:4}" \
		--add "$B/guest/bench_ops:/bench/bench_ops" \
		--add "$B/bench/trace_counts:/bench/trace_counts" \
		--add tests/bench/flood.sh:/bench/flood.sh \
		-- sh /bench/flood.sh "$2" "$3" >"$OUT" 2>"$LOG"
}

# exact FILE [hits]: compares the counts of each type with those of the workload. The
# workload's own process counts, too; "others" are kernel threads, and a process has
# four links. With "hits", compares the runs of each BPF program, recorded or not, and
# takes the forks for a minimum, since kernel threads may fork as well.
exact()
{
	awk -v hits="${2:-}" '
	function is(type, count) {
		if (records[type] + ring[type] != tried[type])
			bad(type ": " tried[type] " were tried")
		if ((hits ? ran[type] : tried[type]) + missed[type] != count)
			bad(type ": " count " were done")
	}
	function bad(what) {
		split(what, w, ":")
		print what ", " records[w[1]] " recorded, " ring[w[1]] " lost, " \
			missed[w[1]] " missed"
		failed = 1
	}
	# NAME VALUE NAME VALUE ...
	$1 == "flood" { for (i = 2; i < NF; i += 2) done[$i] = $(i + 1); next }
	{ records[$1] = $2; ran[$1] = $4; tried[$1] = $5; ring[$1] = $6; missed[$1] = $8 }
	END {
		if (!done["forks"])
			bad("flood: nothing was done")
		is("setns_enter", done["setns"])
		is("setns_exit", done["setns"])
		is("pidns_install", done["setns"])
		is("change_pid", done["setpgid"])
		ended = done["forks"] + 1
		is("exit", ended)
		is("release", ended)
		is("free_pid", ended)
		is("detach_pid", 4 * ended)
		made = ended + done["others"]
		if (hits && ran["fork"] + missed["fork"] < ended)
			bad("fork: " ended " were done at least")
		if (hits)
			exit failed
		is("fork", made)
		is("alloc_pid", made)
		is("attach_pid", 4 * made)
		exit failed
	}' "$1"
}

# sum COLUMN [TYPE]: adds up a column of the counts in OUT, of all types or one: 5 is the
# number of tried records, 6 of lost ones, 8 of events for which no program ran
sum()
{
	awk -v column="$1" -v type="${2:-}" '
		NF == 8 && (!type || $1 == type) { sum += $column }
		END { print sum + 0 }' "$OUT"
}

check 'a ring of the default size' flood join-6.12 "flood $N" ''
check 'all is counted' exact "$OUT"
check 'nothing is lost' [ "$(sum 6)" -eq 0 ]

check 'a ring that is too small' flood join-6.12 "flood $N" '--ring-size 64K'
check 'recorded and lost are what was done' exact "$OUT"

flood join-6.12 "flood $N stop" '--ring-size 64K'
tap $? 'a loader that is stopped for as long'
check 'recorded and lost are what was done' exact "$OUT"
[ "$(awk '$1 ~ /^(setns_exit|fork|exit|change_pid)$/ && $6 > 0' "$OUT" | wc -l)" -eq 4 ]
tap $? 'of each some are lost'
echo "# $(sum 6) lost of $(sum 5)"

# The comparison must notice a difference of one.
for type in setns_exit fork exit attach_pid; do
	for column in 2 6; do
		awk -v t=$type -v c=$column '$1 == t { $c++ } 1' "$OUT" >"$TMP/wrong"
		! exact "$TMP/wrong" >"$LOG"
		tap $? "one $type too many in column $column is noticed"
	done
done

# many NAME none|some[:TYPE]|any TARGET OPTIONS [VMTEST OPTION]...: runs WORKLOAD,
# which has many concurrent processes, and checks how many of their events are missed
many()
{
	local name=$1 lost

	check "$name" flood "$3" "$WORKLOAD" "--ring-size 64M $4" "${@:5}"
	check "$name: seen and missed are what was done" exact "$OUT" hits
	lost=$(sum 8)
	echo "$lost are missed" >"$LOG"
	case $2 in
	none)	[ "$lost" -eq 0 ] ;;
	some)	[ "$lost" -gt 0 ] ;;
	some:*)	[ "$(sum 8 "${2#*:}")" -gt 0 ] ;;
	any)	echo "# $name: $lost are missed" ;;
	esac
	tap $? "$name: $2 are missed"
}

# The cause is preemption: without it the same kernel and programs miss nothing.
WORKLOAD='crowd 100 16'
many 'no preemption' none stock-6.12 '--copies 1' --append preempt=none
many 'preemption, and one copy' some stock-6.12 '--copies 1' --append preempt=full
many 'a kernel of today, and one copy' some stock-7.3 '--attach fentry --copies 1'
many 'a kernel of today' none stock-7.3 ''
WORKLOAD='crowd 100 4'
many 'preemption' none stock-6.12 '' --append preempt=full
many 'a kernel of today, by trampolines' none stock-7.3 '--attach fentry'
# A kprobe that hits in an interrupt during another kprobe is skipped.
many 'a kernel of today, by kprobes alone' any stock-7.3 '--attach kprobe'
# Processes that exit at the same time preempt each other, in 7.3 also at the tracepoint.
WORKLOAD='storm 30 200'
many 'a storm, and one copy' some:exit stock-7.3 '--attach fentry --copies 1' --append preempt=full
many 'a storm' none stock-7.3 '' --append preempt=full
# Nothing counts what is missed while a switch of the kernel stops the calls of programs.
switch=/proc/sys/kernel/ftrace_enabled
for after in "" "echo 1 >$switch"; do
	LIMIT=300 says "a program writes 0 to $switch${after:+, and then 1}" 3 \
		'kernel.ftrace_enabled or kprobes/enabled was off' \
		"$VMTEST" --target stock-6.12 --out "$TMP/out" -- sh -c "
		echo 0 >$switch
		for i in 1 2 3 4 5 6 7 8; do
			unshare --fork --pid sh -c 'sleep 0.2; true'
		done
		$after"
done


# Any user can make tasks that produce records faster than they are read. A record of 40
# bytes is smaller than any: so many fit into the ring. At most three times the ring is
# read after the time is up: what it held when the reader looked at the clock before, what
# it held then, and the rest.
RING=$((65536 / 40))
timeout -k 5 300 "$VMTEST" --target stock-6.12 --bare --cpus 2 --out "$TMP/out" \
	--add "$B/guest/bench_ops:/bench/bench_ops" \
	--add "$B/bench/trace_counts:/bench/trace_counts" \
	--add tests/bench/endless.sh:/bench/endless.sh -- sh /bench/endless.sh \
	>"$OUT" 2>"$LOG"
tap $? 'tasks that call setns() without end'
cat "$OUT" >>"$LOG"
for status in 'record 0' 'replay 3' 'verify 3' 'trace 0' 'interrupted 0' 'second 130'; do
	grep "^$status " "$OUT" >"$TMP/line"
	tap $? "$status: it ends"
	sed 's/^/# seconds: /' "$TMP/line"
done
[ "$(grep -c 'records lost' "$OUT")" -eq 2 ]
tap $? 'replay and verify count what is lost'
late=$(awk '$1 == "after" { print $3 }' "$OUT")
[ -n "$late" ] && [ "$late" -le $((3 * RING)) ]
tap $? 'after the time is up, what the ring holds is read'
echo "# ${late:-no} records were read, of at most $((3 * RING))"
check 'the second signal does not wait for the kernel' grep -qx 'in the background' "$OUT"
check 'all programs are detached at last' grep -qx detached "$OUT"

tap_end
