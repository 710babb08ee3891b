#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Scenarios that concern the transport, once more over veth pairs: each by its name in tests/scenario. docs/testing.md says which
# of them run elsewhere, and why the others do not. Where nothing is to be lost a few cycles may be, fewer than the fault would
# cost: the machine has other things to do; and what heals has the time for one more attempt.
set -u
. "$(dirname "$0")/../support/veth.sh"
pair m0 s0
line() { serve -i s0 "$@"; }
run() { master "$1" -i m0 --cycle 5ms; }

line --fault 'at 2.5s drop for 30 frames'
run 4s
check "01_transient_timeout: cycles are missed, and then it operates" summary "$operates and r['missed'] >= 3"

line --fault 'at 2s truncate once then after 200ms mistype once then after 200ms misindex once then after 200ms replay once'
run 4s
check "04_corrupted_frame: each costs a cycle or a question, and no more" summary "$operates and 1 <= r['missed'] < 100"

line --fault 'at 1500ms drop for 6 frames then wkc -1 for 4 frames then disconnect outputs for 30 frames'
run 4s
check "07_combined_fault_script: one fault after the other" summary "$operates and r['missed'] >= 10"

line --fault 'at 2s delay 3ms for 1s'
master 4s -i m0 --cycle 10ms
check "44_single_raw_delay_fault_clear: late within the time-out is not lost" summary "$operates and r['missed'] <= 50 and r['round_trip_us']['max'] >= 3000"

line --fault 'at 2s delay 120ms for 500ms'
run 8s
check "late_replies: later is lost, and heals" summary "$operates and r['missed'] >= 20"

line --fault 'at 2s break coupler for 1s'
run 8s
check "first_cable: everybody is lost, and comes back" summary "$operates and r['missed'] >= 100"

line
master 7s -i m0 --cycle 5ms &
master=$!
sleep 2
victim=$(pgrep -P "$master" 2>/dev/null || echo "$master")
kill -STOP $victim
sleep 0.2
kill -CONT $victim
wait "$master"
check "host_paused: deadlines are skipped, outputs are raised again" summary "$operates and r['thread']['overruns'] >= 1 and r['cycles'] < 7000 / 5"

line
master 7s -i m0 --cycle 5ms &
master=$!
sleep 2
kill -STOP "$sim"
sleep 0.2
kill -CONT "$sim"
wait "$master"
check "host_paused: that of the ring" summary "$operates and r['missed'] >= 5"

line
python3 - <<'PY' &
import socket, time
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("s0", 0x88A4))
header = b"\xff" * 6 + b"\xba\xad\xf0\x0d\x00\x01" + b"\x88\xa4"
while True:
    sender.send(header + bytes([0x0E, 0x10]) + bytes(46))
    sender.send(header + bytes([0x0E, 0x00]) + bytes(46))
    time.sleep(0.004)
PY
noise=$!
sleep 0.2
run 3s
"$ECRING" diag -i m0 --duration 1s >"$work/diag.txt" 2>&1
kill $noise 2>/dev/null
wait $noise 2>/dev/null
check "noise: a ring comes up and operates in it" summary "$operates and r['missed'] <= 100 and r['link']['foreign_frames'] > 500"
check "diag: a second master is told" grep -q 'a second master? [1-9][0-9]* frames of ba:ad:f0:0d:00:01' "$work/diag.txt"

# Between the ports and the ring's two ends there are cables that can be bad.
ip link del m0
for i in 0 1; do
	pair m$i a$i
	pair b$i s$i
done
ring() { serve -i s0 --backup s1 "$@"; }
run() { master "$1" -i m0 --backup m1 --cycle 5ms; }

ring
cable a0 b0 --late 200 --begin 2
cable a1 b1
run 4s
check "40_redundant_partial_processed_reply: the copy that has passed the slaves is enough" summary "$operates and r['missed'] <= 100 and not d['split']"
cut_cables

ring
cable a0 b0
cable a1 b1 --late 200 --begin 2 --end 2.5
run 5s
check "38_redundant_passthrough_only_partial: the other one is no answer" summary "$operates and r['missed'] >= 20"
cut_cables

ring
cable a0 b0
cable a1 b1 --late 1
(sleep 2; ip link set m0 down; ip link set b0 down; sleep 1; ip link set m0 up; ip link set b0 up) &
run 5s
check "42_redundant_primary_reconnect_frame_loss: unlike interfaces, one of them unplugged and plugged in" summary "$operates and r['missed'] <= 100 and d['port_up'] == [True, True] and not d['split']"
cut_cables

ring
cable a0 b0 --lose 3 --begin 1.5
cable a1 b1
run 4s
check "redundant_breaks: frames lost at one port cost nothing" summary "$operates and r['missed'] <= 80"
cut_cables

ring
cable a0 b0
cable a1 b1 --lose 25 --begin 1.5
run 4s
check "redundant_breaks: those of the other cost a cycle each" summary "$operates and 5 <= r['missed'] < 200"
end
