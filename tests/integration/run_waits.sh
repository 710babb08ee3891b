#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A program that is started before its interface and its ring are there: it says what lacks, and begins when they come.
set -u
. "$(dirname "$0")/../support/veth.sh"
pair m0 s0 # whether that can be had
ip link del m0

fails() { ! "$@"; }
told_once() { [ "$(grep -c try: "$work/errors.txt")" = 1 ]; }

check "without an interface the run fails" fails master 1s -i m0
master 1s -i m0 --wait --cycle 2ms &
run=$!
sleep 3
check "it waits for the interface" kill -0 $run
check "what lacks is told once" told_once
pair m0 s0
sleep 2
check "it waits for the ring" kill -0 $run
serve -i s0
check "it ends well with the ring" wait $run
check "it has operated" summary "$operates and len(r['slaves']) == 3"
kill -INT $sim
wait $sim
sim=
"$ECRING" run -i m0 --wait --cycle 2ms >"$work/run.txt" 2>"$work/errors.txt" &
run=$!
sleep 1
kill -INT $run
check "interrupted before a ring was there it fails" fails wait $run
end
