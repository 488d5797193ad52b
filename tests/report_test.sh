#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Opens pages of `pidnstrace report' in a browser: they must show what `replay' prints
# of the same trace, log nothing on the console, load nothing from the network, and be
# readable in light and dark mode. Pages with an error must be refused, or the checks
# would prove nothing. FILES may name more traces.
. "${BASH_SOURCE%/*}/host.sh"
MAKE=$B/unit/page_make
BROWSER=${CHROMIUM:-$(command -v chromium)} || {
	echo "no chromium: apt-get install chromium, or CHROMIUM=PROGRAM" >&2
	exit 2
}
DOM=$TMP/dom.html CONSOLE=$TMP/console NET=$TMP/net.json

# chromium PAGE#ADDRESS OPTION...: runs it headless, with the network switched off
chromium()
{
	local page=$1

	shift
	rm -rf "$TMP/profile"
	timeout -k 5 120 "$BROWSER" --headless --no-sandbox --disable-gpu \
		--disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --hide-scrollbars \
		--host-resolver-rules='MAP * ~NOTFOUND' --window-size=1200,700 \
		--user-data-dir="$TMP/profile" --log-net-log="$NET" \
		--enable-logging=stderr "$@" "file://$page" 2>"$CONSOLE" </dev/null
}

# browse PAGE#ADDRESS [OPTION]...: dumps the document after all scripts have run
browse()
{
	chromium "$@" --dump-dom >"$TMP/dumped"
	# Drops the page's data and scripts, whose text would match, too.
	sed '/^<script/,/^<\/script>/d' "$TMP/dumped" >"$DOM"
	grep -q '<p id="shown">.' "$DOM" || {
		echo "the page was not drawn" >"$LOG"
		return 1
	}
}

# Tests for an empty console and no requests, but the browser's own, without an origin.
quiet()
{
	! grep -h ':CONSOLE' "$CONSOLE" >"$LOG" &&
		jq -e '[.events[].params | objects |
			select(.url and .initiator and .initiator != "not an origin") |
			.url] | unique | if . == [] then true else error(join(" ")) end' \
			"$NET" >"$LOG" 2>&1
}

x()
{
	xmllint --html --xpath "$1" "$DOM" 2>/dev/null
}

# same WHAT HAVE WANT: compares two texts
same()
{
	[ "$2" = "$3" ] || printf '%s: "%s", not "%s"\n' "$1" "$2" "$3" >"$LOG"
	[ "$2" = "$3" ]
}

page()
{
	"$PIDNSTRACE" report "$@" >"$LOG" 2>&1
}

# Prints "INUM PARENT" of each lane, from the nesting of the elements
lanes_shown()
{
	python3 - "$DOM" <<-'EOP' | sort
	import sys
	from html.parser import HTMLParser
	class Lanes(HTMLParser):
	    inside = ["0"]
	    def handle_starttag(self, tag, attrs):
	        if tag == "section":
	            inum = dict(attrs)["data-inum"]
	            print(inum, self.inside[-1])
	            self.inside.append(inum)
	    def handle_endtag(self, tag):
	        if tag == "section":
	            self.inside.pop()
	Lanes().feed(open(sys.argv[1]).read())
	EOP
}

# Prints the same from the records: namespaces created in the trace, or seen in numbers
lanes_recorded()
{
	{
		"$PIDNSTRACE" replay --print --format json -a "$1"
		"$PIDNSTRACE" replay --print --format json -a -e all "$1"
	} | jq -rs '
		def named: select(.text) | .text |
			capture("\\(pid:\\[(?<i>\\d+)\\]\\): in pid:\\[(?<p>\\d+)\\]") |
			"\(.i) \(.p)";
		def inum: split(" ")[0];
		[.[] | select(.op == "pidns_new") | named] as $made |
		([$made[] | inum] | unique) as $known |
		[.[] | (.child_numbers, .numbers, .before, .after) | arrays |
			[0, .[].ns] as $ns |
			range(1; $ns | length) | "\($ns[.]) \($ns[. - 1])"] +
		[.[] | select(.op == "pidns_free" or .op == "zap_enter") | named] |
		map(select(inum as $i | $known | index($i) | not)) |
		unique + $made | .[]' | sort
}

