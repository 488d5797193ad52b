#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests kernel images as distributions ship them. Debian's generic kernel is booted from
# the places where Debian, Fedora and Arch put an image, its config and its modules. The
# same kernel is then repacked with every compressor. Further tests cover configs,
# damaged images, targets and paths. The user's CACHE keeps the packages.
. "${BASH_SOURCE%/*}/host.sh"
unset CACHE
# Every path below AT contains a blank, so that a test fails where quotes are missing
AT="$TMP/a place"
export CACHE="$AT/cache"
MODULES=(virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio
	virtio_pci virtio_console)

# package NAME DIR: copies the unpacked contents of Debian's package NAME to DIR
package()
{
	local dir

	dir=$(CACHE=$USER_CACHE tests/machines/generic.sh "$1" 2>>"$LOG") &&
		cp -a -- "$dir" "$2"
}

# image FILE [TARGET]: prepares a kernel image; sets ENTRY to the result's directory
image()
{
	BZIMAGE=$1 kernel/build.sh "${@:2}" >"$OUT" 2>"$LOG" || return
	ENTRY=$(dirname "$(tail -n 1 "$OUT")")
}

# ready NAME FILE: checks that FILE yields the vmlinux and modules that are in PLAIN
ready()
{
	image "$2" && cmp "$ENTRY/vmlinux" "$PLAIN/vmlinux" >>"$LOG" &&
		cmp "$ENTRY/modules/order" "$PLAIN/modules/order" >>"$LOG" &&
		diff -r "$ENTRY/modules" "$PLAIN/modules" >>"$LOG"
	tap $? "$1: image and modules are found"
}

# boots NAME FILE [RELEASE]: checks that a guest boots FILE, and that no message
# reports a missing config option
boots()
{
	LIMIT=590 says "$1: it boots, and that is a PASS" 0 \
		"${3:-$RELEASE} seed 1: PASS" "$VMTEST" --kernel "$2" --accel tcg \
		--timeout 300 --out "$TMP/out" -- true
	check "$1: no complaint about its config" not grep -q 'is missing' "$LOG"
}

# pack DIR COMMAND...: runs COMMAND, a compressor, on the virtio modules below DIR
pack()
{
	find "$1" -name 'virtio*.ko' -exec "${@:2}" {} +
}

le32()
{
	printf '%b' "$(printf '\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) \
		$(($1 >> 16 & 255)) $(($1 >> 24 & 255)))"
}

# number FILE OFFSET: prints the little-endian u32 at OFFSET
number()
{
	od -An -tu4 --endian=little -j"$2" -N4 "$1" | tr -d ' '
}

# repack OUT TAIL COMMAND...: repacks Debian's bzImage with COMMAND, a compressor. TAIL
# is the length of the kernel's size after the payload: 0 for gzip, 4 for all others.
repack()
{
	local out=$1 start setup size

	setup=$((($(od -An -tu1 -j497 -N1 "$BOOT" | tr -d ' ') + 1) * 512))
	start=$((setup + $(number "$BOOT" 584)))
	head -c $start "$BOOT" >"$out"
	"${@:3}" <"$PLAIN/vmlinux" >>"$out" || return
	[ "$2" -eq 0 ] || le32 "$(stat -c %s "$PLAIN/vmlinux")" >>"$out"
	size=$(($(stat -c %s "$out") - start))
	head -c 64 /dev/zero >>"$out"
	le32 $size | dd of="$out" bs=1 seek=588 conv=notrunc status=none
	le32 $(((start + size - setup) / 16)) |
		dd of="$out" bs=1 seek=500 conv=notrunc status=none
}

