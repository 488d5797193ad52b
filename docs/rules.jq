# SPDX-License-Identifier: GPL-2.0-only
#
# The catalogue as `pidnstrace rules --format json` prints it, as items of an
# mdoc(7) list. Text is the rules' own, and none of it may be taken for markup.

# A sentence begins on a new line; a line that begins with . or ' is no request.
def text:
	gsub("\\\\"; "\\e")
	| gsub("-(?=[->0-9])"; "\\-")
	| gsub("\\^"; "\\(ha") | gsub("~"; "\\(ti")
	| gsub("`"; "\\(ga") | gsub("\""; "\\(dq")
	| gsub("(?<name>[^ ]*([_(]|:[^ ])[^ ]*)"; "\\%\(.name)")	# not to be hyphenated
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
field("Limits"; .notes),
".El"
