#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A foreign dissector reads from mailbox messages of every kind what we wrote.
set -u
program=$ECRING_OUTPUT/tools/sample_mailboxes
if ! command -v tshark >/dev/null || [ ! -x "$program" ]; then
	echo "skipped: tshark or $program is not there"
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=$("$program" "$work/mailboxes.pcap" "$work/filter.txt") || exit 1
failed=0
tshark -r "$work/mailboxes.pcap" -Y "$(cat "$work/filter.txt")" -T fields -e frame.number >"$work/right.txt" 2>"$work/errors.txt" ||
	cat "$work/errors.txt"
for number in $(seq "$count"); do
	if ! grep -qx "$number" "$work/right.txt"; then
		failed=$((failed + 1))
		echo "FAIL: message $number: tshark reads other values than were written"
		tshark -r "$work/mailboxes.pcap" -Y "frame.number == $number" -V 2>/dev/null | sed -n "/mailbox/,\$p" | head -30
	fi
done
if [ "$(tshark -r "$work/mailboxes.pcap" -Y '_ws.malformed || ecat_mailbox.invalid || ecat_mailbox.coe.invalid' 2>/dev/null | wc -l)" != 0 ]; then
	failed=$((failed + 1))
	echo "FAIL: tshark calls a message malformed"
fi
echo "$((count - failed)) passed, $failed failed"
[ $failed = 0 ]
