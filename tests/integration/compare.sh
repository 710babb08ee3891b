#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# topology --compare: a ring against what was written of it before, or against a list; every kind of difference in words.
set -u
: "${ECRING:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/../support/check.sh"
show() { echo "${out-}"; }
# says NAME RING SENTENCE...: the differences are these, in this order, and the status says that there are some
says() {
	local name=$1 ring=$2
	shift 2
	out=$("$ECRING" topology --ring "$ring" "${options[@]}" --compare "$wanted" 2>&1)
	check "$name: status 1" [ $? = 1 ]
	check "$name" diff <(sed -n 's/^otherwise than wanted: //p' <<<"$out") <(printf '%s\n' "$@")
}
# accepts NAME RING
accepts() {
	out=$("$ECRING" topology --ring "$2" --compare "$wanted" 2>&1)
	check "$1: status 0" [ $? = 0 ]
	check "$1: it says so" grep -q "^all is as wanted by $wanted" <<<"$out"
}
options=()
wanted=$work/ring.txt
printf 'EK1100, EL1809 # what comes in\n\nEL2809\nrtd:EL3202?\n' >"$wanted"
accepts "the same ring" EK1100,EL1809,EL2809,EL3202
accepts "one that may be missing" EK1100,EL1809,EL2809
says "one that may not" EK1100,EL2809 "inputs (EL1809) is missing: wanted at position 1, behind coupler (EK1100)"
says "one too many" EK1100,EL1809,EL1809,EL2809 "EL1809 at position 2, behind inputs (EL1809), is one too many"
says "another device" EK1100,EL1809,EL1809,EL3202 "at position 2 stands EL1809 instead of outputs (EL2809)"
says "two have changed places" EK1100,EL2809,EL1809,EL3202 \
	"inputs (EL1809) and outputs (EL2809) have changed places (positions 1 and 2)"
says "one has moved" EK1100,EL2809,EL3202,EL1809 \
	"inputs (EL1809) has moved: it stands at position 3, behind rtd (EL3202); wanted is position 1, behind coupler (EK1100)"
for i in 0 1 2 3; do
	elements=(EK1100 EL1809 EL2809 EL3202)
	names=("coupler (EK1100)" "inputs (EL1809)" "outputs (EL2809)" "rtd (EL3202)")
	elements[i]+='~'
	says "cables of $i the wrong way round" "$(IFS=,; echo "${elements[*]}")" \
		"IN and OUT of ${names[i]} at position 3 are exchanged: it is entered at port 1, wanted is port 0"
done
options=(--duration 2s --fault 'plug #3 into #0 port 2')
says "another socket" 'EK1100,EL1809,EL2809,EL3202?' \
	"rtd (EL3202) at position 3 hangs at port 2 of coupler (EK1100); wanted is port 1 of outputs (EL2809)"
options=()

"$ECRING" topology --ring EK1100,EL1809~,EL2809 --json >"$work/ring.json"
wanted=$work/ring.json
accepts "as it was written" EK1100,EL1809~,EL2809
says "mended since" EK1100,EL1809,EL2809 \
	"IN and OUT of slave_2 (EL1809) at position 1 are exchanged: it is entered at port 0, wanted is port 1"
out=$("$ECRING" topology --ring EK1100,EL1809~ --json --compare "$wanted")
check "in JSON, too" python3 -c "
import json, sys
sys.exit(json.loads(sys.argv[1])['differences'] != ['slave_1 (EL2809) is missing: wanted at position 1, behind slave_2 (EL1809)'])" "$out"

refuses() { # refuses NAME STATUS PATTERN
	out=$("$ECRING" topology --ring EK1100 --compare "$wanted" 2>&1)
	check "$1: status $2" [ $? = "$2" ]
	check "$1: told" grep -q "$3" <<<"$out"
}
wanted=$work/none
refuses "no such file" 3 "none: No such file"
wanted=$work/bad.json
for text in '{"slaves":[{"name":3}' '{"slaves":[{"position":0}],"links":[{"from":-1,"to":7}]}' '{}' '{"slaves":{{{{{{{{{{' '{"slaves":["'; do
	printf '%s' "$text" >"$wanted"
	refuses "no ring: $text" 3 "bad.json, at byte"
done
echo nonsense >"$work/bad.txt"
wanted=$work/bad.txt
refuses "no such element" 2 nonsense
verdict
