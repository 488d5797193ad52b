#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# debian13.sh DIR - `make check-debian13`: tests a fresh clone of HEAD on Debian 13, in a
# chroot made from this machine's mirror, with that release's compilers and QEMU. Then
# guests run with the QEMU of trixie-backports, where libc is the only static library,
# as on Fedora and Arch.
#
# Prints TAP; DIR has a log for each point. Rewrites each row of docs/machines.md that
# was tested. Without root or a mirror the test is skipped, with the reason.
set -u
DIR=$1
. "${BASH_SOURCE%/*}/begin.sh" check-debian13
. tests/machines/chroot.sh
. tests/machines/point.sh
LIMIT=5400		# seconds for each point; some build a kernel
MACHINE='Debian 13'

# begin NAME "SUITE...": makes a chroot, and a fresh clone for it in DIR/NAME
begin()
{
	local name=$1

	chroot_open "$name" "$2" git make ca-certificates || {
		LOG=$CHROOT.log
		tap 1 "a chroot of $2"
		return 1
	}
	rm -rf "${DIR:?}/$name"
	git clone -q . "$DIR/$name"
	INSIDE=(timeout -k 5 "$LIMIT" "$ENTER" "$CHROOT" --bind "$DIR/$name" /src
		--bind "$CACHE" /cache CACHE=/cache)
}

missing=$(chroot_missing)
[ -z "$missing" ] || {
	echo "1..0 # SKIP $missing"
	exit
}
mkdir -p "$DIR"
DIR=$(realpath "$DIR")

GUESTS='make vmtest TARGET="stock-6.12 stock-6.1 join-6.12"'
begin debian13 trixie && {
	point 'make programs, with the packages of Debian 13' make programs &&
		row 'unit tests' make check-units
	row "$GUESTS" sh -c "$GUESTS"
}
begin debian13-backports 'trixie trixie-backports' && {
	point 'make programs, with the packages of trixie-backports' make programs &&
	point 'make programs, without static libraries but libc' sh -c '
		dpkg -L libjansson-dev libelf-dev libbpf-dev zlib1g-dev libzstd-dev \
			libxxhash-dev libprotobuf-c-dev | grep "\.a$" | xargs rm -f
		make clean && make programs &&
		readelf -lW build/guest/init | grep INTERP' &&
	point 'its QEMU' apt-get install -y --no-install-recommends \
		-t trixie-backports qemu-system-x86 gdb
	row "$GUESTS" sh -c "$GUESTS"
	row "$GUESTS, each guest a saved one" sh -c "$GUESTS &&
		! grep -L 'the saved guest woke up' build/vmtest/*-1/log | grep . &&
		! grep -l 'the guest was saved' build/vmtest/*-1/log"
	row 'record and replay' bash tests/replay_test.sh
}
tap_end
