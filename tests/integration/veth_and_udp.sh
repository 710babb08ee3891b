#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Scenario 00 for real: the program serves a ring on one end of a veth pair (and over UDP) and runs a master on the other.
set -u
: "${ECRING:?}"
. "$(dirname "$0")/../support/namespace.sh"
. "$(dirname "$0")/../support/check.sh"
show() { cat "$work"/*.txt 2>/dev/null | tail -20; }
ip link add m0 type veth peer name s0 && ip link set m0 up && ip link set s0 up || { echo "skipped: no veth"; exit 77; }

"$ECRING" sim -i s0 --wire outputs.1=inputs.1 >"$work/sim.txt" 2>&1 &
sim=$!
sleep 0.5
"$ECRING" scan -i m0 --json >"$work/scan.txt" 2>&1
check "scan finds three slaves" python3 -c "
import json, sys
s = json.load(open('$work/scan.txt'))['slaves']
sys.exit(not ([x['name'] for x in s] == ['EK1100', 'EL1809', 'EL2809'] and all(x['al_state'] == 'INIT' and x['station'] == 0 for x in s)))"
"$ECRING" run -i m0 --cycle 2ms --duration 2s --json >"$work/run.txt" 2>"$work/run-errors.txt"
check "run ends with success over veth" [ $? = 0 ]
check "three slaves operational over veth" python3 -c "
import json, sys
r = json.load(open('$work/run.txt'))
sys.exit(not (r['state'] == 'operational' and r['wkc'] == r['expected_wkc'] == 3 and len(r['slaves']) == 3 and r['cycles'] > 100))"
"$ECRING" sii -i m0 --slave 2 --json >"$work/sii.txt" 2>&1
check "the EEPROM is read over the wire" python3 -c "
import json, sys
s = json.load(open('$work/sii.txt'))
sys.exit(not (s['device'] == 'EL2809' and s['product'] == 0x0AF93052 and len(s['pdos']) == 16 and not s['warnings']))"
"$ECRING" run -i m0 --cycle 10ms --duration 3s --json >"$work/first.txt" 2>&1 &
first=$!
sleep 1
"$ECRING" run -i m0 --duration 1s >"$work/second.txt" 2>&1
check "a second master on the interface is refused" grep -q interface_in_use "$work/second.txt"
wait $first
check "the first master is not disturbed" grep -q '"state":"operational"' "$work/first.txt"
kill $sim
wait $sim 2>/dev/null
check "the simulator says what it served" grep -q '^served [1-9][0-9]* frames' "$work/sim.txt"

"$ECRING" sim --udp 127.0.0.2:0 >"$work/udp.txt" 2>&1 &
sim=$!
sleep 0.5
port=$(sed -n 's/.*udp port //p' "$work/udp.txt")
"$ECRING" run -i "udp:127.0.0.2:$port" --cycle 5ms --duration 2s --json >"$work/udp-run.txt" 2>&1
check "three slaves operational over UDP" grep -q '"state":"operational".*"wkc":3,"expected_wkc":3' "$work/udp-run.txt"
"$ECRING" run -i nosuch0 --duration 1s >"$work/none.txt" 2>&1
check "a missing interface is status 3" [ $? = 3 ]
check "a missing interface is named" grep -q nosuch0 "$work/none.txt"
verdict
