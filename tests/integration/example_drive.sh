#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The servo example in real time: it homes, goes its way, and ends where it was told to.
set -u
if ! chrt -f 1 true 2>/dev/null; then
	echo "skipped: this user may not run in real time, and the axis would fall behind"
	exit 77
fi
passed=0
failed=0
check() {
	local name=$1
	shift
	if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL: $name: $last"; fi
}
svg=$(mktemp)
trap 'rm -f "$svg"' EXIT
out=$(timeout 60 "$ECRING_OUTPUT/examples/drive" "$svg" 2>&1)
status=$?
last=$(printf '%s\n' "$out" | tail -2 | head -1)
check "it arrives" [ $status = 0 ]
check "all of its way is recorded" grep -Eq '^5[01][0-9]{2} cycles' <<<"$last"
check "the plot begins at the top station" grep -q '^  120.. mm' <<<"$out"
check "two curves are drawn" [ "$(grep -c '<polyline' "$svg")" = 2 ]
echo "$passed passed, $failed failed"
[ $failed = 0 ]
