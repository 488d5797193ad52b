# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernel images: checks a file, reads its version, unpacks the ELF image. Any
# other file is refused as a bad argument, with a message that names its kind.
# Only x86-64. layout.sh finds config and modules.

PACKAGE_MB=400		# the archive, its contents, and the unpacked image

# u8, u16, u32, u64 FILE OFFSET: print a little-endian number, as in the boot
# protocol and ELF; 0 after the end of the file
u8()
{
	unsigned "$1" "$2" 1
}

u16()
{
	unsigned "$1" "$2" 2
}

u32()
{
	unsigned "$1" "$2" 4
}

u64()
{
	unsigned "$1" "$2" 8
}

unsigned()
{
	local n

	n=$(od -An "-tu$3" --endian=little -j"$2" -N"$3" -- "$1" 2>/dev/null |
		tr -d ' \n' || :)
	printf '%s\n' "${n:-0}"
}

magic()
{
	od -An -tx1 -j"$2" -N"$3" -- "$1" 2>/dev/null | tr -d ' \n' || :
}

# slice FILE START LENGTH: prints those bytes; the reader must read them all
slice()
{
	dd if="$1" iflag=skip_bytes,count_bytes bs=1M skip="$2" count="$3" \
		status=none
}

is_elf()
{
	[ "$(magic "$1" 0 4)" = 7f454c46 ]
}

is_bzimage()
{
	[ "$(magic "$1" 514 4)" = 48647253 ]
}

# has_string FILE STRING: tests that the file has the string between two NULs
has_string()
{
	LC_ALL=C grep -qzaxF -- "$2" "$1"
}

has_btf()
{
	LC_ALL=C readelf -SW "$1" 2>/dev/null | grep ' \.BTF ' >/dev/null
}

# has_pvh VMLINUX: tests for the note "Xen", type 18, by which QEMU starts an ELF
has_pvh()
{
	LC_ALL=C grep -qaP '\x04\0\0\0[\x04\x08]\0\0\0\x12\0\0\0Xen\0' "$1"
}

# refuse FILE WHY...: ends the script, since the file cannot be booted
refuse()
{
	die $EXIT_USAGE "$1: ${*:2}"
}

# image_check FILE: refuses every file but a complete kernel for x86-64
image_check()
{
	[ -e "$1" ] || refuse "$1" "no such file"
	[ -f "$1" ] || refuse "$1" "not a file; a vmlinux or bzImage is needed"
	[ -r "$1" ] || refuse "$1" "permission denied"
	[ -s "$1" ] || refuse "$1" "empty; a vmlinux or bzImage is needed"
	if is_elf "$1"; then
		elf_check "$1"
	elif is_bzimage "$1"; then
		bzimage_check "$1"
	else
		refuse "$1" "$(image_foreign "$1")"
	fi
}

# image_foreign FILE: prints the kind of a file that is not a kernel for x86-64
image_foreign()
{
	case $(magic "$1" 0 4) in
	1f8b*|28b52ffd|fd377a58|425a68*)
		echo "compressed as a whole; unpack it first"
		return ;;
	27051956)
		echo "a U-Boot image; the vmlinux or bzImage in it is needed"
		return ;;
	esac
	if [ "$(magic "$1" 56 4)" = 41524d64 ]; then
		echo "a kernel for arm64, but guests are x86-64"
	elif [ "$(magic "$1" 36 4)" = 18286f01 ]; then
		echo "a kernel for arm, but guests are x86-64"
	elif [ "$(magic "$1" 0 2)" = 4d5a ]; then
		echo "an EFI program, not a bzImage; extract that of a" \
			"unified kernel image with 'objcopy -O binary" \
			"--only-section=.linux FILE bzImage'"
	else
		echo "neither a bzImage nor an ELF kernel"
	fi
}

# elf_check FILE: refuses every ELF file but a complete vmlinux for x86-64
elf_check()
{
	local machine

	[ "$(u8 "$1" 4)" -eq 2 ] && [ "$(u8 "$1" 5)" -eq 1 ] &&
		[ "$(u16 "$1" 18)" -eq 62 ] || {
		machine=$(LC_ALL=C readelf -h "$1" 2>/dev/null |
			sed -n 's/^ *Machine: *//p')
		refuse "$1" "an ELF file for ${machine:-another machine}, but" \
			"guests are x86-64"
	}
	[ "$(u16 "$1" 16)" -ne 1 ] ||
		refuse "$1" "an ELF object, not a linked kernel"
	# The section table is at the end of an ELF file
	[ "$(stat -Lc %s -- "$1")" -ge $(($(u64 "$1" 40) +
		$(u16 "$1" 58) * $(u16 "$1" 60))) ] ||
		refuse "$1" "a truncated ELF file"
	[ "$(u16 "$1" 16)" -eq 2 ] && [ -n "$(banner "$1")" ] ||
		refuse "$1" "an ELF program, not a kernel"
}

# bzimage_check FILE: refuses a truncated or unsuitable bzImage. Fields, from
# Documentation/arch/x86/boot.rst: setup_sects at 0x1f1, syssize at 0x1f4,
# version at 0x206, xloadflags at 0x236
bzimage_check()
{
	local whole

	[ "$(u16 "$1" 518)" -ge $((0x208)) ] ||
		refuse "$1" "a kernel too old: its header does not locate the" \
			"ELF image"
	whole=$((($(u8 "$1" 497) + 1) * 512 + $(u32 "$1" 500) * 16))
	[ "$(stat -Lc %s -- "$1")" -ge "$whole" ] ||
		refuse "$1" "a truncated bzImage: $whole bytes are needed"
	[ $(($(u16 "$1" 566) & 1)) -eq 1 ] ||
		refuse "$1" "a 32-bit kernel, but guests are x86-64"
}

