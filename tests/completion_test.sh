#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Lets bash, zsh and fish complete a line with the files in O/completion, and checks
# the result: every option of every command and no other, the words for their
# arguments, files, and another program's command line after --.
. "${BASH_SOURCE%/*}/host.sh"
COMPLETION=${COMPLETION:-$B/completion}
declare -A PROGRAM=([pidnstrace]=$PIDNSTRACE [vmtest]=$VMTEST)

# A directory with something to complete
mkdir -p "$TMP/at/directory" "$TMP/bin" "$TMP/zsh"
: >"$TMP/at/trace.bin"
printf '#!/bin/sh\n' >"$TMP/bin/program-of-the-test"
chmod +x "$TMP/bin/program-of-the-test"
PATH=$TMP/bin:$PATH

# complete_SHELL: reads lines, and prints each with all of its completions in place of
# the last word. Readline and zle complete at the key ^T; ^X^P prints the line.
complete_bash()
{
	cat >"$TMP/bashrc" <<-EOF
		. /usr/share/bash-completion/bash_completion
		. '$COMPLETION/pidnstrace.bash'
		. '$COMPLETION/vmtest.bash'
		print() { printf '%s\n' "\$READLINE_LINE" >>'$TMP/lines'; READLINE_LINE=; }
		bind '"\C-t": insert-completions'
		bind -x '"\C-x\C-p": print'
	EOF
	sed 's/$/\x14\x18\x10/' | tr -d '\n' |
		TERM=dumb bash --noprofile --rcfile "$TMP/bashrc" -i
}

complete_zsh()
{
	local p

	for p in "${!PROGRAM[@]}"; do
		cp "$COMPLETION/$p.zsh" "$TMP/zsh/_$p"
	done
	cat >"$TMP/zsh/.zshrc" <<-EOF
		fpath=('$TMP/zsh' \$fpath)
		autoload -Uz compinit
		compinit -u -D
		insert-all() { _main_complete; compstate[insert]=all; compstate[list]=; }
		zle -C insert-all complete-word insert-all
		bindkey '^T' insert-all
		print-line() { print -r -- "\$BUFFER" >>'$TMP/lines'; BUFFER=; }
		zle -N print-line
		bindkey '^X^P' print-line
		leave() { exit; }
		zle -N leave
		bindkey '^X^E' leave
	EOF
	# zle needs a terminal.
	{ sed 's/$/\x14\x18\x10/' | tr -d '\n'; printf '\x18\x05'; } |
		ZDOTDIR=$TMP/zsh TERM=dumb script -qec 'zsh -d -i' /dev/null
}

complete_fish()
{
	local line

	while IFS= read -r line; do
		printf '%s %s\n' "${line% *}" "$(HOME=$TMP fish --no-config -c "
			source '$COMPLETION/${line%% *}.fish'
			complete -C \$argv[1]" -- "$line" | cut -f 1 | paste -sd ' ')"
	done >"$TMP/lines"
}

