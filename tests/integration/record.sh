#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The flight recorder of a demo that is broken: a foreign dissector reads its frames and their comments.
set -u
: "${ECRING:?}"
if ! command -v tshark >/dev/null; then
	echo "skipped: tshark is not there"
	exit 77
fi
. "$(dirname "$0")/../support/check.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
file=$work/fault.pcapng
"$ECRING" demo --duration 3s --fault 'at 1500ms disconnect outputs for 500ms' --record "$file" >/dev/null
read_with() { tshark -r "$file" "$@" 2>/dev/null; }
check "frames are there" [ "$(read_with -Y ecat | wc -l)" -gt 1000 ]
check "all are EtherCAT" [ "$(read_with -Y '!ecat' | wc -l)" = 0 ]
check "none is malformed" [ "$(read_with -Y _ws.malformed | wc -l)" = 0 ]
check "sent ones have not passed a slave" [ "$(read_with -Y 'frame.packet_flags_direction == 2 && eth.src.lg == 1' | wc -l)" = 0 ]
check "events are comments" [ "$(read_with -Y 'frame.comment contains "domain.degraded of domain io"' | wc -l)" -ge 1 ]
check "a slave that was lost is named" [ "$(read_with -Y 'frame.comment contains "slave.down of outputs"' | wc -l)" = 1 ]
check "times grow" [ "$(read_with -Y 'frame.time_delta < -0.001' | wc -l)" = 0 ]
"$ECRING" demo --duration 3s --fault 'at 1s break #0' --record "$file" >/dev/null 2>&1
check "with the cable out for good, the story is in the file" [ "$(read_with -Y 'frame.comment contains "to recovering"' | wc -l)" -ge 1 ]
check "none is malformed then" [ "$(read_with -Y _ws.malformed | wc -l)" = 0 ]
"$ECRING" demo --duration 3s --fault 'at 0s refuse outputs preop 0x1e for 2s' --record "$file" >/dev/null 2>&1
check "a slave that does not come up is in the file" [ "$(read_with -Y 'frame.comment contains "slave.startup.retry of outputs"' | wc -l)" -ge 1 ]
out=$("$ECRING" demo --duration 1s --record "$work/none/fault.pcapng" 2>&1)
check "a path that does not exist is refused" [ $? = 3 ]
check "and named" grep -q "$work/none/fault.pcapng" <<<"$out"
verdict
