#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# matrix.sh DIR KERNEL... - `make matrix`: measures the rows of docs/kernels.md, which
# describes them (row.sh, bugs.sh), and compares. UPDATE=1 writes that page instead,
# unless a row has a fault. VMTEST_JOBS is the number of concurrent guests.
#
# A new kind of measurement needs a script beside row.sh and bugs.sh, a table in
# docs/kernels.md, and its rows in rows.jq.
set -u
cd -- "${BASH_SOURCE%/*}/../.." || exit 2
: "${O:=build}" "${MATRIX_SEEDS:=2}" "${MATRIX_CPUS:=2 1 4}" "${VMTEST_JOBS:=$(nproc)}" "${UPDATE:=}"
DIR=$1 POOL=$VMTEST_JOBS
shift
KERNELS=("$@")
PAGE=docs/kernels.md
read -ra CPUS <<<"$MATRIX_CPUS"
SEEDS=20
. tests/matrix/pool.sh
. tests/clients/stories.sh
export O

mapfile -t STOCK < <(awk '!/^#/ && $2 == "package" { print $1 }' kernel/targets)

# inputs FILE...: prints what a row depends on, besides the kernel and its parameters
inputs()
{
	"${QEMU:-qemu-system-x86_64}" --version | head -n 1
	cat "$O"/{vmtest/vmtest,guest/init} vmtest/{splats,allow/*} "$@" |
		sha256sum | cut -d' ' -f1
}

inputs_of_models()
{
	local programs
	mapfile -t programs < <(command -v "${PROGRAMS[@]}")
	inputs "$O"/{pidnstrace,guest/{semantics,purposes,stress}} "${programs[@]}" \
		tests/matrix/{row.sh,row.jq,states.jq,guest.sh} tests/clients/* tests/golden/clients/*
}

inputs_of_bugs()
{
	inputs "$O"/bugs/* tests/matrix/bugs.sh tests/bugs/show.sh
}

# answer KERNEL FACT: prints a fact that the guest reported
answer()
{
	cat "$DIR/$1/asked/facts/$2"
}

# kept ROW INPUTS: tests that the row exists, without faults and with these inputs
kept()
{
	[ -e "$1/row.json" ] && [ "$(cat "$1/inputs" 2>/dev/null)" = "$2" ] &&
		jq -e '.faults == []' "$1/row.json" >/dev/null
}

# plan KIND WORD...: adds a row, to be measured by measure_KIND NUMBER WORD...
plan()
{
	PLAN+=("$*")
}

# measure ROW INPUTS NUMBER SCRIPT ARGUMENT...: measures a row unless it is kept
measure()
{
	local row=$1 inputs=$2 number=$3
	shift 3
	ROWS+=("$row")
	if kept "$row" "$inputs"; then
		KEPT=$((KEPT + 1))
	else
		pool_run "$@" "$row" "$inputs" "$number of ${#PLAN[@]}"
	fi
}

# measure_model NUMBER KERNEL PREEMPT CPUS: measures a row of one preemption model
measure_model()
{
	local kernel=$2 preempt=$3 cpus=$4 seeds=$MATRIX_SEEDS name=$3
	[ "$preempt:$cpus" != -:2 ] || seeds=$SEEDS
	[ "$preempt" != - ] || name=default
	measure "$DIR/$kernel/$name-$cpus" \
		"$INPUTS ${IMAGE[$kernel]} $preempt $cpus $seeds" "$1" \
		tests/matrix/row.sh "$kernel" "$preempt" "$cpus" "$seeds"
}

# measure_bugs NUMBER KERNEL: runs the reproducers on the kernel
measure_bugs()
{
	measure "$DIR/$2/bugs" "$BUGS_INPUTS ${IMAGE[$2]}" "$1" \
		tests/matrix/bugs.sh "$2" "$(answer "$2" release)"
}

# ask KERNEL: collects a kernel's facts, unless they are up to date
ask()
{
	local dir=$DIR/$1/asked
	if ! [ -s "$dir/facts/release" ] ||
	   [ "$(cat "$dir/inputs")" != "$INPUTS ${IMAGE[$1]}" ]; then
		pool_run tests/matrix/ask.sh "$1" "$dir" "$INPUTS ${IMAGE[$1]}"
	fi
}

# other_models KERNEL: prints the models that are not the active one
other_models()
{
	answer "$1" preempt | tr ' ' '\n' | grep -vE '^(\(.*\))?$'
}

# refuse KERNEL: adds a row with the reason why pidnstrace does not trace the kernel
refuse()
{
	ROWS+=("$DIR/$1/refused")
	mkdir -p "${ROWS[-1]}"
	jq -n --arg kernel "$1" --arg release "$(answer "$1" release)" \
		--arg refusal "$(answer "$1" refusal | sed -n '1s/^pidnstrace: error: //p')" \
		--arg status "$(answer "$1" status)" \
		'{ $kernel, $release, $refusal, faults: [
			select($status != "2" or $refusal == "") |
			"pidnstrace probe ended with \($status), and refused nothing" ] }' \
		>"${ROWS[-1]}/row.json"
}

# plan_rows KERNEL CPUS: adds a row for each preemption model
plan_rows()
{
	local model
	plan model "$1" - "$2"
	for model in $(other_models "$1"); do
		plan model "$1" "$model" "$2"
	done
}

# refuses KERNEL: tests that pidnstrace refuses the kernel
refuses()
{
	! [ -s "$DIR/$1/asked/facts/probe.json" ]
}

# Prints the faults of all rows; fails if there are any, or a row is missing
faults()
{
	local row rc=0
	for row in "${ROWS[@]}"; do
		if ! [ -s "$row/row.json" ]; then
			echo "$row: no row: $(tail -n 1 "$row/row.log" 2>&1)"
			rc=1
		elif ! jq -e '.faults == []' "$row/row.json" >/dev/null; then
			jq -r --arg row "$row" '.faults[] | "\($row): \(.)"' \
				"$row/row.json"
			rc=1
		fi
	done
	return $rc
}

# Writes the page of this run
page()
{
	local files=() row
	for row in "${ROWS[@]}"; do
		[ ! -s "$row/row.json" ] || files+=("$row/row.json")
	done
	"$O/pidnstrace" rules --format json >"$DIR/rules.json" &&
		jq -rs --slurpfile rules "$DIR/rules.json" \
			-L tests/matrix -f tests/matrix/rows.jq "${files[@]}" >"$DIR/rows" &&
		tests/matrix/page.sh $PAGE "$DIR/rows" "${STOCK[@]}" \
			>"$DIR/kernels.md"
}

declare -A IMAGE
ROWS=() PLAN=() KEPT=0
mkdir -p "$DIR" || exit 2
for kernel in "${KERNELS[@]}"; do
	IMAGE[$kernel]=$(kernel/build.sh "$kernel") || exit
done
INPUTS=$(inputs_of_models) BUGS_INPUTS=$(inputs_of_bugs)
for kernel in "${KERNELS[@]}"; do
	ask "$kernel"
done
pool_wait
for kernel in "${KERNELS[@]}"; do
	[ -s "$DIR/$kernel/asked/facts/release" ] || exit 2
	! refuses "$kernel" || refuse "$kernel"
done
for cpus in "${CPUS[@]}"; do
	for kernel in "${KERNELS[@]}"; do
		refuses "$kernel" || plan_rows "$kernel" "$cpus"
	done
done
for kernel in "${KERNELS[@]}"; do
	refuses "$kernel" || plan bugs "$kernel"
done
for i in "${!PLAN[@]}"; do
	read -ra words <<<"${PLAN[i]}"
	"measure_${words[0]}" $((i + 1)) "${words[@]:1}"
done
pool_wait
echo "matrix: ${#ROWS[@]} rows, $KEPT of them kept from before"

RC=0
faults || RC=1
page || exit 2
if [ -n "$UPDATE" ] && [ $RC -eq 0 ]; then
	cp "$DIR/kernels.md" $PAGE
	echo "matrix: $PAGE is written"
elif ! tests/matrix/page.sh --compare $PAGE "$DIR/kernels.md"; then
	echo "matrix: $PAGE is not what was seen; UPDATE=1 writes it"
	RC=1
fi
exit $RC
