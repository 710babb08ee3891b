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
ring --ring EK1100,EL1809,EL2809,EL3202,EK1100 --fault 'at 0s break #2'
"$ECRING" topology -i m0 --backup m1 >"$work/tree.txt" 2>&1
check "a broken ring is two lines, each from its port of the master" diff - "$work/tree.txt" <<'END'
master
    0  slave_0          port 0 <- master
    1  slave_1          port 0 <- slave_0 (0) port 1
master, port 1
    4  slave_4          port 1 <- master port 1
    3  slave_3          port 1 <- slave_4 (4) port 0
    2  slave_2          port 1 <- slave_3 (3) port 0
  broken between slave_1 (1) port 1 and slave_2 (2) port 0
END
"$ECRING" topology -i m0 --backup m1 --json >"$work/tree.txt" 2>&1
check "as JSON" python3 -c "
import json
r = json.load(open('$work/tree.txt'))
assert [(l['from'], l['from_port'], l['to']) for l in r['links']] == [(-1, 0, 0), (0, 1, 1), (-1, 1, 4), (4, 0, 3), (3, 0, 2)], r
assert [(e['name'], e['port']) for e in r['ends']] == [('slave_1', 1), ('slave_2', 0)] and r['reach'] == [2, 3], r"
"$ECRING" topology -i m0 --backup m1 --svg "$work/tree.svg"
check "as a drawing, where each has a place of its own and hangs on its neighbour" python3 -c "
import xml.dom.minidom as x
d = x.parse('$work/tree.svg')
at = [(int(b.getAttribute('x')), int(b.getAttribute('y'))) for b in d.getElementsByTagName('rect')]
names = [t.firstChild.data if t.firstChild else '' for t in d.getElementsByTagName('text')]
master, zero, one, two, three, four = at
assert names[0] == 'master' and 'slave_4' in names and len(set(at)) == 6, (names, at)
assert master[1] == zero[1] == one[1] and four[1] == three[1] == two[1] > master[1], at
assert master[0] < zero[0] < one[0] and four[0] < three[0] < two[0] and four[0] == zero[0], at
assert sum(p.getAttribute('class') == 'broken' for p in d.getElementsByTagName('path')) == 2"
"$ECRING" diag -i m0 --backup m1 --duration 1s >"$work/tree.txt" 2>&1
check "and in the report" grep -q '^the ring is broken between slave_1 (1) port 1 and slave_2 (2) port 0: the ports reach 2 and 3 slaves$' "$work/tree.txt"
check "which tells of both ports" grep -q '^frames pass by the first port: yes, by the second: yes$' "$work/tree.txt"
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
