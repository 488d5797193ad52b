# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Prebuilt kernels: the ELF image out of a bzImage, and the modules a guest
# needs out of a Debian package.

# Virtio by PCI for the two ports of the guest. What is built in has no file.
GUEST_MODULES=(virtio_pci virtio_console)

PACKAGE_MB=400		# the archive, what is in it, and the image unpacked

# u8 FILE OFFSET, u32 FILE OFFSET: little-endian, as the boot protocol has it
u8()
{
	od -An -tu1 -j"$2" -N1 "$1" | tr -d ' '
}

u32()
{
	od -An -tu4 --endian=little -j"$2" -N4 "$1" | tr -d ' '
}

magic()
{
	od -An -tx1 -j"$2" -N"$3" "$1" | tr -d ' \n'
}

has_btf()
{
	LC_ALL=C readelf -SW "$1" 2>/dev/null | grep ' \.BTF ' >/dev/null
}

# image_elf IMAGE OUT: the ELF kernel in IMAGE, see Documentation/arch/x86/
# boot.rst: setup_sects at 0x1f1, "HdrS" at 0x202, payload_offset at 0x248 from
# the end of the setup code, payload_length at 0x24c. Every compressor but gzip
# has the plain size appended, four bytes it would complain about.
image_elf()
{
	local image=$1 out=$2 start length tail=4
	local -a unpack

	if [ "$(magic "$image" 0 4)" = 7f454c46 ]; then
		strip -s -o "$out" "$image"
		return
	fi
	[ "$(magic "$image" 514 4)" = 48647253 ] ||
		die $EXIT_USAGE "$image is neither a bzImage nor an ELF kernel"

	start=$((($(u8 "$image" 497) + 1) * 512 + $(u32 "$image" 584)))
	length=$(u32 "$image" 588)
	case $(magic "$image" $start 6) in
	28b52ffd*)	unpack=(zstd -dc) ;;
	02214c18*)	unpack=(lz4 -dc) ;;
	fd377a585a00)	unpack=(xz -dc) ;;
	425a68*)	unpack=(bzip2 -dc) ;;
	5d0000*)	unpack=(xz -dc --format=lzma) ;;
	1f8b*)		unpack=(gzip -dc); tail=0 ;;
	*)		die $EXIT_USAGE "$image: unknown compression" ;;
	esac
	need "${unpack[0]}" "${unpack[0]/xz/xz-utils}"
	# Not a pipe: head is done before tail, which must not count as failure
	"${unpack[@]}" >"$out" \
		< <(tail -c +$((start + 1)) "$image" | head -c $((length - tail))) ||
		die $EXIT_FAILED "$image: ${unpack[0]} cannot unpack its kernel"
	[ "$(magic "$out" 0 4)" = 7f454c46 ] ||
		die $EXIT_FAILED "$image: what was unpacked is no ELF file"
}

# image_check VMLINUX FROM
image_check()
{
	has_btf "$1" ||
		die $EXIT_USAGE "$2 has no BTF: CONFIG_DEBUG_INFO_BTF=y is needed" \
			"to load the BPF programs"
}

# modules_copy NAME TREE OUT: a module after those it depends on
modules_copy()
{
	local file ko="$3/$1.ko" dep

	[ ! -e "$ko" ] || return 0
	file=$(find "$2" -name "$1.ko" -o -name "$1.ko.*" | head -n 1)
	[ -n "$file" ] || return 0
	case $file in
	*.xz)	xz -dc "$file" >"$ko" ;;
	*.zst)	zstd -qdc "$file" >"$ko" ;;
	*.gz)	gzip -dc "$file" >"$ko" ;;
	*)	cp "$file" "$ko" ;;
	esac
	for dep in $(modules_depends "$ko"); do
		modules_copy "$dep" "$2" "$3"
	done
	printf '%s\n' "$1.ko" >>"$3/order"
}

# modules_depends FILE: the depends= field of .modinfo
modules_depends()
{
	LC_ALL=C readelf -p .modinfo "$1" |
		sed -n 's/^ *\[[^]]*] *depends=//p' | tr ',' ' '
}

# image_from_package PACKAGE OUT: PACKAGE is a real one
image_from_package()
{
	local package=$1 out=$2 tree="$2/tree" name

	room "$out" $PACKAGE_MB
	deb_download "$package" "$out/deb"
	must_run "unpacking $package" "$CACHE/downloads/$package.log" \
		dpkg-deb -x "$out"/deb/*.deb "$tree"
	image_elf "$tree"/boot/vmlinuz-* "$out/vmlinux"
	image_check "$out/vmlinux" "$package"
	cp "$tree"/boot/config-* "$out/config"
	mkdir "$out/modules"
	: >"$out/modules/order"
	for name in "${GUEST_MODULES[@]}"; do
		modules_copy "$name" "$tree" "$out/modules"
	done
	rm -rf -- "$tree" "$out/deb"
}

# package_real NAME: what a meta package depends on, or NAME itself
package_real()
{
	local real

	need apt-cache apt
	real=$(apt-cache depends --no-recommends --no-suggests "$1" 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1)
	printf '%s\n' "${real:-$1}"
}

# package_version NAME: that apt would download
package_version()
{
	apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: //p'
}

# image_from_file FILE OUT: a kernel the user has built
image_from_file()
{
	image_elf "$1" "$2/vmlinux"
	image_check "$2/vmlinux" "$1"
	mkdir "$2/modules"
	: >"$2/modules/order"
	image_config "$2/vmlinux" >"$2/config"
}

# image_config VMLINUX: with CONFIG_IKCONFIG=y the kernel carries its config
image_config()
{
	local at

	at=$(LC_ALL=C grep -abom1 'IKCFG_ST' "$1" | cut -d: -f1 || :)
	if [ -z "$at" ]; then
		printf '# not known: built without CONFIG_IKCONFIG\n'
		return
	fi
	tail -c +$((at + 9)) "$1" | gzip -dc 2>/dev/null || :
}
