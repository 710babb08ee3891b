#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the program prints of a real EEPROM, as text and as JSON, is what stands there by hand: tests/replay/expected_sii.tsv
# says at which offsets, in which bytes.
set -u
image=$ECRING_SHARED_DATA/sii/beckhoff_el2004_a.bin
akd=$ECRING_SHARED_DATA/sii/kollmorgen_akd.bin
[ -e "$image" ] && [ -e "$akd" ] || exit 77
failed=0
says() {
	grep -qE -- "$1" <<<"$out" || { echo "not printed: $1"; failed=1; }
}
out=$("$ECRING" sii "$image")
says '^vendor    0x00000002$'
says '^product   0x07d43052$'
says '^EEPROM    [0-9]+ bytes'
says '^order     EL2004$'
says '^ports     .*EBUS, EBUS'
says '^FMMUs     outputs'
says '^RxPDO \(output\) 0x1600 '
out=$("$ECRING" sii "$akd")
says '^mailbox   receive 0x1800/'
says '^bootstrap receive 0x'
says '^DC        cycle '
says '^FMMUs     outputs, inputs'
"$ECRING" sii "$akd" --json | python3 -c '
import json, sys
sii = json.load(sys.stdin)
assert sii["vendor"] == 0x6A, sii["vendor"]
assert sii["mailbox"]["receive_size"] and sii["mailbox"]["boot_receive_size"]
assert sii["coe_details"] & 1 and len(sii["ports"]) == 4
assert sii["fmmus"][:2] == ["outputs", "inputs"]
assert {10, 30, 40, 41, 50, 51, 60} <= {c["type"] for c in sii["categories"]}
assert sii["clocks"] and sii["clocks"][0]["assign_activate"]
assert any(pdo["direction"] == "input" for pdo in sii["pdos"])
assert sii["warnings"] == []
' || failed=1
exit $failed