mkdir "$AT"
package linux-image-amd64 "$AT/debian" && package linux-image-cloud-amd64 "$AT/cloud"
tap $? 'the packages are there'
BOOT=$(echo "$AT"/debian/boot/vmlinuz-*)
RELEASE=${BOOT##*/vmlinuz-}

# Debian: DIR/boot/config-V, DIR/lib/modules/V
check 'Debian: the image is found' image "$BOOT"
PLAIN=$ENTRY
check 'Debian: so is the config' cmp "$PLAIN/config" "$AT/debian/boot/config-$RELEASE"
printf '%s.ko\n' "${MODULES[@]}" | sort | diff - <(sort "$PLAIN/modules/order") >"$LOG" 2>&1
tap $? 'Debian: so are the modules, and those they depend on'
[ "$(tail -n 1 "$PLAIN/modules/order")" = virtio_console.ko ] &&
	grep -n . "$PLAIN/modules/order" | sort -t: -k2 >"$LOG" &&
	awk '{ at[$1] = NR } END { exit !(at["virtio.ko"] < at["virtio_pci.ko"] &&
		at["virtio_ring.ko"] < at["virtio_pci.ko"]) }' "$PLAIN/modules/order"
tap $? 'Debian: each after those it depends on'
grep -qx "release=$RELEASE" "$PLAIN/target" && grep -qx mode=mainline "$PLAIN/target"
tap $? 'Debian: release and rules are those of the image'
boots Debian "$BOOT"
says 'Debian: one row, the rules, and why' 0 \
	"$RELEASE: judged by the rules of mainline; the sysctl kernel.setns_pid_join is not in it" \
	"$VMTEST" --kernel "$BOOT" --accel tcg --timeout 300 --out "$TMP/out" -- true
[ "$(grep -c "^$RELEASE " "$LOG")" -eq 1 ] &&
	[ "$(jq -r '.targets | length' "$TMP/out/summary.json")" -eq 1 ]
tap $? 'Debian: and no other row'

cloud=$(echo "$AT"/cloud/boot/vmlinuz-*)
boots "Debian's cloud kernel" "$cloud" "${cloud##*/vmlinuz-}"

# Fedora: DIR/lib/modules/V has the image, config, modules and modules.dep. DIR/lib is
# a link to usr/lib.
fedora=$AT/fedora
mkdir -p "$fedora/usr"
cp -r "$AT/debian/lib" "$fedora/usr/"
ln -s usr/lib "$fedora/lib"
at=$fedora/lib/modules/$RELEASE
cp "$BOOT" "$at/vmlinuz"
cp "$AT/debian/boot/config-$RELEASE" "$at/config"
pack "$at/" xz --check=crc32
depmod -b "$fedora" "$RELEASE" >"$LOG" 2>&1
check 'Fedora: there is a modules.dep' grep -q '/virtio_pci\.ko\.xz:' "$at/modules.dep"
ready Fedora "$at/vmlinuz"
check 'Fedora: so is the config' cmp "$ENTRY/config" "$at/config"
boots Fedora "$at/vmlinuz"

# Arch: DIR/usr/lib/modules/V/vmlinuz, and no config anywhere
arch=$AT/arch
mkdir -p "$arch/usr" "$arch/boot"
cp -r "$AT/debian/lib" "$arch/usr/"
at=$arch/usr/lib/modules/$RELEASE
cp "$BOOT" "$at/vmlinuz"
cp "$BOOT" "$arch/boot/vmlinuz-linux"
pack "$at/" zstd -q --rm
ready Arch "$at/vmlinuz"
! grep -q '^CONFIG_' "$ENTRY/config" && grep -qF "#   $at/config" "$ENTRY/config"
tap $? 'Arch: the config is not known, and it says where it was looked for'
boots Arch "$at/vmlinuz"
grep -qF 'its config is not known; trying a machine with ACPI and PCI' "$LOG"
tap $? 'Arch: and that is said'
ready 'Arch, in /boot, by a name without version' "$arch/boot/vmlinuz-linux"
pack "$at/" true
find "$at/" -name 'virtio*.ko.zst' -exec zstd -q -d --rm {} + &&
	pack "$at/" gzip
ready 'modules compressed with gzip' "$at/vmlinuz"
find "$at/" -name 'virtio_console.ko.gz' -exec sh -c \
	'mv "$1" "${1%/*}/virtio-console.ko.gz"' sh {} \;
