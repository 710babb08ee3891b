#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# diag and topology on simulated rings: sound, with a bad cable, drawn.
set -u
: "${ECRING:?}"
. "$(dirname "$0")/../support/check.sh"
show() { echo "${out-}"; }
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
out=$("$ECRING" diag --ring $ring --duration 4s --fault 'at 2s break #2 for 300ms')
check "a link that was lost is counted at its cable" grep -Eq 'between .*\(1\) port 1 and .*\(2\) port 0: link lost 1 times' <<<"$out"
check "the tree is in the report" grep -Eq '^ +2 .* port 0 <- .* \(1\) port 1 ' <<<"$out"
out=$("$ECRING" diag --ring 'EK1100,EL1809,EL2809~' --duration 1s)
check "exchanged IN and OUT are told" grep -q 'otherwise than it should be: outputs (2): IN and OUT are exchanged' <<<"$out"
echo EK1100,EL1809,EL2809,EL3202 >"$work/ring.txt"
out=$("$ECRING" diag --ring $ring --duration 1s --compare "$work/ring.txt")
check "status 1 when it is not as wanted" [ $? = 1 ]
check "and why" grep -q 'otherwise than wanted: slave_3 (EL3202) is missing' <<<"$out"
out=$("$ECRING" diag --ring $ring --duration 1s --cycle 5ms)
check "with --cycle it operates" grep -q '^session: operational' <<<"$out"
check "and its cycles are told" grep -Eq '^cycles: [0-9]{2,} valid, 0 not; counter 3 of 3$' <<<"$out"
out=$("$ECRING" diag --ring $ring --duration 3s --cycle 5ms --fault 'refuse #2 safeop 0x1e for 4s' --fault 'at 6s corrupt #2 for 14 frames' 2>/dev/null)
check "it listens from there on, however long the way was" grep -q ' port 0: 14 CRC errors in 60 s' <<<"$out"
out=$("$ECRING" diag --ring $ring --duration 2s --cycle 5ms --fault 'at 1s wkc -1 of #2')
suspects=$(grep -A1 'it may be that of' <<<"$out")
check "whose share lacks may be somebody's who answers" grep -q inputs <<<"$suspects"
out=$("$ECRING" diag --ring $ring --duration 2s --cycle 5ms --fault 'at 1s wkc -1 of #2' --json)
check "and when, in JSON" python3 -c "
import json, sys
r = json.loads(sys.argv[1])
assert r['suspects'] and 0 <= r['suspected_us_ago'] < 5000000, r" "$out"
out=$("$ECRING" diag --ring $ring --duration 3s --cycle 5ms --fault 'at 1s al-error #1 0x1d' --fault 'at 2s disconnect #2')
check "a slave that is down, and when it is tried again" grep -Eq 'outputs .* down: .*, next attempt in [0-5]\.[0-9] s' <<<"$out"
check "and since when" grep -Eq '^ +2 .* OP > 2\.[0-9] lost$' <<<"$out"
check "the session recovers" grep -q '^session: recovering' <<<"$out"
check "an AL status code in its history" grep -Eq '^ +1 .*\(0x001d .*OP$' <<<"$out"
out=$("$ECRING" diag --ring $ring --duration 2s --cycle 5ms --fault 'at 1s disconnect #0')
check "a counter is told as old while no frame comes back" grep -q 'counter 3 of 3 in the last frame that came back; degraded$' <<<"$out"
out=$("$ECRING" diag --ring $ring --duration 2s --cycle 5ms --fault 'at 1s disconnect #0' --json)
check "in JSON there is none then" python3 -c "
import json, sys
r = json.loads(sys.argv[1])
assert r['wkc'] is None and r['expected_wkc'] is None and r['degraded'], r" "$out"
out=$("$ECRING" diag --ring a:EK1100,b:EL1809 --duration 2s --fault 'at 500ms break b')
check "status 1 while somebody is missing" [ $? = 1 ]
check "who is there has the ring's name" grep -Eq '^ +0  0x1000  a +PREOP' <<<"$out"
check "names of the ring are told" grep -q '#0 a, #1 b$' <<<"$out"
out2=$("$ECRING" diag --ring a:EK1100,b:EL1809 --duration 500ms --fault 'break b')
check "where somebody is missing from the start, those found are numbered" grep -Eq '^ +0  0x1000  slave_0 +PREOP' <<<"$out2"
check "of cables to nobody the end is told" grep -q 'between a (0) port 1 and nobody' <<<"$out"
out=$("$ECRING" diag --ring $ring --duration 2s --fault 'at 500ms corrupt #2')
check "when nothing comes back, what to look for" grep -q '^no frame comes back: look at the first' <<<"$out"
check "nothing is said of cables nobody can ask for" grep -q '^cables: nothing is known' <<<"$out"
out=$("$ECRING" diag --ring $ring --duration 2s --cycle 5ms --fault 'at 1s disconnect #2' --json)
check "all of it in JSON" python3 -c "
import json, sys
r = json.loads(sys.argv[1])
assert r['session'] == 'recovering' and r['expected_wkc'] == 3 and r['wkc'] == 1 and r['degraded'], r
assert [s['device'] for s in r['slaves']] == ['EK1100', 'EL1809', 'EL2809'], r
assert (r['cables'][1]['from_name'], r['cables'][1]['to_name']) == ('coupler', 'inputs'), r
assert r['slaves'][2]['fault'] == 'down' and 'next_attempt_us' in r['slaves'][2], r
assert r['unlike_configured'] == ['outputs, configured at position 2, is missing'], r" "$out"
refuse='refuse #2 preop 0x0016'
out=$("$ECRING" diag --ring EK1100,EL1809,EL3202 --duration 4s --fault "$refuse" --fault 'at 11s corrupt #1 for 14 frames')
check "a slave that does not come to PREOP is status 1" [ $? = 1 ]
check "the others are reported" grep -Eq '^ +1  0x1001  inputs +PREOP +EL1809$' <<<"$out"
check "it with its AL status code in words" grep -Eq '^ +2 .* INIT +EL3202 +the slave refused .*0x0016 invalid mailbox' <<<"$out"
check "its history" grep -Eq '^ +2  [0-9.]+ INIT \(0x0016' <<<"$out"
check "and a bad cable" grep -Eq 'between .*\(0\) port 1 and .*\(1\) port 0: 14 CRC errors in 60 s' <<<"$out"
end=$(grep -A9 '^slave slave_2 (position 2' <<<"$out")
check "the end says who, why and what to try" grep -q '^  try: ' <<<"$end"
out=$("$ECRING" diag --ring EK1100,EL1809,EL3202 --duration 1s --fault "$refuse" --json)
check "as JSON" python3 -c "
import json, sys
r = json.loads(sys.argv[1])
(f,) = r['failures']
assert r['session'] == 'awaiting_preop' and len(r['slaves']) == 3 and len(r['cables']) == 3, r
assert f['slave'] == 'slave_2' and f['position'] == 2 and f['error'] == 'al_error' and f['al_code'] == 0x16 and 'try: ' in f['text'], f" "$out"
out=$("$ECRING" diag --ring $ring --cycle 1ms --duration 1s --fault 'refuse #2 safeop 0x1e' 2>/dev/null)
check "a slave that refuses SAFEOP is reported on, with status 1" [ $? = 1 ]
check "with the state of the session" grep -q '^session: activation_blocked$' <<<"$out"
check "the others" grep -Eq '^ +1  0x1001 .* OP +EL1809$' <<<"$out"
end=$(grep -A9 'position 2, station 0x1002' <<<"$out")
check "and who it is, why and what to try" grep -q '^  try: ' <<<"$end"
out=$("$ECRING" diag --ring $ring --cycle 1ms --duration 2s --fault 'at 1s retreat #2' --fault 'at 1s stick #2')
check "a slave that has retreated is status 1, though the session operates" [ $? = 1 ]
check "which it does" grep -q '^session: operational$' <<<"$out"
check "and the end says who and why" grep -Eq '^slave .* \(position 2, station 0x1002\): the slave fell back' <<<"$out"
out=$("$ECRING" diag --ring $ring --cycle 1ms --duration 2s --fault 'at 1s al-error #2 0x1d' --fault 'at 1s stick #2' --json)
check "so is one with a latched error" [ $? = 1 ]
check "which is told in JSON" python3 -c "
import json, sys
r = json.loads(sys.argv[1])
(f,) = r['failures']
assert r['session'] == 'operational' and (f['position'], f['error'], f['al_code']) == (2, 'al_error', 0x1d) and 'try: ' in f['text'], f" "$out"
out=$("$ECRING" topology --ring EK1100,EL1809,EL3202 --fault "$refuse" 2>"$work/errors.txt")
check "its tree is told with status 1" [ $? = 1 ]
check "in whole" grep -Eq '2 .* port 0 <- .* \(1\) port 1' <<<"$out"
check "and why beside it" grep -q '^slave slave_2 (position 2' "$work/errors.txt"
out=$("$ECRING" topology --ring $ring --redundant --fault 'at 0s break #2')
check "a simulated ring is closed, and broken" grep -q 'broken between inputs (1) port 1 and outputs (2) port 0' <<<"$out"
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
verdict
