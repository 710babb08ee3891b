#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The master past the kernel's network stack: AF_XDP on one end of a veth pair, and what it says where it cannot be had.
set -u
: "${ECRING:?}"
. "$(dirname "$0")/../support/namespace.sh"
. "$(dirname "$0")/../support/check.sh"
show() { cat "$work"/*.txt 2>/dev/null | cut -c 1-1500 | tail -20; }
ip link add m0 type veth peer name s0 && ip link set m0 up && ip link set s0 up || { echo "skipped: no veth"; exit 77; }
"$ECRING" sim -i s0 --wire outputs.1=inputs.1 >"$work/sim.txt" 2>&1 &
sim=$!
sleep 0.5
operational() { grep -q '"state":"operational".*"wkc":3,"expected_wkc":3' "$work/run.txt"; }
"$ECRING" run -i xdp:m0 --cycle 2ms --duration 2s --json >"$work/run.txt" 2>"$work/errors.txt"
check "three slaves operational, with XDP or without" operational
"$ECRING" run -i xdp:nosuch0 --duration 1s >"$work/none.txt" 2>&1
check "a missing interface is status 3" [ $? = 3 ]
check "a missing interface is named" grep -q 'nosuch0' "$work/none.txt"
if grep -q 'a packet socket instead of XDP: ' "$work/errors.txt"; then
	sed -n 's/.*a packet socket instead of XDP: /no XDP here: /p' "$work/errors.txt" # said, and so it went on without
else
	check "it is told that XDP is used" grep -q '"xdp":true' "$work/run.txt"
	check "a program is gone when its session is" sh -c '! ip link show m0 | grep -q xdp'
	"$ECRING" run -i m0 --cycle 2ms --duration 1s --json >"$work/run.txt" 2>>"$work/errors.txt"
	check "a packet socket receives again" operational
fi
verdict
