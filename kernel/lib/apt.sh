# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Downloads Debian packages, without installing any. The machine's own release is
# searched first, with the machine's apt configuration. Another suite is searched with
# a private configuration below $CACHE/apt/SUITE, which needs no root and leaves the
# machine's sources unchanged. The machine's apt.conf, and so its proxy, still applies.
#
# The mirror and the signing key of another suite are those of the machine's own
# release. DEBIAN_MIRROR=URI names a different mirror. On a machine with apt that is not
# Debian, DEBIAN_MIRROR must be set, and the key is that of debian-archive-keyring.
# A mirror without the suite is an error; so are sources that do not name the machine's
# release, unless DEBIAN_MIRROR is set.
#
# The caller sources common.sh and layout.sh.

APT_SUITE_MAX_S=3600	# age in seconds at which the lists of a suite are refreshed

# Prints the paths of the machine's apt sources: *.list and *.sources (deb822)
apt_sources()
{
	local list parts

	eval "$(apt-config shell list Dir::Etc::sourcelist/f \
		parts Dir::Etc::sourceparts/d)"
	find "$list" "$parts" -maxdepth 1 -type f \
		\( -name '*.list' -o -name '*.sources' \) 2>/dev/null | sort
}

# apt_release_source CODENAME: prints "URI KEY" of the first source of that release.
# KEY is the path of a keyring, or empty: then apt accepts every key that the machine
# trusts. A deb822 entry is a paragraph, and may contain the key itself: KEY is empty.
apt_release_source()
{
	local -a files

	mapfile -t files < <(apt_sources)
	[ ${#files[@]} -gt 0 ] || return 0
	awk -v release="$1" '
	function has(list, word) { return index(" " list " ", " " word " ") }
	function entry() {
		if (!found && has(f["types:"], "deb") && has(f["suites:"], release) &&
		    has(f["components:"], "main") && f["enabled:"] != "no") {
			split(f["uris:"], u, " ")
			key = f["signed-by:"] ~ /^\// ? f["signed-by:"] : ""
			print u[1], key
			found = 1
		}
		split("", f)
	}
	FNR == 1 && NR > 1 { entry() }
	/^[ \t]*#/ { next }
	/^[ \t]*$/ { entry(); next }
	FILENAME ~ /\.list$/ {
		key = ""
		if (match($0, /signed-by=[^] ]*/))
			key = substr($0, RSTART + 10, RLENGTH - 10)
		sub(/\[[^]]*\]/, "")
		type = $1; uri = $2; suite = $3
		$1 = $2 = $3 = ""
		f["types:"] = type; f["uris:"] = uri; f["suites:"] = suite
		gsub(/ +/, " ")
		f["components:"] = $0; f["signed-by:"] = key
		entry()
		next
	}
	/^[^ \t]/ {
		name = tolower($1)
		$1 = ""
		sub(/^ /, "")
		f[name] = $0
	}
	END { entry() }' "${files[@]}"
}

# apt_mirror SUITE: sets APT_URI and APT_KEY
apt_mirror()
{
	local id codename keys=/usr/share/keyrings

	APT_URI=${DEBIAN_MIRROR:-} APT_KEY=
	# os-release also sets VERSION and others, so a subshell sources the file
	read -r id codename < <(
		. /etc/os-release && echo "${ID:-} ${VERSION_CODENAME:-}")
	if [ -z "$APT_URI" ] && [ "$id" = debian ]; then
		read -r APT_URI APT_KEY < <(apt_release_source \
			"$codename") ||
			die $EXIT_USAGE "$1: apt's sources do not name this" \
				"machine's own release, so no mirror is" \
				"known; name one in DEBIAN_MIRROR=URI"
		return
	fi
	[ -n "$APT_URI" ] ||
		die $EXIT_USAGE "$1 is a suite of Debian, but this is not" \
			"Debian: name a mirror in DEBIAN_MIRROR=URI, or use" \
			"KERNEL_SRC=DIR or BZIMAGE=FILE"
	[ "$id" = debian ] || APT_KEY=$keys/debian-archive-keyring.gpg
	[ -z "$APT_KEY" ] || [ -r "$APT_KEY" ] ||
		die $EXIT_USAGE "$APT_KEY does not exist: install" \
			"debian-archive-keyring"
}

# apt_needed WHAT: ends the script if apt or dpkg is missing
apt_needed()
{
	local name

	for name in apt-get dpkg-deb; do
		command -v $name >/dev/null ||
			die $EXIT_USAGE "$name not found, but $1 needs it for" \
				"Debian's packages: use KERNEL_SRC=DIR or" \
				"BZIMAGE=FILE"
	done
}

# apt_suite SUITE: fetches the lists of SUITE. Without a network, old lists are used.
apt_suite()
{
	local suite=$1 dir="$CACHE/apt/$1" log="$CACHE/downloads/apt-$1.log"

	apt_needed "$suite"
	apt_mirror "$suite"
	make_dir "$dir/lists/partial"
	make_dir "$dir/archives/partial"
	make_dir "$CACHE/downloads"
	printf 'deb %s%s %s main\n' "${APT_KEY:+[signed-by=$APT_KEY] }" \
		"$APT_URI" "$suite" >"$dir/sources.list"
	cat >"$dir/apt.conf" <<-END
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::lists "$dir/lists";
		Dir::Cache "$dir";
		Dir::Cache::archives "$dir/archives";
		APT::Sandbox::User "";
	END
	[ -z "$(find "$dir/fresh" -newermt "-$APT_SUITE_MAX_S seconds" \
		2>/dev/null)" ] || return 0
	apt_use_lists "$suite"
	if run "asking for $suite" "$log" env "${APT_ENV[@]}" apt-get \
		-o APT::Update::Error-Mode=any update; then
		touch "$dir/fresh"
		return
	fi
	tail -n 3 "$log" >&2
	[ -e "$dir/fresh" ] ||
		die $EXIT_USAGE "$suite cannot be downloaded from $APT_URI" \
			"(log: $log)"
	say "cannot update the package lists of $suite; using those of" \
		"$(date -r "$dir/fresh" '+%F %R')"
}

