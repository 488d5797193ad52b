# SPDX-License-Identifier: GPL-2.0-only
#
# What argp's --help of a command says (-v command=NAME), an option in one line
# of it: fields with a tab between them, see table.sh.
BEGIN { OFS = "\t" }

# Usage: PROGRAM COMMAND [OPTION...] FILE, maybe with an option before it that
# must be given
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
		# One that may be left out is left out.
		sub(/\[=.*/, "", name[i])
		if (match(name[i], /[= ]/)) {
			argument = substr(name[i], RSTART + 1)
			name[i] = substr(name[i], 1, RSTART - 1)
		}
		names = i == 1 ? name[i] : names "," name[i]
	}
	print "option", command, names, argument, text
}
