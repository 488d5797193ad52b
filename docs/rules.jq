# SPDX-License-Identifier: GPL-2.0-only
#
# Converts the catalogue printed by `pidnstrace rules --format json` to the items of an
# mdoc(7) list. The texts of the rules are escaped, so that roff takes none for markup.

# Begins each sentence on a new line, and protects a leading . or ' from roff.
def text:
	gsub("\\\\"; "\\e")
	| gsub("-(?=[->0-9])"; "\\-")
	| gsub("\\^"; "\\(ha") | gsub("~"; "\\(ti")
	| gsub("`"; "\\(ga") | gsub("\""; "\\(dq")
	| gsub("(?<name>[^ ]*([_(]|:[^ ])[^ ]*)"; "\\%\(.name)")	# no hyphenation
	| gsub("\\. (?=[A-Z])"; ".\n")
	| split("\n") | map(if test("^[.']") then "\\&" + . else . end)
	| join("\n");

def field($name; $value):
	if $value == "" then empty else ".It \($name)", ($value | text) end;

".It Cm \(.id)",
(.statement | text),
".Bl -tag -width Limits -compact",
field("Why"; .why),
field("Where"; .where | gsub(" "; ", ")),
field("Needs"; .hooks | join(", ")),
field("Keep"; .keep_hooks | join(", ")),
field("Limits"; .notes),
".El"
