# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Finds the config and the modules of a user's kernel image, in the places that
# distributions and build trees use: /boot/config-VERSION (Debian),
# /lib/modules/VERSION (Fedora, Arch), the build tree of the image. For an image
# in an unpacked package, the places are below the package's root. For an image
# that was copied elsewhere, the config is found only if it is embedded, was
# copied along, or belongs to a kernel of the same release on this machine.

# The modules that the guest's virtio ports need over PCI. Each line has a module,
# its config option, and a function that is named in vmlinux's BTF if the module is
# built in.
GUEST_MODULES=(
	"virtio_pci CONFIG_VIRTIO_PCI virtio_pci_probe"
	"virtio_console CONFIG_VIRTIO_CONSOLE virtcons_probe"
)

# layout_tree IMAGE: prints the build tree that has IMAGE as its vmlinux or as
# arch/*/boot/bzImage, if the tree has a .config
layout_tree()
{
	local dir=${1%/*}

	case $dir in
	*/arch/*/boot)	dir=${dir%/arch/*/boot} ;;
	esac
	[ ! -f "$dir/.config" ] || printf '%s\n' "$dir"
}

# layout_roots IMAGE: prints the directories above /boot and /lib; an empty line
# is the machine's own root
layout_roots()
{
	local dir=${1%/*}

	case $dir in
	*/boot|*/boot/*)
		printf '%s\n' "${dir%/boot*}"
		;;
	*/lib/modules/*)
		dir=${dir%/lib/modules/*}
		printf '%s\n' "${dir%/usr}"
		;;
	esac
	printf '\n'
}

# layout_configs IMAGE RELEASE: prints where the image's config may be, best first
layout_configs()
{
	local dir=${1%/*} root tree

	tree=$(layout_tree "$1")
	{
		printf '%s\n' "$dir/config-$2" "$dir/config"
		[ -z "$tree" ] || printf '%s\n' "$tree/.config"
		layout_roots "$1" | while IFS= read -r root; do
			printf '%s\n' "$root/boot/config-$2" \
				"$root/lib/modules/$2/config" \
				"$root/usr/lib/modules/$2/config"
		done
	} | awk '!seen[$0]++'
}

# layout_modules IMAGE RELEASE: prints the directories where the image's modules may be,
# best first
layout_modules()
{
	local root

	{
		layout_tree "$1"
		layout_roots "$1" | while IFS= read -r root; do
			printf '%s\n' "$root/lib/modules/$2" \
				"$root/usr/lib/modules/$2"
		done
	} | awk '!seen[$0]++'
}

# is_config FILE RELEASE: tests that FILE is a kernel config; if its head names a
# version, this must be the version of RELEASE
is_config()
{
	local version

	[ -f "$1" ] && [ -r "$1" ] && grep -q '^CONFIG_' "$1" || return 1
	version=$(sed -n '1,5s/^# Linux\/[^ ]* \([0-9]*\.[0-9]*\).*/\1/p' "$1")
	[ -z "$version" ] || version_is "$2" "$version"
}

# version_is RELEASE VERSION: tests that RELEASE begins with VERSION, as
# 6.12.3-debian does with 6.12 but not with 6.1
version_is()
{
	[[ $1 =~ ^"$2"([^0-9]|$) ]]
}

# layout_inputs IMAGE RELEASE: prints, for the key of the cache, a line for each file
# that config_find or modules_find may use
layout_inputs()
{
	local path

	layout_configs "$1" "$2" | while IFS= read -r path; do
		! is_config "$path" "$2" ||
			printf 'config %s %s\n' "$path" "$(digest <"$path")"
	done
	layout_modules "$1" "$2" | while IFS= read -r path; do
		[ ! -d "$path" ] || find "$path/" -name 'virtio*.ko*' \
			-exec sha256sum -- {} + | LC_ALL=C sort
	done
}

# config_find IMAGE RELEASE VMLINUX: prints the image's config. An embedded config
# takes precedence, because it cannot belong to another kernel. If no config is
# found, prints the searched places as comments.
config_find()
{
	local path

	config_embedded "$3" | grep '' && return
	while IFS= read -r path; do
		is_config "$path" "$2" || continue
		cat "$path"
		return
	done < <(layout_configs "$1" "$2")
	echo '# not known: the kernel does not contain it (CONFIG_IKCONFIG), and none of these files is it:'
	layout_configs "$1" "$2" | sed 's/^/#   /'
}

# config_embedded VMLINUX: prints the config that CONFIG_IKCONFIG=y embeds
config_embedded()
{
	local at

	at=$(LC_ALL=C grep -abo 'IKCFG_ST' "$1" | sed -n '1s/:.*//p' || :)
	[ -z "$at" ] || tail -c +$((at + 9)) "$1" 2>/dev/null |
		gzip -dc 2>/dev/null || :
}

# config_value CONFIG OPTION: prints y, m, n, or nothing if the config is unknown
config_value()
{
	grep -q '^CONFIG_' "$1" || return 0
	sed -n "s/^$2=//p; \$s/.*/n/p" "$1" | sed -n 1p
}

# modules_find CONFIG VMLINUX IMAGE RELEASE OUT: copies the modules that a guest needs
# to OUT, and lists them in OUT/order, dependencies first
modules_find()
{
	local config=$1 vmlinux=$2 image=$3 release=$4 out=$5 row name option probe

	mkdir "$out"
	: >"$out/order"
	for row in "${GUEST_MODULES[@]}"; do
		read -r name option probe <<<"$row"
		case $(config_value "$config" "$option") in
		m)	[ "$name" != virtio_pci ] || ! has_mmio "$config" || continue ;;
		'')	! has_string "$vmlinux" "$probe" || continue ;;
		*)	continue ;;
		esac
		module_add "$name" "$image" "$release" "$out"
	done
}

