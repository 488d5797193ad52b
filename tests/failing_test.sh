#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# failing_test.sh [TARGET...] - checks that `pidnstrace trace' shows calls that fail, and
# why they fail. Default: the stock kernels, and the one with the join series.
. "${BASH_SOURCE%/*}/host.sh"

# guest TARGET...: runs failing.sh in a guest of each target
guest()
{
	timeout -k 5 1200 "$VMTEST" --out "$TMP/vm" --bare --ktap \
		--add tests/guest/failing.sh:/failing.sh --add tests/tap.sh:/tap.sh \
		--add "$B/guest/failing:/failing" --add "$B/guest/creation:/creation" \
		--add "$B/guest/semantics:/semantics" \
		"${@/#/--target=}" -- sh /failing.sh </dev/null
}

targets=("$@")
[ $# -gt 0 ] || targets=(stock-6.12 stock-6.1 stock-7.3 join-6.12)
guest "${targets[@]}" >"$OUT" 2>&1
for target in "${targets[@]}"; do
	passed "failing calls, on $target" "$target"
done
tap_end
