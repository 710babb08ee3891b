#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A foreign dissector reads from our frames what we wrote: every command and address, tagged and plain, small, full, and one
# datagram of 1486 bytes.
set -u
program=$ECRING_OUTPUT/tools/sample_frames
if ! command -v tshark >/dev/null || [ ! -x "$program" ]; then
	echo "skipped: tshark or $program is not there"
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" "$work/frames.pcap" "$work/expected.txt" || exit 1
passed=0
failed=0
tshark -r "$work/frames.pcap" -T fields -E separator='|' -E aggregator=, \
	-e ecat.cmd -e ecat.idx -e ecat.subframe.length -e ecat.cnt -e ecat.int \
	-e ecat.adp -e ecat.ado -e ecat.lad -e vlan.priority -e vlan.id >"$work/read.txt" 2>/dev/null
if [ -s "$work/read.txt" ] && diff "$work/expected.txt" "$work/read.txt"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "FAIL: tshark reads other values than were written"
fi
if [ "$(tshark -r "$work/frames.pcap" -Y '_ws.malformed' 2>/dev/null | wc -l)" = 0 ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "FAIL: tshark calls a frame malformed"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
