#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ecring dc against a ring served over UDP: the clocks lock, the JSON is one, the plot is an SVG.
set -u
. "$(dirname "$0")/../support/check.sh"
show() { echo "${last-}"; }
directory=$(mktemp -d)
"$ECRING" sim --udp 127.0.0.2:0 --ring 'EK1100,digital:8:8@60*4,digital:8:8' >"$directory/sim" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$directory"' EXIT
port=
for _ in $(seq 100); do
	port=$(sed -n 's/.*udp port //p' "$directory/sim")
	[ -n "$port" ] && break
	sleep 0.1
done
last=$(timeout 60 "$ECRING" dc -i "udp:127.0.0.2:$port" --duration 5s --json --plot "$directory/plot.svg")
check "the clocks lock" [ $? = 0 ]
check "JSON" python3 - "$last" <<'PYTHON'
import json, sys
told = json.loads(sys.argv[1])
slaves = told["slaves"]
assert told["lock_state"] == "locked" and told["reference_clock"] == "slave_1", told
assert [slave["position"] for slave in slaves] == list(range(6))
assert slaves[0]["kind"] == slaves[5]["kind"] == "none" and slaves[5]["difference_ns"] is None
assert all(slave["kind"] == "64_bit" for slave in slaves[1:5])
delays = [slave["delay_ns"] for slave in slaves[1:5]]
assert delays[0] == 0 and delays == sorted(delays) and delays[3] > 1000
assert all(abs(slave["difference_ns"]) < 200 for slave in slaves[1:5])
PYTHON
check "the plot has a curve and a key per clock, none of the reference" python3 - "$directory/plot.svg" <<'PYTHON'
import sys, xml.dom.minidom
plot = xml.dom.minidom.parse(sys.argv[1])
curves = [path for path in plot.getElementsByTagName("path") if "frame" in path.getAttribute("clip-path")]
texts = [text.firstChild.data for text in plot.getElementsByTagName("text") if text.firstChild]
assert len(curves) == 3, curves
assert "reference: slave_1" in texts and {"slave_2", "slave_3", "slave_4"} <= set(texts), texts
assert not {"slave_0", "slave_1", "slave_5"} & set(texts), texts
PYTHON
last=$(timeout 30 "$ECRING" dc --ring 'EK1100,EL1809' --duration 300ms 2>&1)
check "no clock is status 1" [ $? = 1 ]
check "and said" grep -q 'no slave has one' <<<"$last"
"$ECRING" dc >/dev/null 2>&1
check "no interface is status 2" [ $? = 2 ]
verdict
