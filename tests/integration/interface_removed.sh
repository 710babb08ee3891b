#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The network interface goes away under a cycling master: switched off, without carrier, removed and created again.
set -u
. "$(dirname "$0")/../support/veth.sh"
pair m0 s0
serve -i s0 --wire outputs.1=inputs.1

# check_run NAME LOSSES REOPENED: the run that ends now operates, has noticed, and cycled on afterwards
check_run() {
	check "$1: the run ends well" wait "$run"
	check "$1: it operates" summary "$operates and r['wkc'] == 3"
	check "$1: what became of the link" summary \
		"r['link']['status'] == 'up' and (r['link']['losses'], r['link']['reopened']) == ($2, $3)"
}

start_run() { # DURATION
	master "$1" -i m0 --cycle 2ms &
	run=$!
	sleep 2
}

start_run 6s
ip link del m0
sleep 1.5
pair m0 s0
check_run "removed and created again" 1 1

start_run 4s
ip link set m0 down
sleep 0.5
ip link set m0 up
check_run "switched off and on" 1 0

start_run 4s
ip link set s0 down
sleep 0.5
ip link set s0 up
check_run "carrier lost" 1 0

start_run 6s
send_beside() {
	python3 - <<'PY'
import socket
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("s0", 0x88A4))
header = b"\xff" * 6 + b"\xba\xad\xf0\x0d\x00\x01" + b"\x88\xa4"
for _ in range(7):
    sender.send(header + bytes([0x0E, 0x10]) + bytes(46))
PY
}
check "another sender begins" send_beside
check_run "another sender" 0 0
check "another sender's frames are counted" grep -q '"foreign_frames":7' "$work/run.txt"

"$ECRING" run -i m0 --cycle 2ms --duration 7s >"$work/lines.txt" 2>&1 &
run=$!
sleep 2
ip link set s0 down
sleep 3
ip link set s0 up
check "shown as lines: the run ends well" wait "$run"
check "without a link the lines say so" grep -q "recovering .*link down  .* down (timeout)" "$work/lines.txt"
end
