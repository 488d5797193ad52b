# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The clients' stories, for the tests that compare them with the golden ones: packs
# the files for a guest that runs tests/clients/guest.sh, and turns its traces into
# text. Sourced in the top directory.

# shellcheck disable=SC2034 # for who sources this
CLIENTS=(unshare nsenter busybox bwrap runc crun nspawn)
PROGRAMS=(bwrap runc crun systemd-nspawn)
GOLDEN=tests/golden/clients

# Ends with 2 if a client is not installed
stories_check()
{
	local program
	for program in "${PROGRAMS[@]}"; do
		command -v "$program" >/dev/null || {
			echo "$program is not in PATH: ./deps.sh installs it" >&2
			exit 2
		}
	done
}

# Sets ADD: vmtest's options that pack the clients and their steps
stories_add()
{
	local file
	ADD=()
	for file in "${PROGRAMS[@]}"; do
		ADD+=(--add "$(command -v "$file"):/usr/bin/$file")
	done
	for file in tests/clients/*; do
		ADD+=(--add "$file:/clients/${file##*/}")
	done
}

# stories_unpack OUTPUT DIR: unpacks a guest's output, a sequence of archives
stories_unpack()
{
	mkdir -p "$2" && tar -x --ignore-zeros -f "$1" -C "$2"
}

# story PREFIX: prints the story of PREFIX.trace and PREFIX.steps, as JSON
story()
{
	jq -n --slurpfile trace "$1.trace" --rawfile steps "$1.steps" \
		-f tests/clients/story.jq
}

# text: formats a story like the golden files
text()
{
	jq -r '"# SPDX-License-Identifier: GPL-2.0-only",
		(.[] | "", "== \(.name): \(.command)", (.said[] | "| " + .),
		.lines[], "exit status \(.status)")'
}

# write_story PREFIX: writes the story of PREFIX.trace, as PREFIX.json and PREFIX.txt
write_story()
{
	story "$1" >"$1.json" && text <"$1.json" >"$1.txt"
}

# golden CLIENT CONFIGURATION: prints the name of its golden file
golden()
{
	if [ -e "$GOLDEN/$1.$2.txt" ]; then
		echo "$GOLDEN/$1.$2.txt"
	else
		echo "$GOLDEN/$1.txt"
	fi
}
