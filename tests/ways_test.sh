#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ways_test.sh [TARGET...] - checks which events pidnstrace records on kernels that
# refuse fentry, or kprobes as well, or have ftrace switched off. Default: stock-7.3.
# O is the output directory.
set -u
cd -- "${BASH_SOURCE%/*}/.." || exit 2
. tests/tap.sh
B=$(realpath "${O:-build}")

# guest TARGET...: runs ways.sh in a guest of each target
guest()
{
	timeout -k 5 1800 "$B/vmtest/vmtest" --out "$TMP/vm" --bare --ktap \
		--append lsm=bpf --add "$B/guest/refuse:/refuse" \
		--add tests/guest/ways.sh:/ways.sh --add tests/tap.sh:/tap.sh \
		"${@/#/--target=}" -- sh /ways.sh </dev/null
}

targets=("${@:-stock-7.3}")
guest "${targets[@]}" >"$OUT" 2>&1
for target in "${targets[@]}"; do
	jq -e --arg target "$target" '.targets[] | select(.target == $target) |
		.verdict == "PASS" and .tests.ok > 0' "$TMP/vm/summary.json" \
		>"$LOG" 2>&1
	rc=$?
	[ $rc -eq 0 ] || cat "$OUT" "$TMP/vm/$target-1/tests.ktap" >>"$LOG"
	tap $rc "ways that are refused, on $target"
	sed -n 's/^ *\(not ok .*\)/# \1/p' "$TMP/vm/$target-1/tests.ktap"
done
tap_end
