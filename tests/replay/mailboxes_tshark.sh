#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A foreign dissector reads from recorded mailbox messages what we read.
set -u
program=$ECRING_BUILD/tests/replay_mailboxes
if ! command -v tshark >/dev/null || [ ! -x "$program" ] || [ ! -d "$ECRING_SHARED_DATA/pcap" ]; then
	echo "skipped: tshark, $program or the recordings are not there"
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
m=ecat_mailbox
passed=0
failed=0
for name in replay-ek1914-el3004-mailbox replay-ek1914-segmented-upload replay-mailbox-el3004_a2491da soem-single-lan9252 \
	replay-no-complete-access_67a14d5; do
	"$program" "$name" >"$work/ours.txt" || exit 1
	# Requests and answers have fields of their own for the same things; a length of 0 is what tshark says of none.
	tshark -r "$ECRING_SHARED_DATA/pcap/$name.pcapng" -Y "$m && ecat.cnt == 1" -T fields -E separator='|' \
		-e frame.number -e $m.length -e $m.address -e $m.priority -e $m.type -e $m.counter -e $m.coe.type \
		-e $m.coe.sdoreq -e $m.coe.sdores -e $m.coe.sdoidx -e $m.coe.sdosub \
		-e $m.coe.sdoccsid.expedited -e $m.coe.sdoscsiu_expedited \
		-e $m.coe.sdoccsid.sizeind -e $m.coe.sdoscsiu_sizeind \
		-e $m.coe.sdolength -e $m.coe.dsoldata -e $m.coe.sdodata 2>/dev/null |
		awk -F'|' -v OFS='|' '{ print $1, $2, $3, $4, $5, $6, $7, $8 $9, $10, $11, $12 $13, $14 $15, $16, $17 $18 }' \
			>"$work/theirs.txt"
	if [ -s "$work/ours.txt" ] && diff "$work/theirs.txt" "$work/ours.txt"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $name: tshark reads other values"
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
