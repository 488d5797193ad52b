#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# enter.sh ROOT [--bind FROM TO]... [NAME=VALUE]... COMMAND...: runs COMMAND in the
# chroot ROOT, as root, in /src there, with that environment; FROM is a directory of
# this machine, and TO its path in the chroot
#
# Mounts and processes are in their own namespaces: however the command ends, no mount
# and no process remains.
set -euo pipefail

[ $$ -eq 1 ] ||
	exec unshare --mount --pid --fork --kill-child -- \
		"$(realpath -- "$0")" "$@"

root=$1
shift
# virtiofsd serves the root directory only if it is a mount point.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
mkdir -p "$root/src"
while [ "$1" = --bind ]; do
	mkdir -p "$root$3"
	mount --bind "$2" "$root$3"
	shift 3
done
if [ -e /etc/resolv.conf ] && [ -d "$root/etc" ]; then
	cp -L --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
fi
# shellcheck disable=SC2016
exec chroot "$root" env -i HOME=/root LC_ALL=C \
	PATH=/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin \
	sh -c 'cd /src && exec env "$@"' sh "$@"
