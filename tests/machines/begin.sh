# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The beginning of kvm.sh and debian13.sh, at the top of the source tree: the
# functions of the kernel's scripts, which remove $SCRATCH when the script ends,
# and the directories in CACHE that they need. The caller has set WHAT, the name
# in messages.

CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
HERE=kernel
SCRATCH=
unset KERNEL_SRC BZIMAGE MAKEFLAGS MFLAGS MAKEOVERRIDES
. kernel/lib/common.sh
. kernel/lib/layout.sh
. kernel/lib/apt.sh
for dir in downloads chroots locks work ccache; do
	make_dir "$CACHE/$dir"
done
CACHE=$(realpath -- "$CACHE")
scratch
