#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The walkthrough on a simulated ring: what breaks is told in its order, and all is well in the end.
set -u
. "$(dirname "$0")/../support/check.sh"
out=$(timeout 60 "$ECRING_OUTPUT/examples/fault_tolerance" 2>&1)
status=$?
# each in its place: the first pattern, then the second after it, ...
in_order() {
	local rest=$out
	for pattern in "$@"; do
		grep -q "$pattern" <<<"$rest" || { echo "missing in its place: $pattern"; return 1; }
		rest=$(sed "0,/$pattern/d" <<<"$rest")
	done
}
check "it ends well" [ $status = 0 ]
check "a lost slave is told and healed" in_order "is unplugged" "outputs: down" "operational -> recovering" \
	"plugged in again" "outputs: is in PREOP" "outputs: is in OP" "outputs: fault over" "recovering -> operational"
check "a restart too" in_order "outputs restarts" "outputs: is in OP" "recovering -> operational"
check "a fallback is the slave's own" in_order "falls back" "outputs: retreated" "outputs: fault over"
check "half of the ring" in_order "loses its power" "inputs: down" "inputs: is in OP" "at the end the session is operational"
[ $failed = 0 ] || printf '%s\n' "$out"
verdict