# Prints a record that a user looks at: the first setns, else the first exec
record_of()
{
	"$PIDNSTRACE" replay --print -a -e all "$1" |
		awk '/ setns_exit = /{ print; found = 1; exit }
		     / exec: / && !first { first = $0 }
		     END { if (!found) print first }'
}

# near NUMBER: prints the address of a view around a record, with separate marks
near()
{
	echo "everyone=1&axis=order&from=$(($1 > 20 ? $1 - 20 : 1))&to=$(($1 + 20))"
}

# shown NAME TRACE: checks a page as any trace must have it
shown()
{
	local name=$1 trace=$2 html=$TMP/page.html line n rc=0

	rm -f "$html" "$DOM"
	page "$trace" -o "$html" || rc=$?
	# The trace of a guest that panicked may be truncated (status 3).
	[ $rc -eq 0 ] || [ $rc -eq 3 ]
	tap $? "$name: a page is made"
	[ -s "$html" ] || return
	line=$(record_of "$trace")
	n=$(sed 's/.* #\([0-9]*\) [0-9.]* cpu.*/\1/' <<<"$line")
	check "$name: it is drawn" browse "$html#$(near "$n")&do=hover:$n"
	check "$name: nothing on the console, nothing from the network" quiet
	lanes_shown >"$TMP/shown"
	lanes_recorded "$trace" >"$TMP/recorded"
	diff "$TMP/recorded" "$TMP/shown" >"$LOG" && [ -s "$TMP/recorded" ]
	tap $? "$name: $(wc -l <"$TMP/recorded") lanes, nested as the records say"
	same tooltip "$(x 'string(//*[@id="tip"]/p[@class="raw"])')" "$line"
	tap $? "$name: record $n under the pointer is shown as \`replay' prints it"
	same verdict "$(x 'string(//*[@id="verdict"])')" \
		"$("$PIDNSTRACE" replay "$trace" --report json | jq -r .verdict)"
	tap $? "$name: the verdict is that of \`replay'"
	same rules "$(x '//*[@id="violations"]//li/button/text()')" \
		"$("$PIDNSTRACE" replay "$trace" --report json |
			jq -r '.violations[].rule')"
	tap $? "$name: the rules violated are those of \`replay'"
}

wide()
{
	x 'string(//*[@id="view"]/@data-to - //*[@id="view"]/@data-from)'
}

# less A B: tests that A is less than B
less()
{
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }' && return
	echo "$1 is not less than $2" >"$LOG"
	return 1
}

for scene in nested guilty lossy; do
	check "$scene: a trace" "$MAKE" $scene "$TMP/$scene.bin"
	shown $scene "$TMP/$scene.bin"
	page "$TMP/$scene.bin" -o "$TMP/$scene.html"
done

# --- actions of a user ---

nested=$TMP/nested.html guilty=$TMP/guilty.html
browse "$nested"
all=$(wide)
browse "$nested#do=key:%2B"
check 'the key + zooms in' less "$(wide)" "$all"
browse "$nested#do=wheel:-200"
check 'the wheel zooms in' less "$(wide)" "$all"
browse "$nested#do=wheel:-200,key:-,key:ArrowRight,key:0"
check 'the key 0 shows all again' same 'part in view' "$(wide)" "$all"
check 'without a word' quiet
n=$("$PIDNSTRACE" replay --print -e all "$TMP/nested.bin" |
	sed -n 's/.* #\([0-9]*\) .* setns_exit = -1.*/\1/p')
browse "$nested#$(near "$n")&do=hover:$n"
same tooltip "$(x 'string(//*[@id="tip"]/b)')" \
	"$("$PIDNSTRACE" replay --print -e setns "$TMP/nested.bin" |
		sed -n 's/^[0-9.]* \(.* = -1 EPERM.*\)/\1/p')"
