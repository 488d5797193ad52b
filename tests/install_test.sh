#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests `make install` and `make uninstall`: places, modes, static or dynamic; and
# that the tracer alone requires no packages of other parts.
. "${BASH_SOURCE%/*}/host.sh"

# installed STATIC PREFIX: installs below TMP/root
installed()
{
	says "make install STATIC=$1 PREFIX=$2" 0 "$TMP/root$2/bin/pidnstrace" \
		make DEPS=none O="$O" STATIC="$1" PREFIX="$2" DESTDIR="$TMP/root" install
}

installed 1 /usr/local
installed 0 /opt/it
for prefix in /usr/local /opt/it; do
	(cd "$TMP/root$prefix" && find . -type f -printf '%m %P\n') | sort >"$LOG"
	sort >"$TMP/want" <<-EOF
		755 bin/pidnstrace
		644 share/bash-completion/completions/pidnstrace
		644 share/fish/vendor_completions.d/pidnstrace.fish
		644 share/zsh/site-functions/_pidnstrace
	EOF
	grep -v ' share/man/' "$LOG" | cmp -s - "$TMP/want"
	tap $? "below $prefix is what is meant to be"
	# A manual is from docs/ or generated; vmtest is not installed.
	for m in docs/*.[1-8] "$O"/docs/*.[1-8]; do
		place=$TMP/root$prefix/share/man/man${m##*.}/${m##*/}
		if [[ $m == docs/vmtest* ]]; then
			[ ! -e "$place" ]
		else
			cmp "$m" "$place" >"$LOG" 2>&1
		fi
		tap $? "$m, below $prefix"
	done
done

says 'the one below /usr/local runs' 0 'using libbpf' \
	"$TMP/root/usr/local/bin/pidnstrace" --version
says 'the one below /opt/it runs' 0 'using libbpf' \
	"$TMP/root/opt/it/bin/pidnstrace" --version
readelf -d "$TMP/root/usr/local/bin/pidnstrace" >"$LOG"
check 'with STATIC=1 it needs no library' not grep -q NEEDED "$LOG"
readelf -d "$TMP/root/opt/it/bin/pidnstrace" >"$LOG"
check 'with STATIC=0 it needs libbpf' grep -q 'NEEDED.*libbpf' "$LOG"
says 'STATIC has two values' 2 'expected 0 or 1' make DEPS=none O="$O" STATIC=yes install

for prefix in /usr/local /opt/it; do
	says "make uninstall PREFIX=$prefix" 0 "$TMP/root$prefix/bin/pidnstrace" \
		make O="$O" PREFIX=$prefix DESTDIR="$TMP/root" uninstall
done
find "$TMP/root" -type f >"$LOG"
check 'make uninstall leaves no file' not [ -s "$LOG" ]

# asks GROUPS GOAL: checks that make GOAL requests those groups of deps.sh
asks()
{
	make -pnq O="$TMP/empty" "$2" 2>/dev/null | grep '^DEPS_MK' >"$LOG"
	check "make $2 asks for $1" grep -q "/$1\.mk\$" "$LOG"
}
asks trace pidnstrace
asks trace install
asks trace+package deb
asks all check
./deps.sh --list trace >"$LOG"
! grep -qE 'qemu|busybox|bison|cmocka' "$LOG"
tap $? 'the tracer alone needs no QEMU and no kernel'

tap_end
