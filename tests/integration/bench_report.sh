#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The report of a benchmark run from its records: goals judged, noise told, plots that are XML, and what has become worse since an
# earlier run, and what only seems so.
set -u
: "${ECRING_SOURCE_DIR:?}"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() {
	echo "FAIL: $*"
	failed=1
}
report() { python3 -B "$ECRING_SOURCE_DIR/bench/report.py" "$@"; }
record() { # record NAME RATIO NOISY MORE_IS_BETTER [RATIO_LOW]
	printf '{"bench":"b","name":"%s","unit":"us","value":%s,"low":%s,"high":%s,"p99":0,"p999":0,"max":0,"floor":1,"floor_name":"a<b",' \
		"$1" "$2" "$2" "$2"
	printf '"ratio":%s,"ratio_low":%s,"ratio_high":%s,"goal":1.05,"more_is_better":%s,"none":0,"noisy":%s,"note":""}\n' \
		"$2" "${5:-$2}" "$2" "$4" "$3"
}
count() { # count NAME VALUE: of which there should be none
	printf '{"bench":"b","name":"%s","unit":"","value":%s,"low":%s,"high":%s,"p99":0,"p999":0,"max":0,"floor":0,"floor_name":"",' \
		"$1" "$2" "$2" "$2"
	printf '"ratio":0,"ratio_low":0,"ratio_high":0,"goal":0,"more_is_better":0,"none":1,"noisy":0,"note":""}\n'
}
{ record slow 1.0 0 0; record shaky 1.0 1 0; record same 1.0 0 0; record rate 1.2 0 1; count torn 0; count lost 0; } >"$work/old.jsonl"
{ record slow 1.3 0 0; record shaky 1.3 1 0; record same 1.04 0 0; record rate 0.9 0 1; count torn 0; count lost 2; record wide 1.06 1 0 1.0; } >"$work/new.jsonl"
for run in old new; do
	report "$work/$run.jsonl" "$work/$run" >"$work/$run.txt" || fail "a report of $run"
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$work/$run/b.svg" || fail "the plot of $run is XML"
done
grep -q '^b  *slow .*1.05 MISSED' "$work/new.txt" || fail "a missed goal is told"
grep -q '^b  *same .*1.05 met' "$work/new.txt" || fail "a goal that is met is told"
grep -q '^b  *shaky .*NOISY' "$work/new.txt" || fail "a noisy line is told"
grep -q '^b  *torn .* 0 met' "$work/new.txt" || fail "a goal of none that is met is told"
grep -q '^b  *lost .* 0 MISSED' "$work/new.txt" || fail "a goal of none that is missed is told"
grep -q '^7 goals: 2 met, 1 noisy, 4 MISSED' "$work/new.txt" || fail "the goals are summed up"
grep -q '^processor: ' "$work/new.txt" || fail "the machine is described"
report --compare "$work/old/report.json" "$work/new/report.json" >"$work/compared.txt"
[ $? = 1 ] || fail "what has become worse is status 1"
grep -q '^b  *slow .*WORSE$' "$work/compared.txt" || fail "the slower line is told"
grep -q '^b  *rate .*WORSE$' "$work/compared.txt" || fail "a rate that fell is told"
grep -q '^b  *shaky .*noisy$' "$work/compared.txt" || fail "a noisy one is not counted"
grep -q '^b  *lost .*WORSE$' "$work/compared.txt" || fail "what should be none, and is more, is told"
grep -q '^3 worse$' "$work/compared.txt" || fail "three have become worse"
report --compare "$work/old/report.json" "$work/old/report.json" >/dev/null || fail "the same run is not worse than itself"
# Others had the processor while the benchmarks did not use it; the host had it; nobody had it.
first=$(head -n 1 /proc/stat)
export BENCH_LOAD="0.00 0.00 0.00 1/1 1" BENCH_TIMES="0m0.000s 0m0.000s 0m0.000s 0m0.000s"
busy() { # busy FIELD TICKS: so many went to what this field of the kernel's line counts
	BENCH_STAT=$(awk -v field="$1" -v ticks="$2" '{ $(field) -= ticks; print }' <<<"$first") \
		report "$work/old.jsonl" "$work/busy" | grep -c '^NOISY RUN'
}
[ "$(busy 2 1000)" = 1 ] || fail "a run beside other programs is noisy"
[ "$(busy 9 1000)" = 1 ] || fail "a run that the host took time from is noisy"
[ "$(busy 5 100000)" = 0 ] || fail "a run on an idle machine is not"
exit $failed
