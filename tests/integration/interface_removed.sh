#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The network interface goes away under a cycling master: switched off, without carrier, removed and created again.
set -u
: "${ECRING:?}"
. "$(dirname "$0")/../support/namespace.sh"
failed=0
fail() {
	echo "FAIL: $*"
	failed=1
}
make_pair() {
	ip link add m0 type veth peer name s0 && ip link set m0 up && ip link set s0 up
}
make_pair || { echo "skipped: no veth"; exit 77; }
"$ECRING" sim -i s0 --wire outputs.1=inputs.1 >"$work/sim.txt" 2>&1 &
sim=$!
sleep 0.5

# check_run WHAT LOSSES REOPENED: the run that ends now is operational, has noticed, and cycled on afterwards
check_run() {
	wait "$run" || fail "$1: the run ended with status $?"
	python3 - "$work/run.txt" "$1" "$2" "$3" <<'PY' || failed=1
import json, sys
run = json.load(open(sys.argv[1]))
link = run["link"]
wanted = {"status": "up", "losses": int(sys.argv[3]), "reopened": int(sys.argv[4])}
got = {key: link[key] for key in wanted}
if run["state"] != "operational" or run["wkc"] != 3 or run["expected_wkc"] != 3:
    sys.exit(f"FAIL: {sys.argv[2]}: ended {run['state']}, wkc {run['wkc']}/{run['expected_wkc']}")
if got != wanted:
    sys.exit(f"FAIL: {sys.argv[2]}: link {got} instead of {wanted}")
PY
}

start_run() { # DURATION
	"$ECRING" run -i m0 --cycle 2ms --duration "$1" --json >"$work/run.txt" 2>"$work/errors.txt" &
	run=$!
	sleep 2
}

start_run 6s
ip link del m0
sleep 1.5
make_pair
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
python3 - <<'PY' || fail "no second sender could be made"
import socket
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("s0", 0x88A4))
header = b"\xff" * 6 + b"\xba\xad\xf0\x0d\x00\x01" + b"\x88\xa4"
for _ in range(7):
    sender.send(header + bytes([0x0E, 0x10]) + bytes(46))
PY
check_run "another sender" 0 0
grep -q '"foreign_frames":7' "$work/run.txt" || fail "another sender's frames are counted"

"$ECRING" run -i m0 --cycle 2ms --duration 7s >"$work/lines.txt" 2>&1 &
run=$!
sleep 2
ip link set s0 down
sleep 3
ip link set s0 up
wait "$run" || fail "shown as lines: the run ended with status $?"
grep -q "recovering .*link down  .* down (timeout)" "$work/lines.txt" ||
	fail "without a link the lines do not say so: $(cat "$work/lines.txt")"
[ $failed = 0 ] && echo "5 passed"
exit $failed
