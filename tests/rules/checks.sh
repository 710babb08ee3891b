#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A test in shell that cannot fail is found: one with a check whose count is lost, or with none at all.
set -u
. "$(dirname "$0")/../support/check.sh"
show() { echo "$said"; }

verdict_of() { # verdict_of COMMANDS: the last line of a test of these, and its status
	said=$(bash -c '. "$1"; eval "$2"; verdict' test "$support" "$1" 2>&1)
	status=$?
	said=$(tail -1 <<<"$said")
}
support=$(dirname "$0")/../support/check.sh

verdict_of 'check one true; check two true'
check "what holds is counted" [ "$status/$said" = "0/2 passed, 0 failed" ]
verdict_of 'check one true; check two false'
check "so is what does not" [ "$status/$said" = "1/1 passed, 1 failed" ]
verdict_of 'check one true; check two echo a | grep -q b'
check "a check whose output is piped fails" [ "$status/$said" = "1/1 passed, 1 failed" ]
verdict_of 'check one true; (check two true)'
check "so does one in a subshell" [ "$status/$said" = "1/1 passed, 1 failed" ]
verdict_of true
check "a test without a check fails" [ "$status/$said" = "1/0 passed, 0 failed" ]
verdict