# has_mmio CONFIG: tests that virtio over MMIO is built in, so the ports need no PCI
has_mmio()
{
	[ "$(config_value "$1" CONFIG_VIRTIO_MMIO)" = y ] &&
		[ "$(config_value "$1" CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES)" = y ]
}

# module_add NAME IMAGE RELEASE OUT: copies module NAME, with its dependencies, from
# the first directory that has this module
module_add()
{
	local dir places

	while IFS= read -r dir; do
		[ -n "$(module_file "$1" "$dir")" ] || continue
		modules_copy "$1" "$dir" "$4"
		return
	done < <(layout_modules "$2" "$3")
	places=$(layout_modules "$2" "$3" | paste -sd ' ')
	die $EXIT_USAGE "$2: a guest needs $1, which is not built into this" \
		"kernel, and no module $1.ko is in: $places"
}

# module_file NAME DIR: prints the path of a module; - and _ in NAME are equivalent.
# As in modprobe, modules.dep decides. Without an entry there, the first path in byte
# order is taken.
module_file()
{
	local pattern=${1//[-_]/[-_]} file=

	[ -d "$2" ] || return 0
	if [ -s "$2/modules.dep" ]; then
		file=$(sed -nE "s#^(([^:]*/)?$pattern\.ko(\.[a-z0-9]+)?):.*#\1#p" \
			"$2/modules.dep" | sed -n 1p)
		[ -z "$file" ] || [ "${file#/}" != "$file" ] || file=$2/$file
	fi
	if [ ! -f "$file" ]; then
		file=$(find "$2/" \( -name "$pattern.ko" -o \
			-name "$pattern.ko.*" \) -type f | LC_ALL=C sort | sed -n 1p)
	fi
	printf '%s\n' "$file"
}

# modules_copy NAME DIR OUT: copies a module and its dependencies
modules_copy()
{
	local file ko="$3/$1.ko" dep

	[ ! -e "$ko" ] || return 0
	file=$(module_file "$1" "$2")
	[ -n "$file" ] || die $EXIT_USAGE "no module $1.ko in $2, but modules" \
		"that a guest needs depend on it"
	case $file in
	*.xz)	module_unpack "$file" "$ko" xz -qdc ;;
	*.zst)	module_unpack "$file" "$ko" zstd -qdc ;;
	*.gz)	module_unpack "$file" "$ko" gzip -qdc ;;
	*)	cp -- "$file" "$ko" ;;
	esac
	for dep in $(module_depends "$ko"); do
		modules_copy "$dep" "$2" "$3"
	done
	printf '%s\n' "$1.ko" >>"$3/order"
}

# module_unpack FILE OUT COMMAND...: decompresses a module with COMMAND
module_unpack()
{
	local file=$1 out=$2

	need "$3"
	"${@:3}" <"$file" >"$out" ||
		die $EXIT_USAGE "$file: $3 cannot unpack it"
}

# module_depends FILE: prints the depends= field of .modinfo
module_depends()
{
	LC_ALL=C readelf -p .modinfo "$1" |
		sed -n 's/^ *\[[^]]*] *depends=//p' | tr ',' ' '
}
