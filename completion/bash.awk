# SPDX-License-Identifier: GPL-2.0-only
#
# The table of -v program=NAME as bash's associative arrays, for bash.in:
# options[COMMAND], and argument[COMMAND NAME], which is KIND and WORDS.
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
	print "# " program ": completion for bash, made from what its --help says."
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
