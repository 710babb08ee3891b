#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The diag example on a simulated ring: a sound one, one with a bad cable, one with a cable the wrong way round, and none at all.
set -u
sim=
served=$(mktemp)
trap '[ -n "$sim" ] && kill "$sim" 2>/dev/null; rm -f "$served"' EXIT
. "$(dirname "$0")/../support/check.sh"
show() { echo "${out-}"; }
# look SECONDS OPTION...: what the example says of such a ring
look() {
	"$ECRING_OUTPUT/ecring" sim --udp 127.0.0.2:0 "${@:2}" >"$served" 2>&1 &
	sim=$!
	for _ in $(seq 100); do
		port=$(sed -n 's/.*udp port //p' "$served")
		[ -z "$port" ] || break
		sleep 0.1
	done
	out=$(timeout 60 "$ECRING_OUTPUT/examples/diag" "udp:127.0.0.2:$port" "$1" 2>&1)
	status=$?
	kill $sim
	wait $sim 2>/dev/null
	sim=
}
look 2
check "it ends well" [ $status = 0 ]
check "each slave is told" grep -q '^  2  0x1002  slave_2 *PREOP$' <<<"$out"
check "three of them" [ "$(grep -c 'PREOP$' <<<"$out")" = 3 ]
check "the cables are sound" grep -q '^3 cables, none of them with an error$' <<<"$out"
check "frames and round trips are told" grep -Eq '^[0-9]+ frames sent, [0-9]+ lost; a round trip takes [0-9.]+ us, [0-9.]+ us at most$' <<<"$out"
look 9 --fault 'at 3s corrupt outputs for 2 frames'
check "a bad cable is named with both its ends" grep -q '^between slave_1 (1) port 1 and slave_2 (2) port 0: 2 CRC errors in 60 s, 2 in all$' <<<"$out"
check "and the others are not" [ "$(grep -c '^between' <<<"$out")" = 1 ]
look 2 --ring EK1100,EL1809,EL2809~
check "IN and OUT are exchanged" grep -q '^between slave_1 (1) port 1 and slave_2 (2) port 1: IN and OUT are exchanged$' <<<"$out"
look 2 --ring EK1100,EL1809,EL3202 --fault 'refuse #2 preop 0x0016'
check "a slave that does not come up hides nobody" [ "$(grep -c 'PREOP$' <<<"$out")" = 2 ]
check "and is told with the reason" grep -q '^  AL status code 0x0016' <<<"$out"
out=$(timeout 60 "$ECRING_OUTPUT/examples/diag" udp:127.0.0.2:34514 1 2>&1)
check "without a ring it fails" [ $? = 1 ]
check "and says that nobody answers" grep -q "^the ring is still being scanned (discovering): no answer came in time" <<<"$out"
verdict
