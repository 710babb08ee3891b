# SPDX-License-Identifier: Apache-2.0
# Sourced by tests that make a network: the script begins again in a network namespace of its own, and there has a folder $work;
# it goes at the end, with the simulator whose process number is in $sim.
if [ "${1:-}" != inside ]; then
	if unshare -n true 2>/dev/null; then
		exec unshare -n bash "$0" inside
	elif unshare -Urn true 2>/dev/null; then
		exec unshare -Urn bash "$0" inside
	fi
	echo "skipped: this system allows no network namespace"
	exit 77
fi
work=$(mktemp -d)
sim=
finish() {
	[ -n "$sim" ] && kill "$sim" 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT
ip link set lo up
