# SPDX-License-Identifier: Apache-2.0
# Sourced by tests in shell: checks are counted, and one that fails is named, followed by what the test shows of its case.
passed=0
failed=0

show() { :; } # a test's own: what it saw

check() { # check NAME CONDITION...
	local name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $name"
		show
	fi
}

verdict() { # the last line, and the status
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
}
