#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A program that is started before its interface and its ring are there: it says what lacks, and begins when they come.
set -u
: "${ECRING:?}"
. "$(dirname "$0")/../support/namespace.sh"
failed=0
fail() {
	echo "FAIL: $*"
	cat "$work/errors.txt"
	failed=1
}
timeout 10 "$ECRING" run -i m0 --duration 1s >"$work/run.txt" 2>"$work/errors.txt" && fail "no interface, and the run ends well"
timeout 40 "$ECRING" run -i m0 --wait --cycle 2ms --duration 1s >"$work/run.txt" 2>"$work/errors.txt" &
run=$!
sleep 3
kill -0 $run || fail "it does not wait for the interface"
[ "$(grep -c try: "$work/errors.txt")" = 1 ] || fail "what lacks is not told once"
ip link add m0 type veth peer name s0 && ip link set m0 up && ip link set s0 up || { kill $run; echo "skipped: no veth"; exit 77; }
sleep 2
kill -0 $run || fail "it does not wait for the ring"
"$ECRING" sim -i s0 >"$work/sim.txt" 2>&1 &
sim=$!
wait $run || fail "it does not end well with the ring"
grep -Eq '^operational: 3 slaves' <<<"$(tail -1 "$work/run.txt")" || fail "it did not operate"
kill -INT $sim
wait $sim
"$ECRING" run -i m0 --wait --cycle 2ms >"$work/run.txt" 2>"$work/errors.txt" &
run=$!
sleep 1
kill -INT $run
wait $run && fail "interrupted before a ring was there it ends well"
exit $failed
