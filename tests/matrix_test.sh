#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests make matrix, with a fake vmtest and kernels that take no time: each fault
# fails the matrix, values that vary from run to run do not, rows are kept until an
# input changes, and the page has the right rows. No guest is booted.
. "${BASH_SOURCE%/*}/host.sh"
TOP=$TMP/top
PAGE=$TOP/docs/kernels.md
export TOP

# --- a tree with a vmtest that writes a guest's files ------------------------

mkdir -p "$TOP"/{kernel,docs,tests/golden/clients,vmtest/allow,build/{vmtest,guest,bugs}}
cp -r tests/matrix tests/clients tests/bugs "$TOP/tests/"
rm "$TOP"/tests/bugs/*.c
touch "$TOP"/{tests/bugs/leak.c,build/bugs/leak} "$TOP"/build/guest/{init,semantics,purposes,stress} "$TOP/vmtest/splats" \
	"$TOP/vmtest/allow/all"
cp kernel/targets "$TOP/kernel/"
awk '!/^\| stock-/' docs/kernels.md >"$PAGE"

cat >"$TOP/kernel/build.sh" <<'END'
#!/bin/sh
echo "/kernels/$(cat "$TOP/kernel/key" 2>/dev/null)/vmlinux"
END
cat >"$TOP/build/pidnstrace" <<'END'
#!/bin/sh
echo '{ "id": "I1" } { "id": "I2" } { "id": "I3" }'
END
cat >"$TOP/build/qemu" <<'END'
#!/bin/sh
echo QEMU
END

# Files in $TOP/spoil are jq filters for the output of the fake vmtest (tests,
# clients, verdict, probe), lines for the trace of runc (trace), facts of the guest
# (facts/NAME), or a reproducer's exit status and last words (bug).
cat >"$TOP/build/vmtest/vmtest" <<'END'
#!/bin/bash
cpus=2 model='' seeds=1 what=clients
while [ $# -gt 0 ]; do
	case $1 in
	--out)		out=$2; shift ;;
	--target)	kernel=$2; shift ;;
	--cpus)		cpus=$2; shift ;;
	--append)	model=${2#preempt=}; shift ;;
	--seed)		seeds=${2#1..} what=tests; shift ;;
	--)		break ;;
	esac
	shift
done
[[ $2 != */bugs/* ]] || what=bug
echo "$kernel ${model:--} $cpus $what" >>"$TOP/calls"

# reproduce STATUS WORD...: prints what vmtest prints of a reproducer
reproduce()
{
	mkdir -p "$out/$kernel-1"
	echo "leak: ${*:2}" >"$out/$kernel-1/output"
	case $1 in
	0)	echo "$kernel  PASS  0 ok" ;;
	[12])	echo "vmtest: FAIL: leak ended with exit status $1 (see output)" ;;
	esac
}

if [ $what = bug ]; then
	read -ra words < <(cat "$TOP/spoil/bug" 2>/dev/null || echo 0 it leaks)
	reproduce "${words[@]}"
	exit
fi

spoilt()
{
	jq -c "$(cat "$TOP/spoil/$1" 2>/dev/null || echo .)"
}

for ((seed = 1; seed <= seeds; seed++)); do
	mkdir -p "$out/$kernel-$seed"
	jq -n '{ hooks: [{ name: "fentry:put_pid", hits: 5 }], rules: [
		{ id: "I1", state: "ok" }, { id: "I2", state: "not-applicable" },
		{ id: "I3", state: "not-exercised" }] }' | spoilt verdict \
		>"$out/$kernel-$seed/verify.json"
done
jq -n --argjson seeds "$seeds" '{ targets: [{ results: [range($seeds) | { seed: (. + 1),
	verdict: "PASS", reason: "", tests: { ok: 62, not_ok: 0, skip: 0 },
	events: (now * 1000 | floor % 1000), lost: 0, violations: [] }] }] }' |
	spoilt $what >"$out/summary.json"
[ $what = clients ] || exit 0

guest=$(mktemp -d)
mkdir "$guest/facts" "$guest/1"
echo "9.9.$RANDOM-cloud-amd64" >"$guest/facts/release"
echo "$cpus" >"$guest/facts/cpus"
active=${model:-full}
echo 'none full lazy ' | sed "s/$active/($active)/" >"$guest/facts/preempt"
jq -n --arg active "$active" '{ preemption: $active, way: "fentry", copies: 1, hooks: [
	{ name: "fentry:put_pid", attached: true, fired: false, why: "no", way: "fentry" },
	{ name: "iter:task", attached: true, fired: true, why: "", way: "iter" },
	{ name: "fexit:alloc_pid", attached: true, fired: true, why: "", way: "fentry",
	  partial: true },
	{ name: "tp_btf:pid_rewrite", attached: false, fired: false, why: "not there",
	  way: "none" }] }' |
	spoilt probe >"$guest/facts/probe.json"
cp "$TOP"/spoil/facts/* "$guest/facts/" 2>/dev/null
. tests/clients/stories.sh
for client in "${CLIENTS[@]}"; do
	printf '%s\n' \
		'{"op":"fork","comm":"pidnstrace","tgid":50,"child":60,"child_numbers":[{"nr":60,"ns":1}]}' \
		'{"op":"fork","comm":"sh","tgid":60,"child":61,"child_numbers":[{"nr":61,"ns":1}]}' \
		'{"op":"exit","comm":"true","pid":61,"tgid":61,"code":0,"signal":0}' \
		>"$guest/1/$client.trace"
	[ "$client" != runc ] || cat "$TOP/spoil/trace" >>"$guest/1/runc.trace" 2>/dev/null
	printf 'one\t61\t0\ttrue\n' >"$guest/1/$client.steps"
done
tar -C "$guest" -cf "$out/$kernel-1/output" facts 1
rm -r -- "$guest"
END
chmod +x "$TOP"/kernel/build.sh "$TOP"/build/{pidnstrace,qemu,vmtest/vmtest}

. tests/clients/stories.sh
for client in "${CLIENTS[@]}"; do
	printf '%s\n' '# SPDX-License-Identifier: GPL-2.0-only' '' '== one: true' \
		'true[101] exit(0)' 'exit status 0' \
		>"$TOP/tests/golden/clients/$client.txt"
done
mkdir "$TMP/programs"
for program in "${PROGRAMS[@]}"; do
	printf '#!/bin/sh\n' >"$TMP/programs/$program"
	chmod +x "$TMP/programs/$program"
done

# run NAME STATUS TEXT [KERNEL]: checks a matrix in the fake tree, as "says" does
run()
{
	rm -f "$TOP/calls"
	LIMIT=600 says "$1" "$2" "$3" env PATH="$TMP/programs:$PATH" QEMU="$TOP/build/qemu" \
		O=build MATRIX_SEEDS=1 VMTEST_JOBS=4 UPDATE="${UPDATE:-}" \
		"$TOP/tests/matrix/matrix.sh" build/matrix "${4:-stock-7.3}"
}

# afresh [ROW]: discards a row, or all of them, so that they are measured
afresh()
{
	rm -rf -- "$TOP/build/matrix/${1:-}"
}

# spoil FILE TEXT: writes TEXT to $TOP/spoil/FILE
spoil()
{
	mkdir -p "$TOP/spoil/facts"
	printf '%s\n' "$2" >"$TOP/spoil/$1"
}

heal()
{
	rm -rf -- "$TOP/spoil"
}

# fails NAME TEXT FILE SPOIL [ROW]: checks that SPOIL in FILE fails the matrix, with TEXT;
# ROW is by default the kernel's own model with 2 CPUs
fails()
{
	afresh "stock-7.3/${5:-default-2}"
	spoil "$3" "$4"
	run "$1" 1 "$2"
	heal
}

# --- the page ----------------------------------------------------------------

run 'a page without the kernel is another one' 1 '+| stock-7.3 | VERSION |'
UPDATE=1 run 'UPDATE=1 writes it' 0 'is written'
cp "$PAGE" "$LOG"
grep -qE '^\| stock-7.3 \| 9.9.[0-9]+-cloud-amd64 \| none, full \(default\), lazy \| 1, 2, 4 \| 20 \| 0 \| 0 \| traced and judged \|$' "$PAGE"
tap $? 'the kernel is there, with its version'
[ "$(grep -cE '^\| stock-7.3 \| full \| (2 \| 20|1, 4 \| 1) \| 62 \| 0 \| 0 \| 0 \| 7 as golden \|$' "$PAGE")" -eq 2 ]
tap $? 'rows that differ in their CPUs only are one'
grep -qxF '| stock-7.3 | 1 of 3 | I1 | I2: no promise of a mainline kernel; I3: nothing that they are about happened |' "$PAGE"
tap $? 'rules that are not judged are there, with the reason'
grep -qxF '| stock-7.3 | none, full, lazy | 1 | 3 | tp_btf:pid_rewrite: not there | - |' "$PAGE"
tap $? 'a hook that is not attached is there, with the reason; one hit in a test is hit'
grep -qxF '| stock-7.3 | none, full, lazy | fentry | put_pid, alloc_pid (may miss events) |' "$PAGE" &&
	grep -qxF '| stock-7.3 | none, full, lazy | iter | task |' "$PAGE"
tap $? 'each hook is there by its way, and models with the same ways are one row'
check 'a bug that shows is there' grep -qxF '| stock-7.3 | leak | yes |' "$PAGE"
afresh
run 'another run gives the same page, with another version' 0 '10 rows, 0 of them kept'
cp "$TOP/calls" "$LOG"
[ "$(sort -u "$TOP/calls" | grep -c '^stock-7.3 .* [124] tests$')" -eq 9 ] &&
	grep -qx 'stock-7.3 lazy 4 clients' "$TOP/calls" &&
	! grep -q '^stock-7.3 full' "$TOP/calls"
tap $? 'each model was asked for with 1, 2 and 4 CPUs, and its own was not asked for'
find "$TOP/build/matrix/stock-7.3" -mindepth 2 -not -path '*/asked/*' >"$LOG"
[ "$(grep -c '/row.json$' "$LOG")" -eq 10 ] && ! grep -qvE '/(row.json|inputs)$' "$LOG"
tap $? "only rows are kept, and not the guests' files"

# --- kept rows ---------------------------------------------------------------

run 'rows are kept' 0 '10 rows, 10 of them kept'
rm "$TOP/build/matrix/stock-7.3/lazy-1/row.json"
run 'one that was cut short is measured' 0 '10 rows, 9 of them kept'
echo '# changed' >>"$TOP/build/pidnstrace"
run 'of a kernel with another program, only its bugs' 0 '10 rows, 1 of them kept'
echo '# changed' >>"$TOP/build/bugs/leak"
run 'all but the bugs, if a reproducer has changed' 0 '10 rows, 9 of them kept'
echo '# changed' >>"$TMP/programs/runc"
run 'with another client, only the bugs' 0 '10 rows, 1 of them kept'
echo another >"$TOP/kernel/key"
run 'none of another kernel' 0 '10 rows, 0 of them kept'

# --- faults ------------------------------------------------------------------

fails 'a lost record' 'tests, seed 1: 1 records lost' tests \
	'.targets[0].results[0].lost = 1'
fails 'a record lost while clients were traced' 'clients, seed 1: 3 records lost' clients \
	'.targets[0].results[0].lost = 3'
fails 'a false alarm, whatever the verdict' 'I17 violated 2 times, a false alarm' tests \
	'.targets[0].results[0].violations = [{ rule: "I17", count: 2 }]'
fails 'a test that fails' '1 tests failed' tests '.targets[0].results[0].tests.not_ok = 1'
fails 'a verdict' 'tests, seed 2: PANIC: it is over' tests \
	'.targets[0].results |= map(if .seed == 2 then .verdict = "PANIC" | .reason = "it is over" else . end)'
fails 'a run that is missing' '19 runs, not 20' tests '.targets[0].results |= .[:19]'
fails 'no runs' '0 runs, not 20' tests '{}'
fails 'another story of a client' 'the story of runc is not the golden one' trace \
	'{"op":"fork","comm":"true","tgid":61,"child":62,"child_numbers":[{"nr":62,"ns":1}]}'
fails 'a record lost in a story' 'the story of runc is not the golden one' trace \
	'{"op":"lost","records":1}'
fails 'fewer tests' '| 61 | 0 | 0 | 0 | 7 as golden |' tests \
	'.targets[0].results[].tests.ok = 61'
fails 'a rule that could not be judged' '+| stock-7.3 | 0 of 3 |' verdict \
	'.rules[0].state = "unavailable"'
fails 'a hook that is gone' '+| stock-7.3 | full | 1 | 2 | fentry:put_pid' probe \
	'.hooks[0].attached = false'
fails 'another way' '+| stock-7.3 | full | kprobe.multi | put_pid |' probe \
	'.hooks[0].way = "kprobe.multi"'
fails 'a tracer that is mistaken about the model' 'pidnstrace takes preempt=full for none' probe \
	'.preemption = "none"'
fails 'a guest with too few CPUs' 'the guest has 1 CPUs, not 2' facts/cpus 1
fails 'a bug that does not show any more' '+| stock-7.3 | leak | no |' bug \
	'1 it did not show' bugs
fails 'a bug that could not be looked for' \
	'+| stock-7.3 | leak | not looked for: no cgroup: where is it? |' bug \
	'2 no cgroup: where is it?' bugs
fails 'a guest that dies of a bug' 'the guest of leak gave no answer' bug 9 bugs
afresh stock-7.3/default-2
spoil facts/cpus 1
cp "$PAGE" "$TMP/before"
UPDATE=1 run 'UPDATE=1 with a fault' 1 'the guest has 1 CPUs'
check 'which writes nothing' cmp "$PAGE" "$TMP/before"
heal
afresh
spoil facts/preempt '(full) none'
run 'a model that the kernel does not offer any more' 1 '-| stock-7.3 | lazy |'
check 'and one that it does not take' grep -qF 'preempt=none was not taken: full' "$LOG"
heal

# --- a kernel that is refused ------------------------------------------------

afresh
spoil facts/refusal 'pidnstrace: error: this kernel has no loops'
spoil facts/status 139
: >"$TOP/spoil/facts/probe.json"
run 'pidnstrace that dies refuses nothing' 1 'probe ended with 139, and refused nothing' \
	stock-5.10
afresh
spoil facts/status 2
UPDATE=1 run 'one that pidnstrace refuses is a row' 0 'is written' stock-5.10
heal
cp "$PAGE" "$LOG"
grep -qE '^\| stock-5.10 \| 9.9.[0-9]+-cloud-amd64 .* \| refused: this kernel has no loops \|$' "$PAGE"
tap $? 'with the reason'
check 'the rows of other kernels stay' [ "$(grep -c '^| stock-7.3 ' "$PAGE")" -gt 3 ]
mapfile -t order < <(sed -n 's/^| \(stock-[^ ]*\) .*/\1/p' "$PAGE" | uniq)
[ "${order[*]:0:2}" = 'stock-7.3 stock-5.10' ]
tap $? 'rows are in the order of kernel/targets'
afresh
run 'one that is refused no more' 1 '-| stock-5.10 | VERSION |' stock-5.10
sed 's/^| stock-7.3 /| stock-1.0 /' "$PAGE" >"$TMP/page"
printf 'kernels\t| stock-5.10 | new |\n' >"$TMP/rows"
"$TOP/tests/matrix/page.sh" "$TMP/page" "$TMP/rows" stock-7.3 stock-5.10 >"$OUT" 2>"$LOG"
cp "$OUT" "$LOG"
! grep -q 'stock-1\.0' "$OUT" && grep -qx '| stock-5.10 | new |' "$OUT" &&
	[ "$(grep -cv '^| stock' "$OUT")" -eq "$(grep -cv '^| stock' "$PAGE")" ]