ready 'a module with the other dash' "$at/vmlinuz"
find "$at/" -name 'virtio_ring.ko.gz' -delete
says 'a module that others depend on is missing' 2 "no module virtio_ring.ko in $at" \
	env BZIMAGE="$at/vmlinuz" kernel/build.sh

# Without modules, the message names the missing module and the directories searched.
# The made-up version ensures that this machine's /lib/modules has no match.
mkdir -p "$AT/alone/boot"
alone=$AT/alone/boot/vmlinuz
other=${RELEASE%amd64}other
LC_ALL=C sed "s/$RELEASE (/$other (/" "$BOOT" >"$alone"
says 'no modules: which, and where' 2 \
	"needs virtio_pci, which is not built into this kernel, and no module virtio_pci.ko is in: $AT/alone/lib/modules/$other $AT/alone/usr/lib/modules/$other /lib/modules/$other /usr/lib/modules/$other" \
	env BZIMAGE="$alone" kernel/build.sh
cp "$AT/debian/boot/config-$RELEASE" "$AT/alone/boot/config-$other"
says 'no modules, and the config says so: which' 2 'no module virtio_pci.ko is in: ' \
	"$VMTEST" --kernel "$alone" --out "$TMP/out" -- true

# A config file of another version is ignored. An embedded config takes precedence.
sed 's/ 6\.[0-9]*\.[0-9]* Kernel/ 5.4.1 Kernel/' "$AT/debian/boot/config-$RELEASE" \
	>"$AT/fedora/usr/lib/modules/$RELEASE/config"
image "$AT/fedora/usr/lib/modules/$RELEASE/vmlinuz" && ! grep -q '^CONFIG_' "$ENTRY/config"
tap $? 'a config of another version is not taken'
printf 'CONFIG_CARRIED=y\n' | gzip >"$AT/ikconfig.gz"
{ printf 'IKCFG_ST'; cat "$AT/ikconfig.gz"; printf 'IKCFG_ED\0setns_pid_join\0'; } >"$AT/section"
objcopy --add-section .extra="$AT/section" "$PLAIN/vmlinux" "$AT/debian/boot/vmlinux-own" 2>"$LOG"
image "$AT/debian/boot/vmlinux-own" && [ "$(cat "$ENTRY/config")" = CONFIG_CARRIED=y ]
tap $? 'the config that the kernel carries goes before any other'
grep -qx mode=join "$ENTRY/target"
tap $? 'a kernel with the sysctl: the rules are those of join'
printf 'setns_pid_join\0pidns_commit_deepen\0' >"$AT/section"
objcopy --add-section .extra="$AT/section" "$PLAIN/vmlinux" "$AT/debian/boot/vmlinux-keep" 2>"$LOG"
image "$AT/debian/boot/vmlinux-keep" && grep -qx mode=keep "$ENTRY/target"
tap $? 'a kernel that can deepen a struct pid: the rules are those of keep'

# In a build tree the image is arch/x86/boot/bzImage, and .config is at the top
tree=$AT/tree
mkdir -p "$tree/arch/x86/boot" "$tree/drivers"
cp "$BOOT" "$tree/arch/x86/boot/bzImage"
cp "$AT/debian/boot/config-$RELEASE" "$tree/.config"
cp -r "$AT/debian/lib/modules/$RELEASE/kernel/drivers/virtio" "$tree/drivers/"
mkdir "$tree/drivers/char"
cp "$AT/debian/lib/modules/$RELEASE/kernel/drivers/char/virtio_console.ko" "$tree/drivers/char/"
ready 'a build tree' "$tree/arch/x86/boot/bzImage"
check 'a build tree: so is the config' cmp "$ENTRY/config" "$tree/.config"

# Every compression yields the same kernel; truncated or damaged images are refused
for by in '0 gzip -1' '4 zstd -1' '4 xz -0 --check=crc32' '4 lz4 -l -1' '4 bzip2 -1' \
	'4 xz --format=lzma -0' '4 lzop -1'; do
	# shellcheck disable=SC2086
	repack "$AT/debian/boot/packed" $by 2>"$LOG"
	ready "$by" "$AT/debian/boot/packed"
