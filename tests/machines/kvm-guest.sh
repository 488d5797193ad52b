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
COUNT=0
BROKEN='TCG is used'

# tap RC NAME: prints a test point, and the end of the log if it failed
tap()
{
	COUNT=$((COUNT + 1))
	[ "$1" -eq 0 ] || printf 'not '
	echo "ok $COUNT $2"
	[ "$1" -eq 0 ] || tail -n 12 /tmp/log | sed 's/^/# /'
}

# kvm NAME RUN OPTION...: checks that vmtest ends with PASS, under KVM
kvm()
{
	local name=$1 run=$2 rc

	shift 2
	build/vmtest/vmtest --timeout "$TIMEOUT" --out "/tmp/$run" "$@" \
		>/tmp/log 2>&1 </dev/null
	rc=$?
	echo "# $(grep -o '[A-Z]* ([0-9.]* s' /tmp/log | tr '\n' ' ')"
	[ $rc -eq 0 ] && ! grep -q "$BROKEN" /tmp/log &&
		grep -q -- '-accel kvm' /tmp/"$run"/*/cmdline
	tap $? "$name"
}

# logged NAME RUN TEXT: checks that the log of that run contains TEXT
logged()
{
	cp /tmp/"$2"/*/log /tmp/log
	grep -q "$3" /tmp/log
	tap $? "$1"
}

TIMEOUT=$1
join=/kernels/join-6.12/vmlinux stock=/kernels/stock-6.12/vmlinux
echo 'KTAP version 1'
echo 1..9
[ -c /dev/kvm ]
tap $? 'the CPU has SVM, and /dev/kvm is there'
kvm 'the probe finds that KVM works; a guest is saved' probe \
	--kernel $join -- true
logged 'it was resumed' probe 'the saved guest woke up'
kvm 'a saved guest' saved --accel kvm --kernel $join --seed 2 -- true
logged 'it was not booted' saved 'the saved guest woke up after [0-9]\.'
kvm 'stock, booted' stock --accel kvm --kernel $stock --no-snapshot -- true
kvm 'a whole run on join' join --accel kvm --kernel $join --target join-6.12
kvm 'stock, saved and resumed' again --accel kvm --kernel $stock -- true
grep -q kvm-clock /tmp/stock/*/console.log
tap $? 'the guest knows its hypervisor'
