#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Objects from the command line: a simulated ring with mailboxes on one end of a veth pair, the program on the other.
set -u
: "${ECRING:?}"
. "$(dirname "$0")/../support/namespace.sh"
. "$(dirname "$0")/../support/check.sh"
show() { tail -n 5 "$work/out" "$work/err" 2>/dev/null; }
ecring() { # its status in $status, its words in out and err
	"$ECRING" "$@" >"$work/out" 2>"$work/err"
	status=$?
}
says() { # says TEXT: standard output is this line
	[ "$(cat "$work/out")" = "$1" ]
}
json() { # json PYTHON: an expression over the object o
	python3 -c "import json, sys; o = json.load(open('$work/out')); sys.exit(not ($1))"
}
ip link add m0 type veth peer name s0 && ip link set m0 up && ip link set s0 up || { echo "skipped: no veth"; exit 77; }
"$ECRING" sim -i s0 --ring EK1100,EL3202,mailbox,analog_coe >"$work/sim" 2>&1 &
sim=$!
sleep 0.5

ecring upload -i m0 -p 1 -t uint32 0x1018 1
check "vendor by its type" says "0x00000002 2"
ecring upload -i m0 -p 1 0x1018 2
check "product by the type that the slave tells" says "0x0c823052 209858642"
ecring upload -i m0 -p 1 -t string 0x1008 0
check "name as a string" says "EL3202"
ecring upload -i m0 -p 1 --type raw 0x1018 1
check "vendor as bytes" says "0x02 0x00 0x00 0x00"
ecring upload -i m0 -p 1 -t octet_string 0x1018 1
check "vendor as octets" says "0x02 0x00 0x00 0x00"
ecring upload -i m0 -p 1 --json 0x1018 1
check "upload as JSON" json "o['value'] == 2 and o['type'] == 'uint32' and o['index'] == 0x1018 and o['bytes'] == '02000000'"
ecring upload -i m0 -p 1 -t uint8 0x1018 1
check "a type that does not fit is refused" [ $status = 1 ]
check "and the sizes are told" grep -q "has 4 bytes, uint8 has 1" "$work/err"
ecring upload -i m0 -p 1 0x5555 3
check "an object that is not there is status 1" [ $status = 1 ]
check "and is named with the abort code" grep -q "0x5555:0x03" "$work/err"
check "in words" grep -q "abort code 0x06020000: the object does not exist" "$work/err"
check "with advice" grep -q "try: " "$work/err"

ecring download -i m0 -p 1 -t uint16 0x8000 0x19 8
check "a write succeeds" [ $status = 0 ]
ecring upload -i m0 -p 1 -t uint16 0x8000 0x19
check "and is read back" says "0x0008 8"
ecring download -i m0 -p 1 0x8000 0x19 3
check "a write of the type that the slave tells" [ $status = 0 ]
ecring upload -i m0 -p 1 --json 0x8000 0x19
check "is read back" json "o['value'] == 3"
ecring download -i m0 -p 1 -t uint16 0x1018 1 5
check "a write to a read-only object fails" [ $status = 1 ]
check "and says why" grep -q "download to object 0x1018:0x01" "$work/err"
ecring download -i m0 -p 1 -t uint16 0x8000 0x19 70000
check "a value out of range is wrong usage" [ $status = 2 ]
ecring download -i m0 -p 1 -t uint17 0x8000 0x19 7
check "so is an unknown type" [ $status = 2 ]
check "and the types are listed" grep -q "uint16, .*string" "$work/err"
ecring download -i m0 -p 1 0x8000 0x19
check "so is a missing value" [ $status = 2 ]

