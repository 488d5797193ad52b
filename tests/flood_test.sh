#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# When more happens than can be recorded, what is lost is counted, exactly: of each
# type the records and the losses together are what the workload knows that it did.
# O is the output directory, where the programs are.
set -u
cd -- "${BASH_SOURCE%/*}/.." || exit 2
. tests/tap.sh
build=$(realpath "${O:-build}")
N=3000

# flood RING [stop]: the guest's lines in $OUT
flood()
{
	timeout -k 5 300 "$build/vmtest/vmtest" --target join-6.12 --bare --cpus 2 \
		--out "$TMP/out" \
		--add "$build/guest/bench_ops:/bench/bench_ops" \
		--add "$build/bench/trace_counts:/bench/trace_counts" \
		--add tests/bench/flood.sh:/bench/flood.sh \
		-- sh /bench/flood.sh "$1" $N ${2:+"$2"} >"$OUT" 2>"$LOG"
}

# exact FILE: says of each type what is wrong with it. Besides what the workload did
# there is the workload, and "others" are kernel threads. A process has four links.
exact()
{
	awk '
	function is(type, count) {
		if (records[type] + ring[type] != tried[type])
			bad(type ": " tried[type] " were tried")
		if (tried[type] + missed[type] != count)
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
	{ records[$1] = $2; tried[$1] = $5; ring[$1] = $6; missed[$1] = $8 }
	END {
		if (!done["setns"])
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
		is("fork", made)
		is("alloc_pid", made)
		is("attach_pid", 4 * made)
		exit failed
	}' "$1"
}

# lost FILE: how many records, of the types that the workload makes
lost()
{
	awk '{ lost += $6 } END { print lost + 0 }' "$1"
}

flood 8M
tap $? 'a ring of the default size'
exact "$OUT" >"$LOG"
tap $? 'all is counted'
[ "$(lost "$OUT")" -eq 0 ]
tap $? 'nothing is lost'

flood 64K
tap $? 'a ring that is too small'
exact "$OUT" >"$LOG"
tap $? 'recorded and lost are what was done'

flood 64K stop
tap $? 'a loader that is stopped for as long'
exact "$OUT" >"$LOG"
tap $? 'recorded and lost are what was done'
[ "$(awk '$1 ~ /^(setns_exit|fork|exit|change_pid)$/ && $6 > 0' "$OUT" | wc -l)" -eq 4 ]
tap $? 'of each some are lost'
echo "# $(lost "$OUT") lost of $(awk '{ t += $5 } END { print t }' "$OUT")"

# It must tell one more or one less.
for type in setns_exit fork exit attach_pid; do
	for column in 2 6; do
		awk -v t=$type -v c=$column '$1 == t { $c++ } 1' "$OUT" >"$TMP/wrong"
		! exact "$TMP/wrong" >"$LOG"
		tap $? "one $type too many in column $column is noticed"
	done
done
tap_end
