#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A ring with two ports of the master over two veth pairs: sound, with either cable pulled and plugged, and broken inside.
set -u
: "${ECRING:?}"
. "$(dirname "$0")/../support/namespace.sh"
passed=0
failed=0
check() { # check NAME CONDITION...
	local name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $name"
		cat "$work"/*.txt 2>/dev/null | cut -c 1-1500 | tail -20
	fi
}
for i in 0 1; do
	ip link add m$i type veth peer name s$i && ip link set m$i up && ip link set s$i up || { echo "skipped: no veth"; exit 77; }
done
serve() { # serve FAULT...
	[ -n "$sim" ] && kill "$sim" 2>/dev/null && wait "$sim" 2>/dev/null
	"$ECRING" sim -i s0 --backup s1 "$@" >"$work/sim.txt" 2>&1 &
	sim=$!
	sleep 0.5
}
master() { # master SECONDS: the summary lands in run.txt
	"$ECRING" run -i m0 --backup m1 --cycle 5ms --duration "$1" --json >"$work/run.txt" 2>"$work/errors.txt"
}
summary() { # summary EXPRESSION over r, the summary, and d, its redundancy
	python3 -c "
import json, sys
r = json.load(open('$work/run.txt'))
d = r['redundancy']
sys.exit(not ($1))"
}
wire=(--wire outputs.1=inputs.1)
serve "${wire[@]}"
master 2s
check "a sound ring is operational" summary "r['state'] == 'operational' and r['wkc'] == 3 and d['port_up'] == [True, True] and not d['split']"
for i in 0 1; do
	serve "${wire[@]}"
	(sleep 2; ip link set m$i down) &
	master 4s
	check "with port $i unplugged it stays operational" summary "r['state'] == 'operational' and r['wkc'] == 3 and not d['port_up'][$i] and d['port_up'][$((1 - i))]"
	ip link set m$i up
	serve "${wire[@]}"
	(sleep 1.5; ip link set m$i down; sleep 1; ip link set m$i up) &
	master 5s
	check "plugged in again the ring is whole" summary "r['state'] == 'operational' and r['wkc'] == 3 and d['port_up'] == [True, True] and not d['split']"
done
serve "${wire[@]}" --fault 'at 3s break inputs port 1'
master 5s
check "a break inside is located" summary "r['state'] == 'operational' and r['wkc'] == 3 and d['split'] and d['reach'] == [2, 1]"
serve --ring 'digital:8:8@40*4'
timeout 60 "$ECRING" dc -i m0 --backup m1 --duration 3s --json >"$work/dc.txt" 2>"$work/errors.txt"
check "clocks lock" [ $? = 0 ]
check "their delays are those of the simulated cables" python3 -c "
import json
slaves = json.load(open('$work/dc.txt'))['slaves']
assert all(abs(slave['delay_ns'] - 550 * i) <= 20 * i for i, slave in enumerate(slaves)), slaves"
"$ECRING" run -i udp:127.0.0.2 --backup m1 --duration 1s >"$work/udp.txt" 2>&1
check "UDP is refused for two ports" grep -q 'not UDP' "$work/udp.txt"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
