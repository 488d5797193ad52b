# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# systemd-nspawn, without systemd as the host's init.

step run systemd-nspawn --quiet --register=no --keep-unit --pipe -D "$ROOTFS" \
	/bin/sh -c 'exit 7'
step as-pid2 systemd-nspawn --quiet --register=no --keep-unit --pipe --as-pid2 \
	-D "$ROOTFS" /bin/sh -c 'exit 7'
