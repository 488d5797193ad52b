#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests kernel/lib/apt.sh: packages of another suite, from a signed archive made here,
# for sources in either format. Needs no network.
. "${BASH_SOURCE%/*}/host.sh"
export CACHE=$TMP/cache GNUPGHOME=$TMP/gpg
archive=$TMP/archive
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
arch=$(dpkg --print-architecture)

# make_key NAME: makes $TMP/NAME.gpg
make_key()
{
	gpg --batch --quiet --passphrase '' --quick-gen-key "$1" rsa2048 sign &&
		gpg --batch --export "$1" >"$TMP/$1.gpg"
}

# make_suite SUITE VERSION: makes a suite with a package "thing" of that version
make_suite()
{
	local dir=$archive/dists/$1/main/binary-$arch

	mkdir -p "$TMP/$2/DEBIAN" "$archive/pool" "$dir"
	printf '%s\n' 'Package: thing' "Version: $2" 'Architecture: all' \
		'Maintainer: N <n@example.org>' 'Description: a thing' \
		>"$TMP/$2/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$TMP/$2" "$archive/pool/thing_$2_all.deb"
	(cd "$archive" && dpkg-scanpackages -m pool | awk -v RS= -v ORS='\n\n' \
		-v v="$2" '$0 ~ "Version: " v "(\n|$)"') >"$dir/Packages"
	(cd "$archive/dists/$1" && {
		printf 'Origin: t\nSuite: %s\nCodename: %s\n' "$1" "$1"
		printf 'Architectures: %s\nComponents: main\n' "$arch"
		printf 'Date: %s\nSHA256:\n' "$(LC_ALL=C date -Ru)"
		printf ' %s %s %s\n' \
			"$(sha256sum <"main/binary-$arch/Packages" | cut -d' ' -f1)" \
			"$(stat -c %s "main/binary-$arch/Packages")" \
			"main/binary-$arch/Packages"
	} >Release && gpg --batch --quiet -u good --clearsign -o InRelease Release)
}

mkdir -m 700 "$GNUPGHOME"
{
	make_key good && make_key other &&
		make_suite "$codename" 1.0 && make_suite later 2.0
} >"$LOG" 2>&1 || {
	cat "$LOG" >&2
	exit 2
}

# machine FORMAT KEY: sets up a machine whose apt has no other sources
machine()
{
	rm -rf "${TMP:?}/etc" "$CACHE"
	mkdir -p "$TMP/etc/parts" "$CACHE/downloads"
	if [ "$1" = deb822 ]; then
		printf '%s\n' '# a comment' 'Types: deb' 'URIs: https://else.invalid/' \
			'Suites: x' 'Components: main' 'Enabled: no' \
			'Signed-By: /nowhere.gpg' '' 'Types: deb' \
			"URIs: file:$archive" "Suites: $codename" \
			'Components: main' "Signed-By: $TMP/$2.gpg" \
			>"$TMP/etc/parts/debian.sources"
	else
		printf '%s\n' '# deb [signed-by=/nowhere.gpg] file:/x y main' \
			"deb [arch=$arch signed-by=$TMP/$2.gpg] file:$archive $codename main" \
			>"$TMP/etc/sources.list"
	fi
	rm -rf "$TMP/lists"
	mkdir -p "$TMP/lists/partial" "$TMP/apt/archives/partial"
	printf '%s\n' "Dir::Etc::sourcelist \"$TMP/etc/sources.list\";" \
		"Dir::Etc::sourceparts \"$TMP/etc/parts\";" \
		"Dir::State::lists \"$TMP/lists\";" "Dir::Cache \"$TMP/apt\";" \
		'APT::Sandbox::User "";' >"$TMP/machine.conf"
	(cd "$TMP/etc" && find . -type f -exec sha256sum {} +) >"$TMP/before"
}

# download SUITE PACKAGE: downloads as a script of kernel/ does, into $TMP/got
download=(env "APT_CONFIG=$TMP/machine.conf" bash -eu -c "
	. kernel/lib/common.sh
	. kernel/lib/apt.sh
	rm -rf '$TMP/got'
	apt_download \"\$1\" '$TMP/got' \"\$2\"" sh)

# find SUITE VERSION PACKAGE: finds as build.sh does, prints suite and version
find=(env "APT_CONFIG=$TMP/machine.conf" bash -eu -c "
	. kernel/lib/common.sh
	. kernel/lib/layout.sh
	. kernel/lib/apt.sh
	apt_find \"\$@\"
	echo \"found \${APT_SUITE:-own} \$APT_VERSION\"" sh)

for format in deb822 one-line; do
	machine $format good
	"${download[@]}" later thing >"$LOG" 2>&1 &&
		[ "$(cd "$TMP/got" && echo *)" = thing_2.0_all.deb ]
	tap $? "$format: the package of the other suite, not of the machine's"
	(cd "$TMP/etc" && find . -type f -exec sha256sum {} +) >"$TMP/after"
	cmp -s "$TMP/before" "$TMP/after"
	tap $? "$format: the machine's sources are as they were"
	machine $format other
	says "$format: a signature by another key is refused" 2 \
		'later cannot be downloaded from file:' "${download[@]}" later thing
done
machine deb822 good
says 'a suite that the mirror does not have' 2 'nowhere cannot be downloaded from file:' \
	"${download[@]}" nowhere thing
says 'a package that the suite does not have' 2 \
	'cannot download nothing of later' "${download[@]}" later nothing

# A container image has no lists. A user without root cannot fetch the lists of the
# machine, but can fetch those of the other suite.
own='found own 1.0'
[ "$(id -u)" -eq 0 ] || own='found later 2.0'
machine deb822 good
says 'without lists: they are fetched' 0 "$own" "${find[@]}" later "${own##* }" thing
machine deb822 good
says 'without lists, what only the other suite has' 0 'found later 2.0' \
	"${find[@]}" later 2.0 thing
machine deb822 good
says 'a version that neither has' 2 \
	"neither this machine's release nor later has Linux 3.0 as thing" \
	"${find[@]}" later 3.0 thing
machine deb822 good
sed -i "s|file:$archive|file:/nowhere|" "$TMP/etc/parts/debian.sources"
says 'without lists and without a network' 2 'later cannot be downloaded from file:/nowhere' \
	"${find[@]}" later 2.0 thing
: >"$TMP/etc/parts/debian.sources"
says 'sources without the release of this machine' 2 \
	"apt's sources do not name this machine's own release" "${download[@]}" later thing
tap_end