done
head -c 5000000 "$BOOT" >"$AT/debian/boot/cut"
says 'a bzImage that is cut short' 2 'a truncated bzImage' \
	env BZIMAGE="$AT/debian/boot/cut" kernel/build.sh
repack "$AT/debian/boot/damaged" 4 zstd -q -1
printf 'xxxxxxxx' | dd of="$AT/debian/boot/damaged" bs=1 seek=3000000 conv=notrunc status=none
says 'a bzImage that is damaged' 2 'zstd cannot unpack it' \
	env BZIMAGE="$AT/debian/boot/damaged" kernel/build.sh
head -c 5000000 "$PLAIN/vmlinux" >"$AT/debian/boot/cut"
says 'a vmlinux that is cut short' 2 'a truncated ELF file' \
	env BZIMAGE="$AT/debian/boot/cut" kernel/build.sh

# Without a PVH note QEMU needs the bzImage
perl -0777 -pe 's/(\x04\0\0\0[\x04\x08]\0\0\0)\x12(\0\0\0Xen\0)/${1}\x7f$2/' \
	"$PLAIN/vmlinux" >"$AT/debian/boot/vmlinux-no-pvh"
says 'a vmlinux that QEMU cannot start' 2 'built without CONFIG_PVH' \
	env BZIMAGE="$AT/debian/boot/vmlinux-no-pvh" kernel/build.sh
image "$BOOT" && [ ! -e "$ENTRY/bzImage" ]
tap $? 'a bzImage is not kept where its ELF image starts'
(PLAIN=$AT/no-pvh && mkdir "$PLAIN" && cp "$AT/debian/boot/vmlinux-no-pvh" "$PLAIN/vmlinux" &&
	repack "$AT/debian/boot/no-pvh" 4 lz4 -l -1) 2>"$LOG"
image "$AT/debian/boot/no-pvh" && cmp "$ENTRY/bzImage" "$AT/debian/boot/no-pvh" &&
	[ "$(tail -n 1 "$OUT")" = "$ENTRY/bzImage" ]
tap $? 'a bzImage is, where its ELF image does not'

# Names and targets
version=$(echo "$RELEASE" | grep -oE '^[0-9]+\.[0-9]+')
check "TARGET=stock-$version: it is of that version" image "$BOOT" "stock-$version"
says 'TARGET of another version' 2 \
	"$BOOT is Linux $RELEASE, which does not match target stock-6.12: omit the target" \
	"$VMTEST" --target stock-6.12 --kernel "$BOOT" --out "$TMP/out" -- true
says 'BZIMAGE and such a target: the same' 2 'omit the target' \
	env BZIMAGE="$BOOT" "$VMTEST" --target join-6.12 --out "$TMP/out" -- true
says 'one that is ready is taken as it is' 0 "$PLAIN/vmlinux" \
	env BZIMAGE="$PLAIN/vmlinux" kernel/build.sh
check 'and not copied' [ "$(cat "$OUT")" = "$PLAIN/vmlinux" ]

# Paths
top=$PWD
ln -s "$BOOT" "$AT/link"
ready 'a symbolic link' "$AT/link"
# With make -C, a path is relative to the directory that make was started in
says 'make -C, a path that is relative to the caller' 0 "$PLAIN/vmlinux" \
	bash -c 'cd "$1" && make -s -C "$2" DEPS=none CACHE="$3" BZIMAGE="debian/boot/${4##*/}" kernel' \
	at "$AT" "$top" "$CACHE" "$BOOT"
says 'vmtest, a path that is relative' 2 'which does not match target stock-6.12' \
	bash -c 'cd "$1" && "$2" --target stock-6.12 --kernel debian/boot/"${3##*/}" --out "$4"' \
	at "$AT" "$VMTEST" "$BOOT" "$TMP/out"
make -n -s DEPS=none BZIMAGE="$BOOT" vmtest 2>"$LOG" | tee -a "$LOG" | grep -- '--seed' >"$OUT"
[ -s "$OUT" ] && ! grep -q -- --target "$OUT"
tap $? 'make vmtest BZIMAGE: no target, so that it is one row'

tap_end
