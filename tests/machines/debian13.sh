#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# debian13.sh OUT - `make check-debian13`: the project on Debian 13, in a chroot
# made from this machine's mirror. A fresh clone of HEAD installs what it needs
# there, is compiled, passes its unit tests, and boots a guest of stock and of
# join with that release's compilers and QEMU; then the same guests, saved ones
# and a recorded one with the QEMU of trixie-backports.
#
# Prints TAP; a log for each point is in OUT. Each row of docs/machines.md that
# it proves is written anew. Needs root, 6 GB below $CACHE, and a Debian mirror;
# without them it is skipped, with the reason.
set -u
cd -- "${BASH_SOURCE%/*}/../.." || exit 2
OUT=$1
WHAT=check-debian13
. tests/machines/begin.sh
. tests/machines/chroot.sh
LIMIT=5400		# seconds, for a point; a kernel is built in some
COUNT=0 FAILED=0

# tap RC NAME
tap()
{
	COUNT=$((COUNT + 1))
	[ "$1" -eq 0 ] || FAILED=$((FAILED + 1))
	[ "$1" -eq 0 ] || printf 'not '
	echo "ok $COUNT - $2"
}

# inside NAME COMMAND...: a test point: the command ends with 0 in the chroot
inside()
{
	local name=$1 log rc=0

	shift
	log="$OUT/$LABEL-$((COUNT + 1)).log"
	echo "# $LABEL: $name" >&2
	timeout -k 5 "$LIMIT" "$ENTER" "$CHROOT" --bind "$TREE" /src \
		--bind "$CACHE" /cache CACHE=/cache "$@" >"$log" 2>&1 </dev/null ||
		rc=$?
	tap $rc "$LABEL: $name"
	[ $rc -eq 0 ] || {
		echo "# exit status $rc; $log ends:"
		tail -n 8 "$log" | sed 's/^/#   /'
	}
	return $rc
}

# row RUN COMMAND...: an inside() that is in the table, too
row()
{
	local result=PASS qemu

	inside "$@" || result=FAIL
	qemu=$("$ENTER" "$CHROOT" qemu-system-x86_64 --version |
		sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')
	tests/machines/record.sh docs/machines.md 'Debian 13' \
		"${qemu:-none}" TCG "$1" $result
}

# begin LABEL NAME "SUITE...": makes a chroot, and a fresh clone for it in TREE
begin()
{
	LABEL=$1
	chroot_open "$2" "$3" git make ca-certificates || {
		tap 1 "$LABEL: a chroot (log: $CHROOT.log)"
		return 1
	}
	TREE=$OUT/$2
	rm -rf "$TREE"
	git clone -q . "$TREE"
}

missing=$(chroot_missing)
[ -z "$missing" ] || {
	echo "1..0 # SKIP $missing"
	exit
}
mkdir -p "$OUT"
OUT=$(realpath "$OUT")

GUESTS='make vmtest TARGET="stock-6.12 stock-6.1 join-6.12"'
begin 'Debian 13' debian13 trixie && {
	inside 'make programs, with its packages' make programs &&
		row 'unit tests' make check-units
	row "$GUESTS" sh -c "$GUESTS"
}
begin 'QEMU of trixie-backports' debian13-backports \
	'trixie trixie-backports' && {
	inside 'make programs, with its packages' make programs &&
	inside 'its QEMU' apt-get install -y --no-install-recommends \
		-t trixie-backports qemu-system-x86 gdb
	row "$GUESTS" sh -c "$GUESTS"
	row "$GUESTS, each guest a saved one" sh -c "$GUESTS &&
		! grep -L 'the saved guest woke up' build/vmtest/*-1/log | grep . &&
		! grep -l 'the guest was saved' build/vmtest/*-1/log"
	row 'record and replay' bash tests/replay_test.sh
}
echo "1..$COUNT"
[ "$FAILED" -eq 0 ]
