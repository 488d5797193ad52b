# SPDX-License-Identifier: GPL-2.0-only
#
# Converts the output of table.sh to the associative arrays that bash.in reads:
# options[COMMAND] lists the options of a command, and argument[COMMAND NAME] has KIND
# and WORDS of the argument of an option NAME, or of the "operand".
# -v program=NAME is the prefix of the arrays' names.
BEGIN { FS = "\t" }

$1 == "command" { commands = commands " " $2 }

$1 == "operand" { argument[$2 " operand"] = $5 " " $6 }

$1 == "option" {
	n = split($3, name, ",")
	for (i = 1; i <= n; i++) {
		word = name[i]
		if ($5 != "none") {
			argument[$2 " " word] = $5 ($6 == "-" ? "" : " " $6)
			if (word ~ /^--/)
				word = word "="
		}
		options[$2] = options[$2] " " word
	}
}

END {
	print "# " program ": completion for bash, generated from its --help."
	print ""
	printf "_%s_commands='%s'\n", program, substr(commands, 2)
	array("options", options)
	array("argument", argument)
	print ""
}

function array(name, a,    key, sort)
{
	printf "declare -gA _%s_%s=(\n", program, name
	sort = "LC_ALL=C sort"
	for (key in a)
		printf "\t[%s]='%s'\n", key, a[key] | sort
	close(sort)
	print ")"
}
