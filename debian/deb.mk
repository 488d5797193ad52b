# SPDX-License-Identifier: GPL-2.0-only
#
# The Debian package, built from a copy of the project's files as they are here, so that
# nothing is written into the checkout. The same files make the same package: its
# timestamps are those of the changelog, not of the checkout.

DEB_OUT := $(O)/deb
DEB_SRC := $(DEB_OUT)/pidnstrace-$(VERSION)
DEB := $(DEB_OUT)/pidnstrace_$(VERSION)_$(shell dpkg --print-architecture 2>/dev/null).deb

## deb: build a Debian package of pidnstrace; prints its path last
deb:
	$(Q)rm -rf $(DEB_OUT)
	$(Q)umask 022; mkdir -p $(DEB_SRC); debian/files.sh | \
		tar -c --mtime="@$$(dpkg-parsechangelog -S Timestamp)" \
			--mode=u=rwX,go=rX --null -T - | \
		tar -x -C $(DEB_SRC)
	$(Q)umask 022; cd $(DEB_SRC) && env -u MAKEFLAGS -u MAKELEVEL -u O -u CACHE \
		DEB_BUILD_OPTIONS="noautodbgsym $${DEB_BUILD_OPTIONS-}" \
		dpkg-buildpackage --build=full --no-sign -j$$(nproc) \
		>../build.log 2>&1 || { \
			tail -n 20 ../build.log; \
			echo "make deb: see $(DEB_OUT)/build.log" >&2; \
			exit 2; \
		}
	$(Q)rm -rf $(DEB_SRC)
	@echo $(DEB)
