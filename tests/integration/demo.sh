#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demo as a newcomer sees it in a pipe, and its exit on Ctrl-C.
set -u
. "$(dirname "$0")/../support/check.sh"
show() { echo "${last-}"; }
out=$(timeout 30 "$ECRING" demo --duration 2)
status=$?
last=$(printf '%s\n' "$out" | tail -1)
check "exit status 0" [ $status = 0 ]
check "last line" grep -Eq '^operational: 3 slaves, [0-9]+ cycles, [0-9]+ missed, wkc 3/3$' <<<"$last"
out=$(timeout -s INT 3 "$ECRING" demo --duration 60)
last=$(printf '%s\n' "$out" | tail -1)
check "Ctrl-C prints the summary" grep -Eq '^operational: 3 slaves' <<<"$last"
out=$(timeout 30 "$ECRING" demo --duration 6 --fault 'at 1500ms disconnect outputs for 300ms')
status=$?
last=$(printf '%s\n' "$out" | tail -1)
check "heals from a fault on the command line" [ $status = 0 ]
check "nobody is at fault in the end" [ -z "$(tail -2 <<<"$out" | grep down)" ]
check "which was noticed" grep -Eq '^operational: 3 slaves, [0-9]+ cycles, [1-9][0-9]+ missed, wkc 3/3$' <<<"$last"
out=$(timeout 30 "$ECRING" demo --duration 5 --fault 'at 1500ms disconnect outputs for 1500ms')
last=$(grep recovering <<<"$out")
check "who is at fault is told, and why" grep -Eq 'recovering .* wkc 1/3 +outputs down \(no_response\)$' <<<"$last"
out=$(timeout 30 "$ECRING" demo --duration 5 --fault 'at 1500ms wkc -1 of outputs for 1500ms')
last=$(grep -A1 recovering <<<"$out")
check "or whose share of the counter may lack" grep -q '^  all answer, but the counter lacks a share; it may be that of inputs (1)$' <<<"$last"
out=$(timeout 30 "$ECRING" demo --duration 6 --fault 'at 1s refuse outputs op 0x001d for 4s' --fault 'at 1200ms retreat outputs')
last=$(grep safeop <<<"$out")
check "the shipped terminals refuse what they are told to refuse" grep -Eq 'operational .* outputs safeop \(al_error\)$' <<<"$last"
out=$(timeout 30 "$ECRING" demo --redundant --duration 3 --fault 'at 1s break outputs')
last=$(tail -1 <<<"$out")
check "a ring with two ports survives a break" grep -q '^  the ring is broken between inputs and outputs$' <<<"$out"
check "with next to no cycle lost" grep -Eq '^operational: 3 slaves, [0-9]+ cycles, [0-9] missed, wkc 3/3$' <<<"$last"
out=$(timeout 60 "$ECRING" demo --duration 1 --fault 'refuse outputs safeop 0x1e' 2>&1)
check "a session that does not come up is status 1" [ $? = 1 ]
last=$(grep -c 'activation_blocked .* outputs preop (al_error)$' <<<"$out")
check "it is shown for as long as another attempt takes" [ "$last" -ge 5 ]
last=$(tail -9 <<<"$out" | grep -A9 '^slave outputs (position 2')
check "and the end says who and what to try" grep -q '^  try: ' <<<"$last"
out=$(timeout 60 "$ECRING" demo --duration 2 --fault 'refuse outputs preop 0x1e for 3s')
check "one that comes up later is status 0" [ $? = 0 ]
last=$(grep -m1 'waits for' <<<"$out")
check "until then it is told whom it waits for" grep -q 'awaiting_preop .* waits for outputs (al_error)$' <<<"$last"
last=$("$ECRING" demo --duration 1 --fault 'at 1s explode' 2>&1)
check "a wrong sentence is status 2" [ $? = 2 ]
check "and told what can be said" grep -q 'disconnect' <<<"$last"
if command -v script >/dev/null; then
	last=$( (sleep 2; printf d; sleep 1; printf h; sleep 1) | timeout 30 script -qec "'$ECRING' demo --duration 5" /dev/null)
	check "a key breaks the ring" grep -q 'active: disconnect outputs' <<<"$last"
	check "and another heals it" grep -Eq '^operational: 3 slaves' <<<"$(tail -1 <<<"$last")"
	last=
	last=$( (sleep 2; printf 1; sleep 0.5; printf b; sleep 1; printf '\033[A'; sleep 0.5; printf h; sleep 1) | timeout 30 script -qec "'$ECRING' demo --redundant --duration 6" /dev/null)
	check "a digit chooses the slave" grep -q '^>  1  0x1001  inputs ' <<<"$last"
	check "whose cable is broken" grep -q 'said: break inputs port 1' <<<"$last"
	check "the view says where the ring is open" grep -q 'the ring is broken between inputs and outputs' <<<"$last"
	check "nothing is lost by that" grep -Eq '^operational: 3 slaves, [0-9]+ cycles, [0-9] missed, wkc 3/3' <<<"$(tail -1 <<<"$last")"
	check "an arrow chooses its neighbour" grep -q '^>  0  0x1000  coupler ' <<<"$last"
	check "and the ring is whole in the end" [ -z "$(tail -30 <<<"$last" | grep 'is broken')" ]
	last=$( (sleep 2; printf 1s2s; sleep 0.5; printf 1m; sleep 1) | timeout 30 script -qec "'$ECRING' demo --duration 4" /dev/null)
	last=$(grep -A3 'said: heal inputs' <<<"$last" | tail -4)
	check "one slave is mended alone" [ "$(grep -c 'active: stick' <<<"$last")" = 1 ]
	check "and the other is not" grep -q 'active: stick outputs' <<<"$last"
	last=$( (sleep 3; printf 2m; sleep 3) | timeout 50 script -qec "'$ECRING' demo --duration 2 --fault 'refuse outputs preop 0x1e'" /dev/null)
	check "the view begins with the start" grep -q 'waiting for slaves on their way to PREOP' <<<"$last"
	check "says whom it waits for" grep -q '^slave outputs (position 2' <<<"$last"
	check "and a key heals that one" grep -Eq '^operational: 3 slaves' <<<"$(tail -1 <<<"$last")"
	last=$( (sleep 14; printf m; sleep 9) | timeout 60 script -qec "'$ECRING' demo --duration 15 --fault 'refuse outputs safeop 0x1e'" /dev/null)
	check "it goes on while the session tries" grep -q 'said: heal outputs' <<<"$last"
	check "and sees it come" grep -Eq '^operational: 3 slaves' <<<"$(tail -1 <<<"$last")"
	last=$( (sleep 2; printf 's%.0s' {1..80}; sleep 1.5) | timeout 30 script -qec "'$ECRING' demo --duration 4" /dev/null)
	last=$(grep 'said: ' <<<"$last" | tail -1)
	check "what is refused is told, and why" grep -Eq 'said: stick outputs is refused: .' <<<"$last"
	last=
fi
"$ECRING" nothing >/dev/null 2>&1
check "an unknown verb is status 2" [ $? = 2 ]
"$ECRING" demo --duration soon >/dev/null 2>&1
check "a bad duration is status 2" [ $? = 2 ]
verdict
