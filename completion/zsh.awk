# SPDX-License-Identifier: GPL-2.0-only
#
# Converts the output of table.sh to one function per command, for zsh.in. The function
# passes the options and operands of the command to zsh's _arguments.
# -v program=NAME is the prefix of the functions' names.
BEGIN {
	FS = "\t"
	print "#compdef " program
	print "# " program ": completion for zsh, generated from its --help."
	print ""
	all[n = 1] = "-"

	# The action of _arguments that completes an argument of each KIND
	action["free"] = " "
	action["file"] = "_files"
	action["dir"] = "_files -/"
	action["choice"] = "(%s)"
	action["list"] = "_" program "_list %s"
	action["pair"] = "_" program "_pair %s"
}

$1 == "command" {
	all[++n] = $2
	commands = commands sprintf("\t%s\n", quoted($2 ":" $7))
}

$1 == "operand" { specs[$2] = specs[$2] sprintf(" \\\n\t\t%s", operand($5, $4, $6)) }

$1 == "option" {
	k = split($3, name, ",")
	rest = "[" described($7) "]" argument($5, $4, $6)
	# An option is offered once, unless its help says that it may be repeated.
	repeated = $7 ~ /may be (given|repeated)/
	for (i = 1; i <= k; i++) {
		word = name[i]
		if ($5 != "none")
			word = word (word ~ /^--/ ? "=" : "+")
		before = repeated ? "*" : k > 1 ? "(" name[1] " " name[2] ")" : ""
		specs[$2] = specs[$2] sprintf(" \\\n\t\t%s", quoted(before word rest))
	}
}

END {
	printf "_%s_commands=(\n%s)\n", program, commands
	for (i = 1; i <= n; i++) {
		printf "\n_%s_%s()\n{\n", program, all[i]
		printf "\t_arguments -s -S \"$@\"%s\n}\n", specs[all[i]]
	}
	print ""
}

function quoted(s)
{
	gsub(/'/, "'\\''", s)
	return "'" s "'"
}

# Escapes the description of an option, which an _arguments spec has in [].
function described(s)
{
	gsub(/\[|\]|\\/, "\\\\&", s)
	return s
}

function argument(kind, what, words)
{
	gsub(/\[|\]|:|\\/, "\\\\&", what)
	return kind == "none" ? "" : ":" what ":" sprintf(action[kind], words)
}

function operand(kind, what, words)
{
	if (kind == "program")
		return "'*:command: '"
	return quoted("*" argument(kind, what, words))
}
