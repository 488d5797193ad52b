#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# endless.sh: in the guest, traces a system in which unprivileged processes call setns()
# without end. Prints for each command "NAME EXIT-STATUS SECONDS", the counts of the
# trace of record, and whether the programs of all commands are detached at last. A
# command that did not end by itself would keep this script from ending.
set -u

# The seconds since boot; the start and the end of a command are those of others, too.
now() { read -r up _ </proc/uptime; echo "$up"; }

# timed NAME COMMAND...
timed()
{
	name=$1 from=$(now)
	shift
	"$@" >"/tmp/$name" 2>&1
	echo "$name $? $from $(now)" | awk '{ printf "%s %s %.1f\n", $1, $2, $4 - $3 }'
}

# Prints the names of the processes that detach programs: one that has not run yet has the
# name of its parent, which has ended.
detaching() { grep -hsxE 'pidns-detach|pidnstrace' /proc/[0-9]*/comm; }

/bench/bench_ops endless 3 &
flooders=$!
small='--duration 2 --ring-size 64K'
# shellcheck disable=SC2086 # words
timed record pidnstrace record $small --sweep 0 -o /tmp/trace
/bench/trace_counts /tmp/trace 2000
timed replay pidnstrace replay /tmp/trace
# shellcheck disable=SC2086
timed verify pidnstrace verify $small
# shellcheck disable=SC2086
timed trace pidnstrace trace $small -o /dev/null
grep -h 'records lost' /tmp/replay /tmp/verify

# Ctrl-C, while records come faster than they are read.
# shellcheck disable=SC2086
pidnstrace trace ${small#--duration 2} -o /tmp/lines 2>&1 &
tracer=$!
until [ -s /tmp/lines ]; do sleep 0.1; done
kill -INT $tracer
timed interrupted wait $tracer

# The command ignores the first signal; the second one is for pidnstrace alone.
pidnstrace verify -- sh -c 'trap "" INT TERM; >/tmp/begun; sleep 100' >/tmp/twice 2>&1 &
tracer=$!
until [ -e /tmp/begun ]; do sleep 0.1; done
kill -INT $tracer
sleep 0.2
kill -INT $tracer
timed second wait $tracer
detaching >/dev/null && echo 'in the background'
kill $flooders
while detaching >/dev/null; do sleep 0.1; done
echo 'detached'
