#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The calculator against figures by hand (ETG.1000.3: preamble 8, header 14, check sum 4, gap 12 bytes of 80 ns), and the doctor's
# answers to an interface that is there and to one that is not.
set -u
: "${ECRING:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() {
	echo "FAIL: $*"
	failed=1
}
"$ECRING" budget EK1100,EL1809,EL2809 --json >"$work/small.json" || fail "a small ring fits into 1 ms"
"$ECRING" budget 'digital:8:8*1000' --json >"$work/large.json" 2>"$work/refused.txt"
[ $? = 1 ] || fail "a thousand slaves do not fit into 1 ms"
grep -q "round trip" "$work/refused.txt" || fail "the refusal names the round trip"
"$ECRING" budget 'digital:8:8*1000' --cycle 2ms >/dev/null || fail "a thousand slaves fit into 2 ms"
"$ECRING" budget 'drive*3' --json >"$work/drives.json" || fail "three drives fit into 1 ms"
"$ECRING" budget 'drive*60' --json >"$work/many.json" || fail "sixty drives fit into 1 ms"
python3 - "$work" <<'PY' || fail "figures"
import json, sys
small = json.load(open(sys.argv[1] + "/small.json"))
large = json.load(open(sys.argv[1] + "/large.json"))
# 4 bytes of data are padded to 60; 3 us of delay
assert small["image_bytes"] == 4 and small["wire_bytes"] == 84, small
assert abs(small["round_trip_us"] - 9.72) < 0.01, small
# 1486 and 514 bytes of data in two frames
assert large["frames"] == 2 and large["wire_bytes"] == 1486 + 514 + 2 * (28 + 24), large
# each 14 bytes out and in and one for its mailbox; 36 for the clocks, which find no room beside 1486
drives = json.load(open(sys.argv[1] + "/drives.json"))
assert drives["image_bytes"] == 87 and drives["wire_bytes"] == 28 + 87 + 36 + 24, drives
many = json.load(open(sys.argv[1] + "/many.json"))
assert many["frames"] == 3 and many["wire_bytes"] == 60 + 24 + 1486 + 254 + 2 * (28 + 24), many
assert abs(large["round_trip_us"] - (2104 * 0.08 + 1000)) < 0.01, large
PY
"$ECRING" budget >/dev/null 2>&1
[ $? = 2 ] || fail "budget without a ring is a wrong use"
"$ECRING" doctor -i lo >"$work/doctor.txt"
status=$? # 3: this user may not open raw sockets, which the doctor says
[ $status = 0 ] || [ $status = 3 ] || fail "the doctor looks at lo"
grep -q "nothing was changed" "$work/doctor.txt" || fail "the doctor says that it changed nothing"
"$ECRING" doctor -i no_such_if >"$work/none.txt"
[ $? = 3 ] || fail "an interface that is not there is status 3"
grep -q "there is none of this name" "$work/none.txt" || fail "the doctor says that there is no such interface"
exit $failed
