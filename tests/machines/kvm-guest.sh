#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The script that `make check-kvm` runs in a guest in which KVM works: runs vmtest,
# prints KTAP. The project is in /project.tar, the kernels join and stock in
# /kernels.tar, the modules of KVM in /modules. $1 is vmtest's --timeout.
set -u
export PATH=/usr/bin:/bin:/sbin HOME=/root CACHE=/tmp/cache
export VMTEST_TOP=/project VMTEST_BUILD=/project/build
mkdir -p /project /kernels $CACHE
tar -C /project -xf /project.tar && rm /project.tar
tar -C /kernels -xf /kernels.tar && rm /kernels.tar
for module in irqbypass ccp kvm kvm-amd; do
	[ ! -e /modules/$module.ko ] || busybox insmod /modules/$module.ko
done
cd /project || exit 1
. /tap.sh
BROKEN='TCG is used'

# kvm NAME RUN OPTION...: checks that vmtest ends with PASS, under KVM
kvm()
{
	local name=$1 run=$2 rc

	shift 2
	build/vmtest/vmtest --timeout "$TIMEOUT" --out "/tmp/$run" "$@" \
		>"$LOG" 2>&1 </dev/null
	rc=$?
	echo "# $(grep -o '[A-Z]* ([0-9.]* s' "$LOG" | tr '\n' ' ')"
	[ $rc -eq 0 ] && ! grep -q "$BROKEN" "$LOG" &&
		grep -q -- '-accel kvm' /tmp/"$run"/*/cmdline
	tap $? "$name"
}

# logged NAME RUN TEXT: checks that the log of that run contains TEXT
logged()
{
	cp /tmp/"$2"/*/log "$LOG"
	check "$1" grep -q "$3" "$LOG"
}

TIMEOUT=$1
join=/kernels/join-6.12/vmlinux stock=/kernels/stock-6.12/vmlinux
echo 'KTAP version 1'
check 'the CPU has SVM, and /dev/kvm is there' [ -c /dev/kvm ]
kvm 'the probe finds that KVM works; a guest is saved' probe \
	--kernel $join -- true
logged 'it was resumed' probe 'the saved guest woke up'
kvm 'a saved guest' saved --accel kvm --kernel $join --seed 2 -- true
logged 'it was not booted' saved 'the saved guest woke up after [0-9]\.'
kvm 'stock, booted' stock --accel kvm --kernel $stock --no-snapshot -- true
kvm 'a whole run on join' join --accel kvm --kernel $join --target join-6.12
kvm 'stock, saved and resumed' again --accel kvm --kernel $stock -- true
check 'the guest knows its hypervisor' grep -q kvm-clock /tmp/stock/*/console.log
tap_end
