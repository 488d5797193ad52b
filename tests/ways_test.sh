#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ways_test.sh [TARGET...] - checks which events pidnstrace records on kernels that
# refuse fentry, or kprobes as well, or have ftrace switched off. Default: stock-7.3.
. "${BASH_SOURCE%/*}/host.sh"

# guest TARGET...: runs ways.sh in a guest of each target
guest()
{
	timeout -k 5 1800 "$VMTEST" --out "$TMP/vm" --bare --ktap \
		--append lsm=bpf --add "$B/guest/refuse:/refuse" \
		--add tests/guest/ways.sh:/ways.sh --add tests/tap.sh:/tap.sh \
		"${@/#/--target=}" -- sh /ways.sh </dev/null
}

targets=("${@:-stock-7.3}")
guest "${targets[@]}" >"$OUT" 2>&1
for target in "${targets[@]}"; do
	passed "ways that are refused, on $target" "$target"
done
tap_end
