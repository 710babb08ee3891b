#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# diag and topology on simulated rings: sound, with a bad cable, drawn.
set -u
: "${ECRING:?}"
passed=0
failed=0
check() { # check NAME CONDITION...
	local name=$1
	shift
	if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL: $name: $out"; fi
}
ring="EK1100,EL1809,EL2809"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$("$ECRING" diag --ring $ring --duration 1s)
check "a sound ring has no bad cable" grep -q 'cables: 3, none with an error' <<<"$out"
out=$("$ECRING" diag --ring $ring --duration 5s --fault 'at 3s corrupt #2 for 14 frames')
check "a bad cable is named with both its ends" grep -Eq 'between .*\(1\) port 1 and .*\(2\) port 0: 14 CRC errors in 60 s' <<<"$out"
out=$("$ECRING" diag --ring $ring --duration 1s --json)
check "the report is JSON" python3 -c "
import json, sys
r = json.loads(sys.argv[1])
sys.exit(not (len(r['slaves']) == 3 and len(r['cables']) == 3 and r['slaves'][1]['history'][-1]['status'] == 2))" "$out"
out=$("$ECRING" topology --ring $ring)
check "the tree is told" grep -Eq '2 .* port 0 <- .* \(1\) port 1' <<<"$out"
out=$("$ECRING" topology --ring $ring --json)
check "the tree is JSON" python3 -c "
import json, sys
r = json.loads(sys.argv[1])
ends = [(l['from'], l['from_port'], l['to'], l['to_port']) for l in r['links']]
sys.exit(not (ends == [(-1, 0, 0, 0), (0, 1, 1, 0), (1, 1, 2, 0)] and r['slaves'][2]['device'] == 'EL2809' and not r['split']))" "$out"
"$ECRING" topology --ring $ring --svg "$work/ring.svg"
out=$(cat "$work/ring.svg")
check "the tree is drawn" python3 -c "
import sys, xml.dom.minidom as x
d = x.parse(sys.argv[1])
sys.exit(not (len(d.getElementsByTagName('rect')) == 4 and len(d.getElementsByTagName('path')) == 3))" "$work/ring.svg"
"$ECRING" topology >/dev/null 2>&1
check "without a ring it is status 2" [ $? = 2 ]
echo "$passed passed, $failed failed"
[ $failed = 0 ]
