#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A ring with two ports of the master over two veth pairs: sound, with either cable pulled and plugged, and broken inside.
set -u
. "$(dirname "$0")/../support/veth.sh"
for i in 0 1; do pair m$i s$i; done
ring() { serve -i s0 --backup s1 "$@"; }
run() { master "$1" -i m0 --backup m1 --cycle 5ms; }
wire=(--wire outputs.1=inputs.1)
ring "${wire[@]}"
run 2s
check "00_healthy_ring_transport_matrix: a sound ring is operational" summary "r['state'] == 'operational' and r['wkc'] == 3 and d['port_up'] == [True, True] and not d['split']"
names=(39_redundant_primary_restore_race 45_redundant_secondary_disconnect_cycle_budget)
for i in 0 1; do
	ring "${wire[@]}"
	(sleep 2; ip link set m$i down) &
	run 4s
	check "${names[i]}: with port $i unplugged it stays operational" summary "r['state'] == 'operational' and r['wkc'] == 3 and not d['port_up'][$i] and d['port_up'][$((1 - i))]"
	ip link set m$i up
	ring "${wire[@]}"
	(sleep 1.5; ip link set m$i down; sleep 1; ip link set m$i up) &
	run 5s
	check "${names[i]}: plugged in again the ring is whole" summary "r['state'] == 'operational' and r['wkc'] == 3 and d['port_up'] == [True, True] and not d['split']"
done
for i in 0 1; do
	ring "${wire[@]}"
	(sleep 2; ip link del m$i; sleep 1; pair m$i s$i) &
	run 7s
	check "with interface $i removed and created again the ring is whole" summary "r['state'] == 'operational' and r['wkc'] == 3 and d['port_up'] == [True, True] and not d['split']"
done
ring "${wire[@]}" --fault 'at 3s break inputs port 1'
run 5s
check "00_healthy_ring_transport_matrix: a break inside is located" summary "r['state'] == 'operational' and r['wkc'] == 3 and d['split'] and d['reach'] == [2, 1]"
ring --ring 'digital:8:8@40*4'
timeout 60 "$ECRING" dc -i m0 --backup m1 --duration 3s --json >"$work/dc.txt" 2>"$work/errors.txt"
check "clocks lock" [ $? = 0 ]
check "their delays are those of the simulated cables" python3 -c "
import json
slaves = json.load(open('$work/dc.txt'))['slaves']
assert all(abs(slave['delay_ns'] - 550 * i) <= 20 * i for i, slave in enumerate(slaves)), slaves"
"$ECRING" run -i udp:127.0.0.2 --backup m1 --duration 1s >"$work/udp.txt" 2>&1
check "UDP is refused for two ports" grep -q 'not UDP' "$work/udp.txt"
end