tap $? 'rows of a kernel that is no target go, and all else stays'

# --- killed runs leave no process --------------------------------------------

cat >"$TMP/pool" <<'END'
. tests/matrix/pool.sh
POOL=2
for i in 1 2 3; do
	pool_run bash -c 'echo >>"$1"; sleep 100 & sleep 100' pool "$1"
done
pool_wait
END

# running N: tests that N processes of the pool are running
running()
{
	[ "$(processes_with "POOL_TEST=$TMP" | wc -l)" -eq "$1" ]
}

# Starts a pool of two, each a shell and two sleeps; sets POOL_PID
begin_pool()
{
	: >"$TMP/begun"
	setsid env --default-signal=INT POOL_TEST="$TMP" bash "$TMP/pool" "$TMP/begun" \
		>"$LOG" 2>&1 </dev/null &
	POOL_PID=$!
}

for signal in INT TERM; do
	begin_pool
	until_true 5 running 7 && [ "$(wc -l <"$TMP/begun")" -eq 2 ]
	tap $? "SIG$signal: two at once"
	kill -s "$signal" "$POOL_PID"
	wait "$POOL_PID" 2>/dev/null
	signalled "SIG$signal ends it" "$signal" $?
	check "SIG$signal: nothing is left running" until_true 5 running 0
done

# --- the page itself ---------------------------------------------------------

mapfile -t stock < <(awk '$2 == "package" && !/^#/ { print $1 }' kernel/targets)
printf 'kernels\t| none |\n' >"$TMP/rows"
tests/matrix/page.sh docs/kernels.md "$TMP/rows" "${stock[@]}" >"$OUT" 2>"$LOG" &&
	diff -u docs/kernels.md "$OUT" >>"$LOG"
tap $? 'docs/kernels.md has rows of stock kernels only, in their order'

tap_end
