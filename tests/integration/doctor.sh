#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The doctor on a virtual interface that has everything wrong with it: each thing is found, each piece of advice has a command, and
# what is done as it says is not found again.
set -u
: "${ECRING:?}"
. "$(dirname "$0")/../support/namespace.sh"
passed=0
failed=0
check() { # check NAME CONDITION...
	local name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $name"
		cat "$work/said.txt"
	fi
}
ip link add m0 type veth peer name s0 && ip link set s0 up && ip addr add 10.9.9.1/24 dev m0 || { echo "skipped: no veth"; exit 77; }
ask() { "$ECRING" doctor -i m0 >"$work/said.txt"; }
said() { grep -Eq "^  $1 +$2 " "$work/said.txt"; } # said VERDICT SUBJECT
advised() { said advice "$1"; }
settled() { ! said advice "$1" && said '(ok|unknown)' "$1"; }
follow() { # follow SUBJECT: does what the line below its advice says
	local command
	command=$(grep -A 1 -E "^  advice +$1 " "$work/said.txt" | sed -n '2s/^ *sudo //p')
	[ -n "$command" ] && sh -c "$command" >/dev/null
}

ask
check "status 0" [ $? = 0 ]
for subject in link address permission 'other users' coalescing '(offloads|offloads on)' interrupt scheduling memory kernel throttling \
	'isolated CPUs' governor; do
	check "$subject is looked at" said '(ok|advice|unknown)' "$subject"
done
check "each piece of advice has a command" awk '/^  advice/ { getline; if ($0 !~ /^                              *[^ ]/) exit 1 }' "$work/said.txt"
check "they are counted" sh -c '[ "$(grep -c "^  advice" "$1")" = "$(sed -n "s/ pieces of advice.*//p" "$1")" ]' _ "$work/said.txt"
check "an interface that is down" advised link
follow link
ask
check "one that was switched on" settled link
check "an IP address" advised address
for _ in IPv4 IPv6; do
	advised address && follow address
	ask
done
check "no address any more" settled address
check "nobody else" settled 'other users'
python3 -c '
import select, socket, sys
one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(int(sys.argv[1], 0)))
one.bind(("m0", int(sys.argv[1], 0)))
print("open", flush=True)
sys.stdin.read()' 0x88A4 >"$work/other.txt" < <(sleep 20) &
sim=$!
for _ in $(seq 100); do
	grep -q open "$work/other.txt" && break
	sleep 0.05
done
ask
check "another EtherCAT socket" advised 'other users'
kill "$sim"
wait "$sim" 2>/dev/null
sim=
ask
check "which is gone" settled 'other users'
if command -v ethtool >/dev/null && advised 'offloads on'; then
	follow 'offloads on'
	ask
	check "offloads that were switched off" said ok offloads
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
