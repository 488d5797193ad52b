# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Packages of another Debian suite, without root and without a change to the
# machine's sources: a private configuration of apt, with its own lists and
# archives below $CACHE/apt/SUITE. Mirror and key are those of the machine's own
# release, and signatures are checked with them. The machine's apt.conf applies,
# proxies included. Nothing is installed. The caller sources common.sh. A mirror
# without such a suite, or a machine whose sources do not name its release, is
# an error.
# error.

APT_SUITE_MAX_S=3600	# seconds: older lists are fetched anew

# Prints the files of the machine's sources, in both formats
apt_sources()
{
	local list parts

	eval "$(apt-config shell list Dir::Etc::sourcelist/f \
		parts Dir::Etc::sourceparts/d)"
	find "$list" "$parts" -maxdepth 1 -type f \
		\( -name '*.list' -o -name '*.sources' \) 2>/dev/null | sort
}

# apt_release_source CODENAME: "URI KEY" of the first source of that release;
# without KEY, every key that the machine trusts applies. A deb822 entry is a
# paragraph; a key written out in it has no file name.
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

# apt_suite SUITE: fetches its lists; sets APT_SUITE_CONF, for APT_CONFIG
apt_suite()
{
	local suite=$1 dir="$CACHE/apt/$1" uri key log

	log="$CACHE/downloads/apt-$suite.log"
	need apt-get apt
	APT_SUITE_CONF="$dir/apt.conf"
	read -r uri key < <(apt_release_source "$(. /etc/os-release &&
		printf '%s' "${VERSION_CODENAME:-}")") ||
		die $EXIT_USAGE "$suite: apt's sources do not name this" \
			"machine's own release, so there is no mirror to ask"
	make_dir "$dir/lists/partial"
	make_dir "$dir/archives/partial"
	make_dir "$CACHE/downloads"
	printf 'deb %s%s %s main\n' "${key:+[signed-by=$key] }" "$uri" \
		"$suite" >"$dir/sources.list"
	cat >"$APT_SUITE_CONF" <<-END
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::lists "$dir/lists";
		Dir::Cache "$dir";
		Dir::Cache::archives "$dir/archives";
		APT::Sandbox::User "";
	END
	[ -z "$(find "$dir/fresh" -newermt "-$APT_SUITE_MAX_S seconds" \
		2>/dev/null)" ] || return 0
	run "asking for $suite" "$log" env APT_CONFIG="$APT_SUITE_CONF" \
		apt-get -o APT::Update::Error-Mode=any update || {
		tail -n 3 "$log" >&2
		die $EXIT_USAGE "$suite cannot be had from $uri (log: $log)"
	}
	touch "$dir/fresh"
}

# apt_suite_download SUITE DIR PACKAGE...: downloads their archives into DIR
apt_suite_download()
{
	local suite=$1 dir=$2 log="$CACHE/downloads/apt-$1.log"

	shift 2
	apt_suite "$suite"
	make_dir "$dir"
	run "downloading $* of $suite" "$log" \
		env -C "$dir" APT_CONFIG="$APT_SUITE_CONF" apt-get download \
		"${@/%//$suite}" || {
		tail -n 3 "$log" >&2
		die $EXIT_USAGE "cannot download $* of $suite (log: $log)"
	}
}
