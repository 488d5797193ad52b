# SPDX-License-Identifier: GPL-2.0-only
#
# The table of -v program=NAME as fish's complete commands, for fish.in.
BEGIN {
	FS = "\t"
	print "# " program ": completion for fish, generated from its --help."
	print ""
	print "complete -c " program " -f"

	# How to say what an argument can be, of each KIND
	value["free"] = " -x"
	value["file"] = " -r -F"
	value["dir"] = " -x -a '(__fish_complete_directories)'"
	value["choice"] = " -x -a '%s'"
	value["list"] = " -x -a '(__fish_append , %s)'"
	value["pair"] = " -x -a '(__" program "_pair %s)'"
}

$1 == "command" {
	commands = commands " " $2
	line("-n '__" program "_in -' -a " $2, $7)
}

$1 == "operand" && $5 != "program" {
	line("-n '__" program "_in " $2 "'" sprintf(value[$5], $6))
}

$1 == "option" {
	n = split($3, name, ",")
	names = ""
	for (i = 1; i <= n; i++) {
		if (name[i] ~ /^--/)
			names = names " -l " substr(name[i], 3)
		else
			names = names " -s '" substr(name[i], 2) "'"
	}
	line("-n '__" program "_in " $2 "'" names sprintf(value[$5], $6), $7)
}

END {
	printf "\nset -g __%s_commands%s\n\n", program, commands
}

function line(what, text)
{
	if (text != "") {
		gsub(/[\\']/, "\\\\&", text)
		what = what " -d '" text "'"
	}
	print "complete -c " program " " what
}
