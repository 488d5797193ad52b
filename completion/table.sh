#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# table.sh PROGRAM - prints the words that a command line of PROGRAM can have, taken from
# its --help and messages: a line for each, with fields separated by tabs, "-" for an empty
# field, and COMMAND "-" if the word needs no command:
#
#	command	NAME	-	-	-	-	TEXT
#	option	COMMAND	NAME,NAME	ARGUMENT	KIND	WORDS	TEXT
#	operand	COMMAND	-	ARGUMENT	KIND	WORDS	-
#
# KIND is none, free, file, dir, choice (one of WORDS), list (WORDS separated by commas),
# pair (one of WORDS, =, a file) or program (a program and its arguments, after --).
#
# Names and arguments are from --help. The words for an argument are from the message
# about a wrong argument: "not one of A, B", "not a list of A, B".
set -eu
program=$1
name=${program##*/}
here=${BASH_SOURCE%/*}

# help COMMAND: prints its --help, one option per line
help()
{
	local command=()

	[ "$1" = - ] || command=("$1")
	ARGP_HELP_FMT='rmargin=9999,opt-doc-col=60,no-dup-args-note' \
		"$program" "${command[@]}" --help
}

# Prints the commands: those that --help lists, or calls `PROGRAM COMMAND ARGUMENT'
commands()
{
	help - | sed -n "
		s/^  \([a-z][a-z-]*\)  *\(.*\)/\1\t\2/p
		s/^\`$name \([a-z][a-z]*\) [A-Z][A-Z]*' \([^;]*\).*/\1\t\2/p"
}

# words_of COMMAND OPTION: prints KIND and WORDS from the message about a wrong argument.
# The unknown option makes sure that the command does nothing else.
words_of()
{
	local command=()

	[ "$1" = - ] || command=("$1")
	{ "$program" "${command[@]}" "$2=?" --no-such-option || true; } 2>&1 </dev/null |
		sed -nE "/$2 \?: not /!d
			s/;.*//
			s/(,| and| or) / /g
			s/.*: not one of /choice\t/p
			s/.*: not a list of /list\t/p
			s/.*: not [A-Z]*=FILE with .* of /pair\t/p"
}

rules()
{
	"$program" rules | sed -n 's/^\(I[0-9]*\) .*/\1/p' | paste -sd ' '
}

# kind COMMAND NAME ARGUMENT: prints KIND and WORDS
kind()
{
	local words=

	case $name:$2:$3 in
	pidnstrace:*:ID)
		printf 'choice\t%s\n' "$(rules)"
		return ;;
	pidnstrace:--rules:*)
		printf 'list\t%s\n' "$(rules)"
		return ;;
	vmtest:--target:*)
		printf 'choice\t%s\n' "$("$program" --list | awk '{ print $1 }' | paste -sd ' ')"
		return ;;
	vmtest:--only:*)
		printf 'list\t%s\n' "$(awk '!/^#/ && NF { print $1 }' \
			"$here"/../tests/mutants/{mutants,history}.txt | sort -u | paste -sd ' ')"
		return ;;
	esac
	case $3 in
	-)	printf 'none\t-\n' ;;
	--)	printf 'program\t-\n' ;;
	FILE | 'FILE[:PATH]' | IMAGE | PAGE | NS)
		printf 'file\t-\n' ;;
	DIR)	printf 'dir\t-\n' ;;
	*\|*)	printf 'choice\t%s\n' "${3//|/ }" ;;
	*)
		[ "$2" = - ] || words=$(words_of "$1" "$2")
		printf '%s\n' "${words:-free	-}" ;;
	esac
}

list=$(commands)
[ -z "$list" ] || sed $'s/\t/\t-\t-\t-\t-\t/; s/^/command\t/' <<<"$list"
for command in - ${list:+$(cut -f 1 <<<"$list")}; do
	help "$command" | awk -v command="$command" -f "$here/help.awk" |
		while IFS=$'\t' read -r row command names argument text; do
			printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$row" "$command" \
				"$names" "$argument" \
				"$(kind "$command" "${names##*,}" "$argument")" "$text"
		done
done
