#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks the Debian package that `make deb` has left in O/deb: lintian has no
# complaint, a second build is equal bit for bit, and dpkg installs and purges the
# package in a Debian system in a VM (tests/deb/guest.sh).
. "${BASH_SOURCE%/*}/host.sh"
DEB=$(echo "$B"/deb/*.deb)

lintian --allow-root --fail-on error,warning "$B"/deb/*.changes >"$LOG" 2>&1
tap $? 'lintian has no error and no warning'
check 'and nothing else to say' [ ! -s "$LOG" ]

[ "$("$PIDNSTRACE" --version | sed -n '1s/.* //p')" = "$(dpkg-deb -f "$DEB" Version)" ]
tap $? 'package and program are of the same version'

# Packages that every Debian build has are not in Build-Depends.
./deps.sh --list trace | grep -vxE 'gcc|libc6-dev|make' | while read -r p; do
	grep -qE "(^|,|\\|) +$p( |,|\$)" debian/control || echo "$p"
done >"$LOG"
check 'Build-Depends has what deps.sh installs for the tracer' not [ -s "$LOG" ]

LIMIT=300 says 'make deb, elsewhere' 0 "$TMP/elsewhere/deb/" \
	make DEPS=none O="$TMP/elsewhere" deb
cmp "$DEB" "$TMP/elsewhere/deb/${DEB##*/}" >"$LOG" 2>&1
tap $? 'the package made there is the same, bit for bit'

# A package that leaves files behind: the guest must detect that.
dpkg-deb -R "$DEB" "$TMP/bad"
cat >"$TMP/bad/DEBIAN/postinst" <<'EOF'
#!/bin/sh
echo >/var/lib/left-behind
chmod 777 /etc/issue
echo >>/etc/issue.net
EOF
chmod 755 "$TMP/bad/DEBIAN/postinst"
dpkg-deb --root-owner-group -b "$TMP/bad" "$TMP/bad.deb" >"$LOG" 2>&1
tap $? 'a package that is not clean is made'

root=$(tests/deb/root.sh "$DEB" 2>"$LOG")
tap $? 'there is a Debian root file system'

# Each guest is used once: a snapshot of that size is not worth its space.
LIMIT=600 says 'the guest passes' 0 PASS \
	"$VMTEST" --target stock-6.12 --bare --no-snapshot --ktap --out "$TMP/vm" \
	--add "$root:/root.tar" --add "$DEB:/good.deb" --add "$TMP/bad.deb:/bad.deb" \
	--add tests/deb/guest.sh:/guest.sh --add tests/tap.sh:/tap.sh -- \
	bash /guest.sh /root.tar /good.deb /bad.deb
sed -n 's/^  # //p' "$TMP/vm/stock-6.12-1/tests.ktap" >"$LOG"
while read -r line; do
	[[ $line == ok* ]]
	tap $? "in the guest: ${line#*ok * - }"
done < <(sed -nE 's/^  ((not )?ok [0-9]+ .*)/\1/p' "$TMP/vm/stock-6.12-1/tests.ktap")

tap_end
