# SPDX-License-Identifier: Apache-2.0
# Sourced by tests in shell: checks are counted, and one that fails is named, followed by what the test shows of its case.
passed=0
failed=0
trap 'failed=$((failed + 1))' USR1 # from a check that is in a subshell

show() { :; } # a test's own: what it saw

check() { # check NAME CONDITION...
	local name=$1
	shift
	if [ $BASH_SUBSHELL != 0 ]; then # as behind `check ... | grep`: what it counts would be lost
		echo "FAIL: $name: a check in a pipe or a subshell" >&2
		kill -USR1 $$
	elif "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $name"
		show
	fi
}

verdict() { # the last line, and the status: a test that has checked nothing has failed
	echo "$passed passed, $failed failed"
	[ $failed = 0 ] && [ $passed != 0 ]
}