tap $? 'a setns has its fd, flags and result in words'
n=$("$PIDNSTRACE" replay --print -e all "$TMP/nested.bin" |
	sed -n '0,/ setns_exit = 0/s/.* #\([0-9]*\) .* setns_exit = 0.*/\1/p')
browse "$nested#$(near "$n")&do=click:$n"
same numbers "$(x '//*[@id="tip"]/p/text()' | grep '^after: ')" \
	'after: 104 in pid:[4026531836], 3 in pid:[4026531837]'
tap $? 'a join has the numbers at every level'
browse "$nested#$(near "$n")&do=click:$n,key:."
less "$n" "$(x 'string(//*[@id="tip"]/p[@class="raw"])' |
	sed 's/.* #\([0-9]*\) [0-9.]* cpu.*/\1/')"
tap $? 'the key . goes to the next record'
browse "$nested#do=find:nsenter"
same found "$(x 'count(//*[@id="found"]/li[@role="option"])')" \
	"$("$PIDNSTRACE" replay --print --format json "$TMP/nested.bin" |
		jq -s 'map(select(.op == "exec" and .now == "nsenter")) | length')"
tap $? 'tasks are found by name'
browse "$nested#do=find:107"
same found "$(x 'string(//*[@id="found"]/li/text())')" \
	'"bad\x0a\x80 \x22comm"[107,6,2]'
tap $? 'and by a number that they had once'

# lane ADDRESS: prints the size of the one lane, which has a row for each shown task
lane()
{
	browse "$TMP/stranger.html#$1"
	x 'string(//section/@style)'
}

"$MAKE" stranger "$TMP/stranger.bin" && page "$TMP/stranger.bin" -o "$TMP/stranger.html"
few=$(lane '') all=$(lane everyone=1) twice=do=press:everyone,press:everyone
[ -n "$few" ] && [ "$few" != "$all" ]
tap $? 'a task that the command did not start is hidden'
check 'a button shows everyone' same size "$(lane do=press:everyone)" "$all"
check 'and hides them again' same size "$(lane $twice)" "$few"
check 'a search shows a task that was hidden again' \
	same size "$(lane $twice,go_to:stranger)" "$all"

browse "$guilty#do=key:v"
x 'string(//*[@id="tip"]/p[@class="bad"])' | tee "$LOG" | grep -q '^I14 violated: '
tap $? 'the key v goes to a violation, and it is explained'

# tip_record ADDRESS: prints the number of the record whose text a user then sees
tip_record()
{
	browse "$leaky#do=$1" || return
	x '//*[@id="tip"][not(@hidden)]/p/text()' | sed -n 's/^record \([0-9]*\), .*/\1/p'
}

# times N WORD: prints WORD N times, with commas
times()
{
	local i all=''

	for ((i = 0; i < $1; i++)); do
		all+=,$2
	done
	echo "${all#,}"
}

# named: prints the numbers of the records that the text of replay names, in order. Its
# text has one leak of two; the other is that of a namespace.
named()
{
	"$PIDNSTRACE" replay "$TMP/leaky.bin" |
		grep '^  struct ' | grep -oE '(record|[a-z_]+[(][)]) [0-9]+' |
		grep -oE '[0-9]+'
	"$PIDNSTRACE" export --format json "$TMP/leaky.bin" | jq -r '
		select(.record == "pidns_new" or .record == "zap_enter" or
			.record == "zap_exit") | .index'
}

