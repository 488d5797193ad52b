#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ask.sh KERNEL DIR INPUTS - boots a guest of the kernel before its rows are measured,
# and writes DIR/facts (see guest.sh), with INPUTS beside them. Exit status: 0 if the
# guest answered, else 1.
set -u
cd -- "${BASH_SOURCE%/*}/../.." || exit 2
. tests/clients/stories.sh
: "${O:=build}"
KERNEL=$1 DIR=$2 INPUTS=$3

rm -rf -- "$DIR"
mkdir -p "$DIR" || exit 2
printf '%s\n' "$INPUTS" >"$DIR/inputs"
setpriv --pdeathsig TERM "$O/vmtest/vmtest" --out "$DIR" --jobs 1 --bare \
	--no-snapshot --target "$KERNEL" -- tests/matrix/guest.sh >"$DIR/log" 2>&1 &&
	stories_unpack "$DIR/$KERNEL-1/output" "$DIR" 2>>"$DIR/log" &&
	[ -s "$DIR/facts/release" ] && exit
echo "$KERNEL: no answer from a guest:" >&2
grep -a '^vmtest: ' "$DIR/log" >&2
exit 1
