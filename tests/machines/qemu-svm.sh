#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# QEMU for x86_64 whose TCG emulates AMD's SVM with nested paging: KVM works in
# its guests. vapic=off: its option ROM patches code of a guest's guest.
set -eu
args=()
cpu=
for word; do
	[ -z "$cpu" ] || word+=,+svm,+npt,+vgif,+svme-addr-chk
	args+=("$word")
	cpu=
	[ "$word" != -cpu ] || cpu=1
done
exec qemu-system-x86_64 "${args[@]}" -global apic-common.vapic=off
