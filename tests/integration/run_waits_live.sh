#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# In a terminal, with --wait: why it waits is not said again and again to a file. A start that ends since a slave has not come to PREOP in 30 s is made again, and shown again.
set -u
command -v script >/dev/null || { echo "skipped: script is not there"; exit 77; }
. "$(dirname "$0")/../support/veth.sh"
pair m0 s0
ip link set s0 down
timeout 15 script -qec "'$ECRING' run -i m0 --wait --cycle 2ms 2>'$work/errors.txt'" /dev/null >/dev/null </dev/null
check "what lacks is said once where it stays to be read" [ "$(grep -c try: "$work/errors.txt")" = 1 ]
ip link set s0 up
serve -i s0 --fault 'refuse #2 preop 0x0016 for 34s'
timeout 60 script -qec "'$ECRING' run -i m0 --wait --cycle 2ms --duration 1" /dev/null >"$work/screen" </dev/null
status=$?
tr -d '\r' <"$work/screen" | sed 's/\x1b\[[A-Z]//g' >"$work/run.txt"
check "the start has ended" grep -q '^idle: ' "$work/run.txt"
check "and why is told" grep -q '^  try: ' "$work/run.txt"
shown=$(sed '1,/^idle: /d' "$work/run.txt")
check "the next one is shown from its first step on" grep -q 'waiting for slaves on their way to PREOP' <<<"$shown"
check "it operates" grep -Eq '^operational: 3 slaves' <<<"$(tail -1 "$work/run.txt")"
check "the status is that of the last" [ $status = 0 ]
end