ecring upload -im0 -p1 -tuint32 0x1018 1
check "options with their value in one word" says "0x00000002 2"
ecring upload --interface=m0 --position=1 --type=uint32 0x1018 1
check "and behind an equal sign" says "0x00000002 2"
ecring download -i m0 -p 2 -t int16 0x2000 1 -7
check "a value below zero" [ $status = 0 ]
ecring upload -i m0 -p 2 -t int16 -- 0x2000 1
check "is read back" says "0xfff9 -7"
ecring download -i m0 -p 2 -t sm16 -- 0x2000 1 -5
ecring upload -i m0 -p 2 -t uint16 0x2000 1
check "sign and magnitude" says "0x8005 32773"
ecring upload -i m0 -p 2 -t sm16 0x2000 1
check "there and back" says "0x8005 -5"
ecring download -i m0 -p 2 --complete 0x2000 "02 00 34 12 56"
check "an object written as a whole" [ $status = 0 ]
ecring upload -i m0 -p 2 --complete 0x2000
check "and read" says "0x02 0x00 0x34 0x12 0x56"
ecring upload -i m0 -p 2 --bogus=1 0x2000 1
check "an option that there is not is wrong usage" [ $status = 2 ]

ecring sdos -i m0 -p 1
check "the dictionary as a tree" grep -q '^SDO 0x1018, "' "$work/out"
check "with entries" grep -Eq '^  0x1018:01, r-r-r-, uint32, 32 bit, "' "$work/out"
ecring sdos -i m0 -p 1 --json
check "the dictionary as JSON" json "[e['type'] for x in o['objects'] if x['index'] == 0x1018 for e in x['entries']] == ['uint8'] + 4 * ['uint32']"
ecring sdos -i m0 --json
check "of every slave" json "[len(s['objects']) > 4 for s in o['slaves']] == [False, True, True, True]"
check "those without any too" json "o['slaves'][0]['error'] == 'no_mailbox'"
check "which is no failure" [ $status = 0 ]
ecring sdos -i m0 -p 0
check "a coupler has none" [ $status = 1 ]
check "and it is said" grep -q "no_mailbox" "$work/err"

ecring pdos -i m0 -p 3
check "PDOs by the slave's objects" grep -q "^SM3: inputs, by the slave's objects" "$work/out"
check "with their entries" grep -Eq '    PDO entry 0x7000:01, 16 bit, ' "$work/out"
check "and those that could be chosen" grep -q "not assigned: TxPDO 0x1a01" "$work/out"
ecring pdos -i m0 -p 3 --json
check "PDOs as JSON" json "[p['index'] for p in o['pdos'] if p['source'] == 'coe'] == [0x1600, 0x1601, 0x1A00, 0x1A02]"

ecring pdos -i m0 --json
check "of every slave" json "[len(s['pdos']) > 0 for s in o['slaves']] == [False, True, True, True]"

ecring emergencies -i m0 -p 1 --duration 300ms
check "nothing to complain about" says "no emergency"
ecring upload -i m0 -p 9 0x1018 1
check "a position that is not there is status 1" [ $status = 1 ]
check "and the ring's size is told" grep -q "has 4" "$work/err"
ecring upload -i nosuch0 -p 1 0x1018 1
check "a missing interface is status 3" [ $status = 3 ]
ecring upload -p 1 0x1018 1
check "no interface is wrong usage" [ $status = 2 ]
ecring upload -i m0 0x1018 1
check "no position is wrong usage" [ $status = 2 ]
check "every verb tells its usage" "$ECRING" download --help >"$work/out"
kill $sim
wait $sim 2>/dev/null

"$ECRING" sim -i s0 --ring EK1100,talker:mailbox+storm \
	--fault "mailbox abort talker with 0x06010000 in info object 0x2000" >"$work/sim" 2>&1 &
sim=$!
sleep 0.5
ecring emergencies -i m0 -p 1 --duration 500ms --json
check "emergencies are seen in PREOP" json "len(o['emergencies']) > 3 and all(e['position'] == 1 and e['code'] > 0 for e in o['emergencies'])"
ecring emergencies -i m0 --duration 500ms
check "and said in words, of any slave" grep -Eq "position 1  code 0x[0-9a-f]{4} \([a-z ]+\)" "$work/out"
ecring sdos -i m0 -p 1 --json
check "an object that is not described keeps its reason" json \
	"[(x['index'], x['abort_code']) for x in o['objects'] if 'error' in x] == [(0x2000, 0x06010000)]"
ecring sdos -i m0 -p 1
check "in words, too" grep -q '^SDO 0x2000, "" (not described: this access' "$work/out"
ecring upload -i m0 -p 1 -t uint32 0x1018 4
check "and take no answer's place" [ $status = 0 ]
kill $sim
wait $sim 2>/dev/null
sim=
verdict