check 'leaky: a trace' "$MAKE" leaky "$TMP/leaky.bin"
shown leaky "$TMP/leaky.bin"
page "$TMP/leaky.bin" -o "$TMP/leaky.html"
leaky=$TMP/leaky.html
mapfile -t records < <(named | sort -n)
same 'records named' ${#records[@]} 6
tap $? "what is leaked names the records ${records[*]}"
for ((i = 0; i < ${#records[@]}; i++)); do
	same record "$(tip_record "$(times $((i + 1)) key:v)")" "${records[i]}"
	tap $? "the key v leads to record ${records[i]}, which belongs to no task"
	same record "$(tip_record "$(times $((i + 1)) press:rule_I38)")" "${records[i]}"
	tap $? "and so does the rule's button"
	check 'without a word' quiet
done
same record "$(tip_record key:V)" "${records[-1]}"
tap $? 'the key V leads to the last one'
same record "$(tip_record key:v,key:v,key:V)" "${records[0]}"
tap $? 'and back'
browse "$leaky#do=hover:${records[0]}"
x 'string(//*[@id="tip"]/p[@class="bad"])' | tee "$LOG" |
	grep -q "^I38 violated: number 101 .* a reference is left (found at the end of the trace; see also record ${records[1]}, ${records[2]})\$"
tap $? 'its mark is in the lane of the namespace, and says what was found'
x '//*[@id="legend"]/li[@class="violation"][not(@hidden)]' | tee "$LOG" | grep -q violation
tap $? 'the legend has the mark'
"$PIDNSTRACE" report - -o "$TMP/piped.html" --title "$leaky" <"$TMP/leaky.bin" &&
	"$PIDNSTRACE" report "$TMP/leaky.bin" -o "$TMP/named.html" --title "$leaky" &&
	diff <(sed 's/"file":"[^"]*"//' "$TMP/piped.html") \
		<(sed 's/"file":"[^"]*"//' "$TMP/named.html") >"$LOG"
tap $? 'the page of a trace that can be read only once is the same'

browse "$TMP/lossy.html"
same lost "$(x '//*[@id="facts"]/div[dt="lost"]/dd/text()')" \
	"$("$PIDNSTRACE" replay "$TMP/lossy.bin" --report json | jq .lost.ring)"
tap $? 'lost records are shown'
same started "$(x '//*[@id="facts"]/div[dt="started"]/dd/text()')" \
	'2023-11-14 22:13:20 UTC by its clock'
tap $? 'the start is by the clock of the traced machine'
check 'there is a word for who has no JavaScript' grep -q '<noscript><p>' "$TMP/dumped"

# --- damaged and large traces ---

head -c -1000 "$TMP/guilty.bin" >"$TMP/cut.bin"
says 'a trace that is cut short: status 3, and why' 3 'cut short' \
	"$PIDNSTRACE" report "$TMP/cut.bin" -o "$TMP/cut.html"
check 'it has a page' browse "$TMP/cut.html"
x 'string(//*[@id="notes"])' | tee "$LOG" | grep -q 'damaged or cut short'
tap $? 'which says so'
check 'and is whole' quiet
"$MAKE" crowded "$TMP/crowded.bin" 100000 >"$LOG" 2>&1 &&
	page --all "$TMP/crowded.bin" -o "$TMP/crowded.html"
tap $? '100,000 records on one page'
check 'that has less than 15 MB' less "$(stat -c %s "$TMP/crowded.html")" 15000000
check 'and is drawn' browse "$TMP/crowded.html"
less 99999 "$(x '//*[@id="facts"]/div[dt="drawn"]/dd/text()' | tr -cd 0-9)"
tap $? 'with all of them'
check 'without a word' quiet

# --- light and dark ---

# picture THEME(0: dark) FILE: prints "COLOURS LIGHTNESS MARKS"; MARKS counts the
# pixels in the colours of joins and violations
picture()
{
	chromium "$guilty#axis=order" --blink-settings=preferredColorScheme="$1" \
		--window-size=800,500 --screenshot="$2" >"$LOG" 2>&1
	python3 - "$2" <<-'EOP'
	import struct, sys, zlib
	data, at, idat = open(sys.argv[1], "rb").read(), 8, b""
	while at < len(data):
	    size, kind = struct.unpack(">I4s", data[at:at + 8])
	    body = data[at + 8:at + 8 + size]
	    if kind == b"IHDR":
	        width, height, depth, colour = struct.unpack(">IIBB", body[:10])
	    idat += body if kind == b"IDAT" else b""
	    at += size + 12
	n = {2: 3, 6: 4}[colour]
	raw, stride, before = zlib.decompress(idat), width * n, bytes(width * n)
	pixels = []
	for y in range(height):
	    how, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:][:stride])
	    for i in range(stride):
	        a = line[i - n] if i >= n else 0
	        b, c = before[i], before[i - n] if i >= n else 0
	        p = a + b - c
	        paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
	        line[i] = (line[i] + [0, a, b, (a + b) // 2, paeth][how]) & 255
	    pixels += [tuple(line[i:i + 3]) for i in range(0, stride, n)]
	    before = line
	marks = {(0x8f, 0x36, 0x70), (0xe4, 0x9c, 0xc9), (0xc2, 0x41, 0x0c), (0xff, 0x9a, 0x66)}
	print(len(set(pixels)), sum(map(sum, pixels)) // len(pixels) // 3,
	      sum(p in marks for p in pixels))
	EOP
}

read -r colours light marks < <(picture 1 "$TMP/light.png")
[ "$colours" -gt 50 ] && [ "$light" -gt 190 ] && [ "$marks" -gt 100 ]
tap $? "in light: $colours colours, lightness $light, $marks pixels of marks"
read -r colours light marks < <(picture 0 "$TMP/dark.png")
[ "$colours" -gt 50 ] && [ "$light" -lt 70 ] && [ "$marks" -gt 100 ]
tap $? "in dark: $colours colours, lightness $light, $marks pixels of marks"
check 'without a word' quiet

# Checks the contrast with every background: text 4.5 : 1, marks 3 : 1 (WCAG 1.4.3,
# 1.4.11)
python3 - loader/page/page.css >"$LOG" <<-'EOP'
	import re, sys
	css, bad = open(sys.argv[1]).read(), 0
	def light(colour):
	    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
	    r, g, b = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
	    return 0.2126 * r + 0.7152 * g + 0.0722 * b
	pair = r"light-dark\((#\w{6}), (#\w{6})\)"
	named = {m[1]: m.groups()[1:] for m in re.finditer(r"--(\w+): " + pair, css)}
	marks = [(m[1], m.groups()[1:]) for m in re.finditer(r"\.(\w+) \{ --mark: " + pair, css)]
	text = [(n, named[n]) for n in ("text", "muted", "good", "bad")]
	grounds = [n for n in named if n in ("back", "raised") or n.startswith("lane")]
	assert len(marks) > 10 and len(grounds) == 6
	for least, colours in ((4.5, text), (3, marks)):
	    for name, colour in colours:
	        for ground in grounds:
	            for theme in (0, 1):
	                a, b = light(colour[theme]), light(named[ground][theme])
	                ratio = (max(a, b) + 0.05) / (min(a, b) + 0.05)
	                if ratio < least:
	                    print(f"{name} on {ground}, {('light', 'dark')[theme]}: {ratio:.2f}")
	                    bad = 1
	sys.exit(bad)
EOP
tap $? 'text and marks differ enough from their background'

# --- broken pages are noticed ---

# refused NAME WORDS: checks that a page with WORDS appended is not quiet
refused()
{
	{ cat "$nested"; echo "$2"; } >"$TMP/bad.html"
	browse "$TMP/bad.html"
	check "$1 is noticed" not quiet
}

refused 'a warning' '<script>console.warn("hm")</script>'
refused 'an exception' '<script>none.such()</script>'
refused 'a picture from elsewhere' '<img src="https://example.org/x.png">'
sed 's/<meta http-equiv="Content-Security-Policy"[^>]*>//' "$nested" >"$TMP/open.html"
nested=$TMP/open.html
refused 'the same, without a policy' '<img src="https://example.org/x.png">'
sed 's/"ns":\[\[/"ns":[[1,-1,0,0,-1,-1,-1,1],[/' "$TMP/nested.html" >"$TMP/bad.html"
browse "$TMP/bad.html#everyone=1"
lanes_shown >"$TMP/shown"
lanes_recorded "$TMP/nested.bin" >"$TMP/recorded"
check 'a lane too many is noticed' not cmp -s "$TMP/shown" "$TMP/recorded"

for trace in ${FILES:-}; do
	name=${trace%/*}
	shown "${name##*/}" "$trace"
done

tap_end
