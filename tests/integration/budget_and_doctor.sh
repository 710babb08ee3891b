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
grep -q "round_trip_too_long: .* 1168.3 us .* 1000.0 us; 1188.3 us is the shortest" "$work/refused.txt" || fail "the refusal has a name, and says what is needed"
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
# 1474 and 526 bytes of data in two frames
assert large["refused"] == "round_trip_too_long" and small["refused"] is None, (large, small)
assert large["frames"] == 2 and large["wire_bytes"] == 1474 + 526 + 2 * (28 + 24), large
# each 14 bytes out and in and one for its mailbox; 36 for the clocks, which find no room beside 1474;
# the inputs of the 51st are not divided, so that 10 bytes are free
drives = json.load(open(sys.argv[1] + "/drives.json"))
assert drives["image_bytes"] == 87 and drives["wire_bytes"] == 28 + 87 + 36 + 24, drives
many = json.load(open(sys.argv[1] + "/many.json"))
assert many["frames"] == 3 and many["wire_bytes"] == 60 + 24 + 1474 + 276 + 2 * (28 + 24), many
assert abs(large["round_trip_us"] - (2104 * 0.08 + 1000)) < 0.01, large
PY
# What the master sends in most of its cycles, as it recorded it, takes as much of the wire.
compare() { # compare RING
	"$ECRING" budget "$1" --json >"$work/budget.json"
	"$ECRING" demo --ring "$1" --duration 2 --json --record "$work/cycles.pcapng" --fault 'at 1s retreat #1 for 10ms' >/dev/null 2>"$work/why.txt"
	python3 - "$work" <<'PY' || fail "the master sends $1 as the budget says: $(cat "$work/why.txt")"
import collections, json, struct, sys
CYCLIC = (10, 11, 12, 14)  # LRD, LWR, LRW and the time to all
file, at, cycles, last = open(sys.argv[1] + "/cycles.pcapng", "rb").read(), 0, [[]], 0
while at + 12 <= len(file):
    kind, length = struct.unpack_from("<II", file, at)
    if kind == 6:
        _, high, low, size, _ = struct.unpack_from("<IIIII", file, at + 8)
        frame, when = file[at + 28:at + 28 + size], high << 32 | low
        if not frame[6] & 2 and frame[16] in CYCLIC:  # on its way out
            if when - last > 300000:
                cycles.append([])
            cycles[-1].append(max(60, size) + 24)
            last = when
    at += length
most = collections.Counter(map(tuple, cycles)).most_common(1)[0][0]
budget = json.load(open(sys.argv[1] + "/budget.json"))
assert (len(most), sum(most)) == (budget["frames"], budget["wire_bytes"]), (most, budget)
PY
}
for ring in EK1100,EL1809,EL2809 'drive*3' 'drive*60' 'digital:64:64*93' 'analog_coe*100' 'analog_coe*120,digital:8:8'; do
	compare "$ring"
done
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
