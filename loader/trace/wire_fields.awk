# SPDX-License-Identifier: GPL-2.0-only
#
# Makes the tables of fields in fields.c from the structs of bpf/wire_parts.h, bpf/wire.h
# and bpf/wire_meta.h. The kind of a field follows from its type and name: wire_addr is an address,
# char[] a string, "args" strings one
# after the other, "stack" a stack, "reserved" is padding. An array without a length
# (upid[]) is left out.
#
# Bad at: C. A field is one line, "TYPE NAME;" or "TYPE NAME[LENGTH];", with at most a
# comment after it; anything else in a struct ends the build.

/^struct wire_[a-z_]+ \{$/ {
	name = $2
	sub(/^wire_/, "", name)
	start = name == "hdr" ? "0" : ""
	print_begin = 1
	next
}
!name { next }
/^\};$/ {
	print "END(" name ")"
	name = ""
	next
}
in_comment || /^\t+\/\*/ || /^\t+ \*/ {
	in_comment = !/\*\//
	next
}
/^\tstruct wire_hdr hdr;$/ {
	print "BEGIN(" name ", sizeof(struct wire_hdr))"
	print_begin = 0
	next
}
/^$/ { next }
{
	if (print_begin)
		print "BEGIN(" name ", 0)"
	print_begin = 0
	line = $0
	sub(/;.*/, "", line)
	in_comment = /\/\*/ && !/\*\//
	n = split(line, word, /[ \t]+/)
	field = word[n]
	type = word[n - 1]
	if (field ~ /\[\]$/)
		next
	sub(/\[.*/, "", field)
	if ($0 !~ /;/ || field !~ /^[a-z0-9_]+$/) {
		printf "%s:%d: not a field: %s\n", FILENAME, FNR, $0 >"/dev/stderr"
		exit 1
	}
	if (field ~ /reserved$/)
		kind = "RESERVED"
	else if (type == "wire_addr")
		kind = field == "stack" ? "STACK" : "HEX"
	else if (type == "char")
		kind = field == "args" ? "STRINGS" : "CHARS"
	else if (type ~ /^wire_/)
		kind = "STRUCT"
	else
		kind = "NUMBER"
	of = type
	sub(/^wire_/, "", of)
	print "\t" kind "(wire_" name ", " field (kind == "STRUCT" ? ", " of : "") ")"
}
