#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# chroot.sh ROOT TREE CCACHE COMMAND...: run COMMAND in the chroot ROOT, as root,
# in the kernel tree TREE, which is /src there; CCACHE is ccache's directory
#
# Mounts and processes are in their own namespaces: however the command ends,
# nothing stays mounted and nothing stays running.
set -euo pipefail

[ $$ -eq 1 ] ||
	exec unshare --mount --pid --fork --kill-child -- \
		"$(realpath -- "$0")" "$@"

root=$1 tree=$2 ccache=$3
shift 3
# virtiofsd serves the root directory only if that is a mount point.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
mkdir -p "$root/src" "$root/ccache"
mount --bind "$tree" "$root/src"
mount --bind "$ccache" "$root/ccache"
# ccache has the name of each compiler: virtme-configkernel does not accept a
# CC of two words.
# shellcheck disable=SC2016
exec chroot "$root" env -i HOME=/root LC_ALL=C CCACHE_DIR=/ccache \
	PATH=/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin sh -c 'cd /src && exec "$@"' sh "$@"
