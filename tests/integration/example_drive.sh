#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The servo example in real time: it homes, goes its way, and ends where it was told to.
set -u
if ! chrt -f 1 true 2>/dev/null; then
	echo "skipped: this user may not run in real time, and the axis would fall behind"
	exit 77
fi
. "$(dirname "$0")/../support/check.sh"
show() { echo "${last-}"; }
svg=$(mktemp)
trap 'rm -f "$svg"' EXIT
out=$(timeout 60 "$ECRING_OUTPUT/examples/drive" "$svg" 2>&1)
status=$?
last=$(printf '%s\n' "$out" | tail -2 | head -1)
check "it arrives" [ $status = 0 ]
check "all of its way is recorded" grep -Eq '^5[01][0-9]{2} cycles' <<<"$last"
check "the plot begins at the top station" grep -q '^  120.. mm' <<<"$out"
check "two curves are drawn" [ "$(grep -c '<polyline' "$svg")" = 2 ]

# A slave that falls back: the reason is told, the axis goes on, and the plot has a gap.
"$ECRING_OUTPUT/ecring" sim --udp 127.0.0.1:34511 --ring axis:drive --fault "at 4s retreat axis" >/dev/null 2>&1 &
sim=$!
sleep 0.5
out=$(timeout 90 "$ECRING_OUTPUT/examples/drive" "$svg" udp:127.0.0.1:34511 2>&1)
status=$?
kill $sim
wait $sim 2>/dev/null
last=$(grep -v 'mm |' <<<"$out" | tail -4)
check "it arrives all the same" [ $status = 0 ]
check "the reason is told" grep -Eq 'OP is lost: (the axis is|cycles do not)' <<<"$out"
check "the drive's own too" grep -q 'the drive reports 0x7500: communication' <<<"$out"
check "it goes on" grep -q 'in OP again' <<<"$out"
check "the lines have gaps" [ "$(grep -c '<polyline' "$svg")" -ge 4 ]
# Nobody there: that is said.
out=$(timeout 60 "$ECRING_OUTPUT/examples/drive" "$svg" udp:127.0.0.1:34512 2>&1)
status=$?
last=$(tail -2 <<<"$out")
check "without a drive it fails" [ $status = 1 ]
check "and says so" grep -q '^drive: ' <<<"$out"
verdict
