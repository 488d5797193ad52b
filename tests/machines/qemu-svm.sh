#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs QEMU for x86_64 with TCG emulating AMD's SVM with nested paging, so that KVM
# works in its guests. vapic=off: the option ROM would patch code of a nested guest.
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
