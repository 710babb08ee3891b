#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Worlds by the program: its last line, a replay, the story, part of a story, and what it refuses.
set -u
: "${ECRING:?}"
. "$(dirname "$0")/../support/check.sh"
show() { echo "${out-}"; }
last_line='^[0-9]+ worlds from [0-9]+, [0-9]+ frames, [0-9.]+ s of virtual time, longest way back [0-9.]+ s, 0 failures, hash [0-9a-f]{16}$'
out=$("$ECRING" world --seed 1 --count 3)
check "worlds that hold end with status 0" [ $? = 0 ]
check "and one line" grep -Eqx "$last_line" <<<"$out"
check "which counts them" grep -q '^3 worlds from 1,' <<<"$out"
again=$("$ECRING" world --seed 1 --count 3)
check "again they are the same" [ "$again" = "$out" ]
out=$("$ECRING" world --seed 2 --count 3)
check "others are others" [ "${out##*hash }" != "${again##*hash }" ]
out=$("$ECRING" world --seed 3 --shrink)
check "what holds is not shrunk" grep -Eqx "$last_line" <<<"$out"
whole=${out##*hash }
out=$("$ECRING" world --seed 3 --trace)
check "the story is told from the ring on" grep -Eq '^world 3: [0-9]+ slaves' <<<"$(head -1 <<<"$out")"
check "what happens is numbered" grep -Eq '^ +[0-9.]+ ms -- \[0\] at [0-9.]+ ms: .' <<<"$out"
check "what the session says is in words" grep -Eq '^ +[0-9.]+ ms    slave.state.changed of [a-z0-9]+: OP$' <<<"$out"
check "told it is the same" [ "${out##*hash }" = "$whole" ]
entries=$(grep -c -- '-- \[' <<<"$out")
out=$("$ECRING" world --seed 3 --trace --only 1)
check "more than one thing happens in it" [ "$entries" -gt 1 ]
check "with --only one of them does" [ "$(grep -- '-- \[' <<<"$out" | grep -c -- '-- \[1\]')/$(grep -c -- '-- \[' <<<"$out")" = 1/1 ]
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# end_one SIGNAL: what a crash looks like from outside
end_one() {
	"$ECRING" world --seed 1 --count 40 >"$work/out.txt" 2>&1 &
	for _ in {1..200}; do
		sleep 0.02
		kill -s "$1" $(cat /proc/$!/task/$!/children) 2>/dev/null && break
	done
	wait $!
}
end_one SEGV
check "a world that crashes is a failure" [ $? = 1 ]
out=$(cat "$work/out.txt")
check "its seed is told" grep -Eq '^world [0-9]+ at .*: the program has crashed: (Segmentation fault|Aborted)' <<<"$out"
check "and the others are run" grep -Eq '^40 worlds from 1, .* 1 failures,' <<<"$out"
end_one PROF
out=$(cat "$work/out.txt")
check "one without an end likewise" grep -Eq '^world [0-9]+ at .*: no end within [0-9]+ s of processor time$' <<<"$out"
end_one ALRM
out=$(cat "$work/out.txt")
check "and one that sleeps" grep -Eq '^world [0-9]+ at .*: no end within [0-9]+ s$' <<<"$out"
for wrong in '--seed 1 --count 0' '--seed 18446744073709551615 --count 2' '--seed x' '--seed 1 --only 99' '--seed 1 --only 1;2' '--seed 1 --count' '--seed 1 --ring EK1100'; do
	out=$("$ECRING" world $wrong 2>&1)
	check "refused: $wrong" [ $? = 2 ]
done
verdict
