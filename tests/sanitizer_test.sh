#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks that a sanitizer kernel is trusted only while its checks work: each is turned
# off in the guest, which must be noticed. Also checks that a race is reported if no
# list allows it. O is the output directory with the programs.
set -u
cd -- "${BASH_SOURCE%/*}/.." || exit 2
. tests/tap.sh
LIMIT=1200
vmtest=("$(realpath "${O:-build}")/vmtest/vmtest" --out "$TMP/out")

# off TARGET CHECK FILE WORD: writes WORD to FILE, expects INCONCLUSIVE
off()
{
	says "$1 with $2 turned off is INCONCLUSIVE" 3 "$2" \
		"${vmtest[@]}" --target "$1" -- sh -c "echo $4 >$3"
}

off join-6.12-debug lockdep /proc/sys/kernel/prove_locking 0
off join-6.12-debug kmemleak /sys/kernel/debug/kmemleak off
off join-6.12-kcsan KCSAN /sys/kernel/debug/kcsan off

# The source tree with an empty list of allowed races
mkdir -p "$TMP/top/vmtest/allow"
for path in kernel tests vmtest/{expect,splats,frames,allow/machine}; do
	[ ! -e "$path" ] || ln -s "$PWD/$path" "$TMP/top/$path"
done
: >"$TMP/top/vmtest/allow/kcsan"
# KCSAN samples: one run of three sees the race, so the worst of ten runs counts.
says 'a race that no list allows is a SPLAT' 4 'BUG: KCSAN: data-race in' \
	env VMTEST_TOP="$TMP/top" "${vmtest[@]}" --target join-6.12-kcsan \
	--tests races --seed 1..10 --jobs 2

tap_end
