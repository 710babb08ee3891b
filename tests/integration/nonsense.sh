#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What nobody means: the program says what is wrong and where, with the status of wrong arguments or of a
# file, and neither crashes nor hangs nor takes something else for it.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# refused STATUS TEXT ARGUMENT...: that status, and a line on standard error with the text.
refused() {
	local wanted=$1 text=$2
	shift 2
	timeout 20 "$ECRING" "$@" >"$work/out" 2>"$work/err" </dev/null
	local status=$?
	if [ $status != "$wanted" ] || ! grep -qF -- "$text" "$work/err"; then
		echo "ecring $*: status $status instead of $wanted, or without '$text':"
		head -c 600 "$work/err"
		failed=1
	fi
}

: >"$work/empty"
head -c 70000 /dev/zero >"$work/large"
head -c 200000 /dev/zero >"$work/huge"
printf 'short' >"$work/short"
mkdir "$work/folder"

refused 2 "" # no verb: the help
refused 2 "no such verb" fly
refused 2 "no such verb" ""
refused 2 "no such option" demo --ring EK1100 --nothing 1
refused 2 "no such option" demo --cycle 2ms
refused 2 "no such option" scan -i lo --ring EK1100
refused 2 "one too many" demo EK1100
refused 2 "one too many" scan -i lo lo
refused 2 "a value is missing" demo --duration
refused 2 "such as 10s" demo --duration -5
refused 2 "such as 10s" demo --duration 0
refused 2 "such as 10s" demo --duration 1e30
refused 2 "such as 10s" demo --duration nan
refused 2 "such as 1ms" run -i lo --cycle 0
refused 2 "such as 1ms" run -i lo --cycle 1xs
refused 3 "100 us to 10 s" run -i udp:127.0.0.2:1 --cycle 1ns
refused 3 "100 us to 10 s" run -i udp:127.0.0.2:1 --cycle 1h
refused 2 "1 to 99" run -i lo --priority 100
refused 2 "0 to 65535" run -i lo --cpu -1
refused 2 "0 to 65535" sii -i lo --slave 99999999999999999999
refused 2 "0 to 65535" sii -i lo --slave one
refused 2 "-i IF is missing" run
refused 2 "-i IF is missing" scan
refused 3 "no interface is given" scan -i ""
refused 3 "nosuch0" scan -i nosuch0
refused 3 "nosuch0" run -i nosuch0
refused 3 "nosuch0" sim -i nosuch0
refused 3 "port from 1 to 65535" run -i udp:127.0.0.1:99999
refused 3 "port from 1 to 65535" scan -i udp:
refused 3 "ADDR[:PORT]" sim --udp 127.0.0.1:99999
refused 3 "ADDR[:PORT]" sim --udp nowhere
refused 3 "ADDR[:PORT]" sim --udp 127.0.0.1:12x
refused 2 "one of -i IF and --udp" sim
refused 2 "not both" topology -i lo --ring EK1100

ring() {
	local text=$1
	shift
	refused 2 "$text" budget "$@"
}
ring "empty" ""
ring "empty" EK1100,,EL1809
ring "empty" EK1100,
ring "shipped device" EK1101
ring "shipped device" EL3202+unheard-of
ring "shipped device" "$work/nothing"
ring "Is a directory" "$work/folder"
ring "is empty" "$work/empty"
ring "has more" "$work/large"
ring "behind the *" 'EL1809*0'
ring "behind the *" 'EL1809*-1'
ring "behind the *" 'EL1809*99999999999999999999'
ring "behind the *" 'EL1809*4x'
ring "at most 4096" 'EL1809*4096,EL1809'
ring "KIND:OUTPUTS:INPUTS" digital:8
ring "KIND:OUTPUTS:INPUTS" digital:-1:8
ring "KIND:OUTPUTS:INPUTS" digital:65537:8
ring "KIND:OUTPUTS:INPUTS" digital:8:8x
ring "KIND:OUTPUTS:INPUTS" analog:60000:60000
ring "1 to 47 bytes" :EL1809
ring "1 to 47 bytes" "$(printf 'x%.0s' {1..48}):EL1809"
ring "there is one already" a:EL1809,a:EL2809
ring "shipped device" EL1809@fast
ring "shipped device" EL1809@1e9

wire() {
	refused 2 "--wire" demo --wire "$1"
}
wire outputs.1=inputs.17
wire outputs.0=inputs.1
wire outputs.1=nobody.1
wire outputs.1=inputs.1x
wire outputs.99999999999=inputs.1
wire ""
for i in {1..33}; do many+=(--wire outputs.1=inputs.1); done
refused 2 "no more than 32" demo "${many[@]}"
refused 2 "--fault" demo --fault ""
refused 2 "--fault" demo --fault "at -1s disconnect outputs"
refused 2 "--fault" demo --fault "disconnect nobody"
refused 2 'at character 19, "outputs": a slave cannot be plugged into itself' demo --fault "plug outputs into outputs port 1"
refused 2 "0 to 18446744073709551615" world --seed 18446744073709551616
refused 2 "0 to 18446744073709551615" world --seed 1 --count 99999999999999999999

refused 2 "a FILE" sii
refused 3 "No such file" sii "$work/nothing"
refused 3 "Is a directory" sii "$work/folder"
refused 3 "is empty" sii "$work/empty"
refused 3 "too large" sii "$work/huge"
# An odd image is printed as far as it goes, and says what is odd.
for file in short large; do
	"$ECRING" sii "$work/$file" >"$work/out" 2>&1 || { echo "sii $file: status $?"; failed=1; }
	grep -q '^warning: ' "$work/out" || { echo "sii $file: no warning"; failed=1; }
	"$ECRING" sii "$work/$file" --json | python3 -m json.tool >/dev/null || { echo "sii $file: no JSON"; failed=1; }
done
exit $failed
