#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The doctor on a virtual interface that has everything wrong with it: each thing is found, each piece of advice has a command, and
# what is done as it says is not found again.
set -u
: "${ECRING:?}"
. "$(dirname "$0")/../support/namespace.sh"
. "$(dirname "$0")/../support/check.sh"
show() { cat "$work/said.txt"; }
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

# Who may not open a socket is told what else there is to do.
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --clear-groups --inh-caps=-all true 2>/dev/null; then
	cp "$ECRING" "$work/ecring" && chmod 755 "$work" "$work/ecring"
	setpriv --reuid 65534 --clear-groups --inh-caps=-all "$work/ecring" doctor -i m0 >"$work/said.txt"
	check "status 3 for one who may not" [ $? = 3 ]
	check "permission is advised" advised permission
	check "other users are looked at all the same" said ok 'other users'
	check "and offloads" said '(ok|unknown|advice)' '(offloads|offloads on)'
fi

# Other machines: what the kernel says of itself is put in the place of what it says here, in a mount namespace of its own.
machine=$work/machine
put() { # put TEXT PATH: PATH is a file with this text from here on
	printf '%b' "$1" >"$machine/$(echo "$2" | tr / _)" && mount --bind "$machine/$(echo "$2" | tr / _)" "$2"
}
configured() { # configured LINE...: the kernel was built with these, and says no more
	[ ! -d /sys/kernel/debug ] || mount -t tmpfs none /sys/kernel/debug || return
	if [ -e /proc/config.gz ]; then
		printf '%s\n' "$@" | gzip >"$machine/config.gz" && mount --bind "$machine/config.gz" /proc/config.gz
	else
		mount -t tmpfs none /boot && printf '%s\n' "$@" >"/boot/config-$(uname -r)"
	fi
}
processors() { # processors ISOLATED GOVERNOR...
	local number=0 folder=/sys/devices/system/cpu
	mount -t tmpfs none "$folder" && echo "$1" >"$folder/isolated" && shift
	for governor; do
		mkdir -p "$folder/cpu$number/cpufreq" && echo "$governor" >"$folder/cpu$number/cpufreq/scaling_governor" || return
		number=$((number + 1))
	done
}
on_machine() { # on_machine COMMAND: the doctor's words behind that
	export -f put configured processors
	export machine
	rm -rf "$machine" && mkdir -p "$machine"
	unshare -m bash -c "{ $1; } && \"$ECRING\" doctor -i m0" >"$work/said.txt" 2>"$work/why.txt" || cat "$work/why.txt" >>"$work/said.txt"
}
is_said() { grep -Eq "$1" "$work/said.txt"; }
if unshare -m true 2>/dev/null && ! grep -q PREEMPT_RT /proc/version; then
	on_machine 'configured CONFIG_PREEMPT_RT=y'
	check "a kernel that was built with PREEMPT_RT" said ok kernel
	on_machine 'configured CONFIG_PREEMPT_VOLUNTARY=y CONFIG_PREEMPT_DYNAMIC=y && put "quiet\n" /proc/cmdline'
	check "one that could be told" is_said 'advice  kernel .*preemption: voluntary, chosen at the start'
	check "how" is_said 'preempt=full'
	on_machine 'configured CONFIG_PREEMPT_NONE=y CONFIG_PREEMPT_DYNAMIC=y && put "quiet preempt=full\n" /proc/cmdline'
	check "one that was told" is_said 'advice  kernel .*preemption: full'
	check "what is left is another kernel" is_said 'apt install linux-image-rt'
	on_machine 'put "-1\n" /proc/sys/kernel/sched_rt_runtime_us'
	check "no throttling" said ok throttling
	on_machine 'processors 1-3 performance powersave performance powersave'
	check "isolated CPUs" is_said 'ok +isolated CPUs +1-3'
	check "a governor that saves power" is_said 'advice  governor +powersave on 2 of 4 CPUs'
	on_machine 'processors "" performance'
	check "governors that do not" said ok governor
	check "no isolated CPU" advised 'isolated CPUs'
	irq=$(ls /proc/irq | grep -E '^[0-9]+$' | tail -n 1)
	on_machine "put ' $irq: 0 0 x m0-rx-0\\n 1: 0 0 x m01-rx-0\\n' /proc/interrupts && put '0-3\\n' /proc/irq/$irq/smp_affinity_list"
	check "an interrupt that runs anywhere" is_said "advice  interrupt +$irq runs on CPUs 0-3"
	check "and where it is told" is_said "echo [0-9]+ \| sudo tee /proc/irq/$irq/smp_affinity_list"
	check "not another interface's" sh -c '[ "$(grep -c "  interrupt " "$1")" = 1 ]' _ "$work/said.txt"
	on_machine "put ' $irq: 0 0 x m0-rx-0\\n' /proc/interrupts && put '2\\n' /proc/irq/$irq/smp_affinity_list"
	check "one that keeps to a CPU" is_said "ok +interrupt +$irq runs on CPU 2"
	if ip link add b0 type bridge 2>/dev/null && ip link set m0 master b0; then
		on_machine 'mount -t sysfs none /sys'
		check "an interface of a bridge" is_said 'advice  other users +it belongs to b0'
		ip link set m0 nomaster
		on_machine 'mount -t sysfs none /sys'
		check "which it has left" said ok 'other users'
	fi
fi
verdict
