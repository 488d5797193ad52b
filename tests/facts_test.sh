#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what `pidnstrace trace` shows of an operation besides the numbers, on the stock
# kernels of three Debian releases.
. "${BASH_SOURCE%/*}/host.sh"

# The arguments are the kernels (default: all).
[ $# -gt 0 ] || set -- stock-6.12 stock-6.1 stock-7.3
# shellcheck disable=SC2046 # one option for each kernel
timeout -k 5 900 "$VMTEST" --out "$TMP/vm" --bare $(printf -- '--target %s ' "$@") --ktap \
	--add tests/guest/facts.sh:/facts.sh --add tests/tap.sh:/tap.sh \
	--add "$B/guest/thread_exec:/thread_exec" --add "$B/guest/terminal:/terminal" \
	--add "$B/guest/held:/held" --add "$B/guest/filecap:/filecap" \
	-- sh /facts.sh >"$OUT" 2>&1 </dev/null
for target in "$@"; do
	passed "facts of an operation, on $target" "$target"
done
tap_end
