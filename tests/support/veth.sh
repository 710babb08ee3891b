# SPDX-License-Identifier: Apache-2.0
# Sourced by tests that run a master and a simulated ring over veth pairs, in a network namespace of their own: m0 - s0, and m1 - s1
# where a ring has two ports. How a scenario runs here: serve, master (or master & and something in between), then check.
: "${ECRING:?}"
. "$(dirname "$0")/../support/namespace.sh"
. "$(dirname "$0")/../support/check.sh"
show() { cat "$work"/*.txt 2>/dev/null | cut -c 1-1500 | tail -20; }
cables=()
# What stands for wire and slaves does not wait for others of this machine, where that may be had.
urgent=
chrt -f 40 true 2>/dev/null && urgent="chrt -f 40"

pair() { # pair A B: both up; the test is skipped where there are none
	ip link add "$1" type veth peer name "$2" && ip link set "$1" up && ip link set "$2" up || {
		echo "skipped: no veth"
		exit 77
	}
}

serve() { # serve OPTION...: the simulated ring, anew
	[ -n "$sim" ] && kill "$sim" 2>/dev/null && wait "$sim" 2>/dev/null
	$urgent "$ECRING" sim "$@" >"$work/sim.txt" 2>&1 &
	sim=$!
	sleep 0.5
}

cable() { # cable A B OPTION...: frames go from one interface to the other, spoiled as cable.py says
	$urgent python3 "$(dirname "$0")/../support/cable.py" "$@" >"$work/cable.txt" 2>&1 &
	cables+=($!)
	sleep 0.3
}

cut_cables() {
	[ ${#cables[@]} = 0 ] || kill "${cables[@]}" 2>/dev/null
	[ ${#cables[@]} = 0 ] || wait "${cables[@]}" 2>/dev/null
	cables=()
}

master() { # master SECONDS OPTION...: its summary lands in run.txt
	"$ECRING" run --duration "$1" --json "${@:2}" >"$work/run.txt" 2>"$work/errors.txt"
}

summary() { # summary EXPRESSION over r, the master's summary, and d, its redundancy
	python3 -c "
import json, sys
r = json.load(open('$work/run.txt'))
d = r['redundancy']
sys.exit(not ($1))"
}

operates="r['state'] == 'operational' and r['wkc'] == r['expected_wkc'] and all(s['state'] == 'OP' for s in r['slaves'])"

end() { # the verdict of the test
	cut_cables
	verdict
}
