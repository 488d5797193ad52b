# SPDX-License-Identifier: GPL-2.0-only
#
# Parses the --help that argp prints for a command (-v command=NAME), formatted with one
# option per line. Prints rows of tab-separated fields, to which table.sh adds columns.
BEGIN { OFS = "\t" }

# Usage: PROGRAM COMMAND [OPTION...] FILE. A required option stands before the operand:
# [OPTION...] --format FORMAT FILE
/^Usage: / && !/ COMMAND \[OPTION/ && /\[OPTION\.\.\.\] ./ {
	sub(/.*\[OPTION\.\.\.\] (--[a-z]+ [A-Z]+ )*/, "")
	operand = /^\[-- / ? "--" : $1
	gsub(/[][.]/, "", operand)
	print "operand", command, "-", operand, "-"
}

#   -e, --trace=LIST       what to show
/^ +-/ {
	sub(/^ +/, "")
	head = $0
	text = "-"
	if (match($0, /  +/)) {
		head = substr($0, 1, RSTART - 1)
		text = substr($0, RSTART + RLENGTH)
	}
	argument = "-"
	n = split(head, name, /, /)
	for (i = 1; i <= n; i++) {
		# An optional argument, as in --gdb[=SCRIPT], is not completed.
		sub(/\[=.*/, "", name[i])
		if (match(name[i], /[= ]/)) {
			argument = substr(name[i], RSTART + 1)
			name[i] = substr(name[i], 1, RSTART - 1)
		}
		names = i == 1 ? name[i] : names "," name[i]
	}
	print "option", command, names, argument, text
}
