# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# begin.sh NAME, sourced by the scripts for machines: goes to the top of the source tree,
# sources the functions of the kernel's scripts, which remove $SCRATCH when the script
# ends, creates the directories in CACHE, and defines functions for the table in
# docs/machines.md. NAME begins each message.

cd -- "${BASH_SOURCE[0]%/*}/../.." || exit 2
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
HERE=kernel
SCRATCH=
unset KERNEL_SRC BZIMAGE MAKEFLAGS MFLAGS MAKEOVERRIDES
. kernel/lib/common.sh
. kernel/lib/layout.sh
. kernel/lib/apt.sh
MSG_PREFIX=$1
for dir in downloads chroots locks work ccache; do
	make_dir "$CACHE/$dir"
done
CACHE=$(realpath -- "$CACHE")
scratch

# record DISTRIBUTION QEMU ACCELERATION RUN RESULT: writes a row of the table
record()
{
	tests/machines/record.sh docs/machines.md "$@"
}

# qemu_version: reads QEMU's --version output, prints the number
qemu_version()
{
	sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'
}

# this_machine: prints the name of this distribution, such as "Debian 12"
this_machine()
{
	(
		NAME=unknown
		. /etc/os-release
		NAME=${NAME% Linux}
		echo "${NAME% GNU/Linux}${VERSION_ID:+ $VERSION_ID}"
	)
}