# words LINE COMPLETED: prints the words that replaced the last word of LINE, sorted.
# A trailing "=", "," or "/", which would be typed next, is ignored.
words()
{
	local line=$1 got=$2

	[ "${got% }" != "$line" ] || got=
	got=${got#"${line% *} "}
	tr -s ' ' '\n' <<<"$got" | sed 's/[=,/]$//' | in_order
}

# Prints the words of stdin, sorted, in one line
in_order()
{
	LC_ALL=C sort -u | sed '/^$/d' | paste -sd ' '
}

TYPED=() WANTED=()

# wanted LINE WORD...: records the expected completions of LINE's last word
wanted()
{
	TYPED+=("$1")
	shift
	WANTED+=("$(printf '%s\n' "$@" | in_order)")
}

# options COMMAND...: prints the long options in the command's --help
options()
{
	"$@" --help | sed -nE 's/^ +(-., )?--([a-z-]+).*/--\2/p'
}

for p in "${!PROGRAM[@]}"; do
	commands=$("${PROGRAM[$p]}" --help |
		sed -nE "s/^  ([a-z][a-z-]*) .*/\1/p; s/^\`$p ([a-z]+) .*/\1/p")
	# shellcheck disable=SC2086
	wanted "$p " $commands
	# shellcheck disable=SC2046
	wanted "$p --" $(options "${PROGRAM[$p]}")
	for c in $commands; do
		# shellcheck disable=SC2046
		wanted "$p $c --" $(options "${PROGRAM[$p]}" "$c")
	done
done

rules=$("${PROGRAM[pidnstrace]}" rules | grep -o '^I[0-9]*')
wanted 'pidnstrace ver' verify
wanted 'pidnstrace trace --trace=setns,re' --trace=setns,rewrite
wanted 'pidnstrace trace -e re' rewrite
wanted 'pidnstrace trace --format ' text json
wanted 'pidnstrace probe -f js' json
wanted 'pidnstrace trace --duration '
wanted 'pidnstrace trace --pin=d' --pin=directory
wanted 'pidnstrace trace -v -o tr' trace.bin
wanted 'pidnstrace verify --report=js' --report=json
wanted 'pidnstrace verify --report json=tr' json=trace.bin
wanted 'pidnstrace verify --report=json=tr' --report=json=trace.bin
wanted 'pidnstrace verify --semantics=mainl' --semantics=mainline
# shellcheck disable=SC2086
wanted 'pidnstrace verify --rules ' $rules
# shellcheck disable=SC2046
wanted 'pidnstrace replay --rules I2,I4' $(sed -n 's/^I4/I2,&/p' <<<"$rules")
wanted 'pidnstrace replay tr' trace.bin
# shellcheck disable=SC2046
wanted 'pidnstrace rules I4' $(grep '^I4' <<<"$rules")
wanted 'pidnstrace record -o x --semantics=join -- program-of-' program-of-the-test
wanted 'pidnstrace verify --report=text=x -v -- program-of-the-test tr' trace.bin
wanted 'pidnstrace trace -- program-of-the-test --everyo'
# shellcheck disable=SC2046
wanted 'vmtest --target ' $("${PROGRAM[vmtest]}" --list | awk '{ print $1 }')
wanted 'vmtest --accel=k' --accel=kvm
wanted 'vmtest --tests semantics,st' semantics,stress
wanted 'vmtest --mutants --only tgid-k' tgid-kept
wanted 'vmtest --add tr' trace.bin
wanted 'vmtest --ktap -- program-of-' program-of-the-test
wanted 'vmtest replay d' directory

for shell in bash zsh fish; do
	: >"$TMP/lines"
	printf '%s\n' "${TYPED[@]}" |
		(cd "$TMP/at" && "complete_$shell") >"$TMP/session" 2>&1
	mapfile -t got <"$TMP/lines"
	[ "${#got[@]}" = "${#TYPED[@]}" ]
	rc=$?
	cp "$TMP/session" "$LOG"
	tap $rc "$shell completes ${#TYPED[@]} lines"
	for i in "${!TYPED[@]}"; do
		have=$(words "${TYPED[i]}" "${got[i]-}")
		printf 'wanted: %s\nhave:   %s\n' "${WANTED[i]}" "$have" >"$LOG"
		check "$shell: ${TYPED[i]}" [ "$have" = "${WANTED[i]}" ]
	done
done

# An option whose argument is one of a few words, none of which completion/table.sh
# found in the message about a wrong argument
awk -F '\t' '$1 == "option" && $4 ~ /^(FORMAT|MODE|LIST)$/ && $5 == "free" {
	print FILENAME ": " $2 " " $3 "=" $4 " has no words"; bad = 1
} END { exit bad }' "$COMPLETION"/*.table >"$LOG"
tap $? 'every FORMAT, MODE and LIST has words'

tap_end