# banner VMLINUX: prints the release in "Linux version RELEASE (...". grep reads
# the whole file: -m1 would stop after its first line, which may be the whole file.
banner()
{
	LC_ALL=C grep -aoE 'Linux version [0-9][^ ]* \(' "$1" |
		sed -n '1s/^Linux version \([^ ]*\) ($/\1/p' || :
}

# image_release FILE: prints the release, which locates config and modules. In a
# bzImage the string is at kernel_version (0x20e) plus 0x200. The characters are
# checked, since the release becomes part of a path.
image_release()
{
	local release

	if is_elf "$1"; then
		release=$(banner "$1")
	else
		release=$(slice "$1" $(($(u16 "$1" 526) + 512)) 200 |
			tr '\0' '\n' | sed -n '1s/ .*//p' || :)
	fi
	[[ $release =~ ^[0-9]+\.[0-9]+[A-Za-z0-9._+~-]*$ ]] ||
		refuse "$1" "its version is '${release//[^[:print:]]/?}', not" \
			"of the form 6.12.3"
	printf '%s\n' "$release"
}

# image_elf IMAGE OUT: unpacks the ELF kernel in IMAGE: payload_offset, at
# 0x248, counts from the end of the setup code, payload_length is at 0x24c.
# Every compressor but gzip appends the size of the uncompressed kernel; these
# four bytes are left out.
image_elf()
{
	local image=$1 out=$2 start length tail=4
	local -a unpack

	if is_elf "$image"; then
		strip -s -o "$out" "$image"
		return
	fi
	start=$((($(u8 "$image" 497) + 1) * 512 + $(u32 "$image" 584)))
	length=$(u32 "$image" 588)
	case $(magic "$image" $start 6) in
	28b52ffd*)	unpack=(zstd -qdc) ;;
	02214c18*)	unpack=(lz4 -qdc) ;;
	fd377a585a00)	unpack=(xz -qdc) ;;
	425a68*)	unpack=(bzip2 -qdc) ;;
	5d0000*)	unpack=(xz -qdc --format=lzma) ;;
	894c5a4f*)	unpack=(lzop -qdc) ;;
	1f8b*)		unpack=(gzip -qdc) tail=0 ;;
	*)		refuse "$image" "unknown compression" ;;
	esac
	need "${unpack[0]}"
	slice "$image" $start $((length - tail)) | "${unpack[@]}" >"$out" ||
		refuse "$image" "${unpack[0]} cannot unpack it"
	is_elf "$out" || refuse "$image" "its payload is not an ELF file"
}

# image_bzimage IMAGE OUT: keeps a bzImage whose ELF image would not start.
# KASAN instruments the code after the PVH entry, which runs before shadow
# memory exists, and the machine resets. A bzImage has another entry.
image_bzimage()
{
	if is_bzimage "$1"; then
		{ has_pvh "$2/vmlinux" && ! has_kasan "$2"; } ||
			cp -- "$1" "$2/bzImage"
		return
	fi
	has_pvh "$2/vmlinux" ||
		refuse "$1" "built without CONFIG_PVH, so QEMU cannot start this" \
			"ELF image; name its bzImage"
	! has_kasan "$2" || say "$1: with CONFIG_KASAN an ELF image may not" \
		"boot; if so, name its bzImage"
}

has_kasan()
{
	grep -q '^CONFIG_KASAN=y' "$1/config"
}

# image_from_file FILE OUT: prepares a user's kernel, with its config and modules
image_from_file()
{
	local release

	release=$(image_release "$1")
	image_elf "$1" "$2/vmlinux"
	has_btf "$2/vmlinux" ||
		refuse "$1" "it has no BTF: CONFIG_DEBUG_INFO_BTF=y is needed" \
			"to load the BPF programs"
	config_find "$1" "$release" "$2/vmlinux" >"$2/config"
	modules_find "$2/config" "$2/vmlinux" "$1" "$release" "$2/modules"
	image_bzimage "$1" "$2"
}

# image_mode VMLINUX: prints the mode of setns(2). A seed kernel has no mark in the
# image, and is taken for mainline.
image_mode()
{
	if has_string "$1" pidns_commit_deepen; then
		echo keep
	elif has_string "$1" setns_pid_join; then
		echo join
	else
		echo mainline
	fi
}

# image_from_package SUITE PACKAGE OUT: prepares a kernel; PACKAGE is not a meta package
image_from_package()
{
	local package=$2 out=$3 tree="$3/tree" archive image
	local -a parts

	need_space "$out" $PACKAGE_MB
	mapfile -t parts < <(apt_parts "$1" "$package")
	apt_download "$1" "$out/deb" "${parts[@]}"
	for archive in "$out"/deb/*.deb; do
		must_run "unpacking ${archive##*/}" \
			"$CACHE/downloads/$package.log" \
			dpkg-deb -x "$archive" "$tree"
	done
	for image in "$tree"/boot/vmlinuz-* "$tree"/usr/lib/modules/*/vmlinuz; do
		[ ! -e "$image" ] || break
	done
	image_check "$image"
	image_from_file "$image" "$out"
	rm -rf -- "$tree" "$out/deb"
}