# apt_use_lists SUITE: sets APT_ENV, the environment that makes apt read the lists of
# SUITE, or the machine's own lists if SUITE is empty
apt_use_lists()
{
	APT_ENV=()
	[ -z "$1" ] || APT_ENV=(APT_CONFIG="$CACHE/apt/$1/apt.conf")
}

# apt_resolve_meta SUITE NAME: prints the package that a meta package for kernels
# depends on, or NAME itself
apt_resolve_meta()
{
	local real

	apt_use_lists "$1"
	real=$(env "${APT_ENV[@]}" apt-cache depends --no-recommends --no-suggests \
		"$2" 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' |
		sed -n 1p) || :
	printf '%s\n' "${real:-$2}"
}

# apt_version SUITE NAME: prints the version that would be downloaded
apt_version()
{
	apt_use_lists "$1"
	env "${APT_ENV[@]}" apt-cache policy "$2" 2>/dev/null |
		sed -n 's/^ *Candidate: //p' || :
}

# apt_parts SUITE PACKAGE: prints PACKAGE, and the packages that hold the rest of the
# same kernel: from 6.19 on, Debian has image, config and modules in three packages
apt_parts()
{
	apt_use_lists "$1"
	printf '%s\n' "$2"
	env "${APT_ENV[@]}" apt-cache depends --no-recommends --no-suggests \
		"$2" 2>/dev/null |
		sed -nE 's/^ *Depends: (linux-(base|binary|modules)-[0-9].*)$/\1/p'
}

# apt_newest SUITE PATTERN: prints the package name with the highest version that
# matches PATTERN (linux-image-6.18*-cloud-amd64), or nothing
apt_newest()
{
	apt_use_lists "$1"
	env "${APT_ENV[@]}" apt-cache pkgnames "${2%%\**}" 2>/dev/null |
		while IFS= read -r name; do
			# shellcheck disable=SC2254 # a pattern
			case $name in
			$2)	printf '%s\n' "$name" ;;
			esac
		done | sort -V | tail -n 1 || :
}

# apt_has SUITE VERSION NAME: tests that SUITE has package NAME of Linux VERSION. The
# VERSION "any" accepts every version; NAME may be a pattern. Sets APT_SUITE,
# APT_PACKAGE and APT_VERSION.
apt_has()
{
	local name=$3

	APT_SUITE=$1
	[[ $name != *\** ]] || name=$(apt_newest "$1" "$name")
	[ -n "$name" ] || return 1
	APT_PACKAGE=$(apt_resolve_meta "$1" "$name")
	APT_VERSION=$(apt_version "$1" "$APT_PACKAGE")
	[ -n "$APT_VERSION" ] && [ "$2" = any ] ||
		version_is "${APT_VERSION#*:}" "$2"
}

# apt_first SUITE VERSION NAME...: calls apt_has for each NAME up to the first success;
# returns 1 if SUITE has none
apt_first()
{
	local suite=$1 version=$2 name

	shift 2
	for name; do
		! apt_has "$suite" "$version" "$name" || return 0
	done
	return 1
}

# apt_own_lists: fetches the machine's own package lists if the machine has none, as in
# a new container, and the caller is root
apt_own_lists()
{
	# shellcheck disable=SC2016 # a format of apt
	[ "$(id -u)" -eq 0 ] && [ -z "$(apt-get indextargets --format \
		'$(FILENAME)' 'Created-By: Packages')" ] || return 0
	run "apt-get update" "$CACHE/downloads/update.log" apt-get update || :
}

# apt_find SUITE VERSION NAME...: finds the first package NAME of Linux VERSION in the
# machine's own release, or else in SUITE; sets the same variables as apt_has
apt_find()
{
	local suite=$1

	shift
	apt_needed "$suite"
	apt_own_lists
	! apt_first '' "$@" || return 0
	apt_suite "$suite"
	! apt_first "$suite" "$@" || return 0
	die $EXIT_USAGE "neither this machine's release nor $suite has Linux" \
		"$1 as $2"
}

# apt_download SUITE DIR PACKAGE...: downloads each PACKAGE of SUITE into DIR. An empty
# SUITE is the machine's own release.
apt_download()
{
	local suite=$1 dir=$2 log="$CACHE/downloads/apt-${1:-own}.log"

	shift 2
	[ -z "$suite" ] || apt_suite "$suite"
	make_dir "$dir"
	apt_get_archives "$@" && return
	# The machine's own lists may name packages that the mirror no longer has.
	if [ -z "$suite" ] && [ "$(id -u)" -eq 0 ]; then
		run "apt-get update" "$log" apt-get update || :
		apt_get_archives "$@" && return
	fi
	tail -n 3 "$log" >&2
	[ -n "$suite" ] || say "apt's lists may be old: run 'apt-get update' as root"
	die $EXIT_USAGE "cannot download $*${suite:+ of $suite} (log: $log)"
}

# apt_get_archives PACKAGE...: downloads; apt_download sets suite, dir and log
apt_get_archives()
{
	apt_use_lists "$suite"
	run "downloading $*${suite:+ of $suite}" "$log" env -C "$dir" \
		"${APT_ENV[@]}" apt-get download "${@/%/${suite:+/$suite}}"
}
