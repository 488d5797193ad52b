#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh GATE TIMES CLIENT... - in the guest: runs each client's steps under
# `pidnstrace trace`, TIMES times. GATE is off, on or keep: on and keep set
# kernel.setns_pid_join to 1 and 2 before any container is made. The output is a sequence of tar archives of
# N/CLIENT.trace (JSON), .steps (see steps.sh) and .log, N from 1 to TIMES.
set -eu
here=$(realpath "$0")

# Runtimes call pivot_root(2), which fails on the initramfs: the root is copied to a
# tmpfs that takes its place, in a mount namespace of its own.
case ${STAGE:-} in
'')
	STAGE=mounts exec unshare --mount "$here" "$@"
	;;
mounts)
	mkdir /moved
	mount -t tmpfs tmpfs /moved
	for d in /*; do
		case $d in
		/moved) ;;
		/proc | /sys | /dev)
			mkdir "/moved$d"
			mount --move "$d" "/moved$d"
			;;
		*)
			cp -a "$d" /moved
			;;
		esac
	done
	cd /moved
	mount --move . /
	STAGE=moved exec busybox chroot . "$here" "$@"
	;;
esac
cd /

# systemd-nspawn needs the identity of the host and of the container.
identify()
{
	mkdir -p "$1/etc" "$1/usr"
	echo ID=busybox >"$1/etc/os-release"
	echo "$2" >"$1/etc/machine-id"
}

ROOTFS=/bundle/rootfs
export ROOTFS
mkdir -p $ROOTFS
for d in bin dev proc run sys tmp; do
	mkdir $ROOTFS/$d
done
cp /bin/busybox $ROOTFS/bin/
ln -s busybox $ROOTFS/bin/sh
cp /clients/config.json /bundle/
identify '' 00000000000000000000000000000001
identify $ROOTFS 00000000000000000000000000000002

export GATE="$1"
times=$2
shift 2
case $GATE in
on) echo 1 >/proc/sys/kernel/setns_pid_join ;;
keep) echo 2 >/proc/sys/kernel/setns_pid_join ;;
esac

# An archive for each client at once: a silent guest would count as hung.
mkdir /out
cd /out
for n in $(seq "$times"); do
	mkdir "$n"
	for client; do
		OUT=/out/$n/$client pidnstrace trace --format json \
			-o "$n/$client.trace" -- sh /clients/steps.sh "$client" \
			>"$n/$client.log" 2>&1
		tar -cf - "$n/$client".*
	done
done
