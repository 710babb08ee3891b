#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/setup on systems that are only pretended: a PATH that holds nothing but what each case puts there.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
cp -r "$ECRING_SOURCE_DIR/scripts" "$work/scripts"
for tool in bash env stat dirname cat tr mktemp tail rm; do
	ln -s "$(command -v $tool)" "$work/bin/$tool"
done

pretend() { # pretend NAME COMMANDS: a program of that name
	printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
	chmod +x "$work/bin/$1"
}
setup() { # setup TARGET: its words and its status
	said=$(env -i PATH="$work/bin" "$BASH" "$work/scripts/setup" "$1" 2>&1 </dev/null)
	status=$?
}
. "$(dirname "$0")/../support/check.sh"
show() { echo "status ${status-}, it said: ${said-}"; }
says() { case $said in *"$1"*) true ;; *) false ;; esac; }
silent() { [ -z "$said" ]; }
ends() { [ $status = "$1" ]; }
options="DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 --no-install-recommends"

pretend id 'echo 1000'
pretend apt-get "echo \"\$DEBIAN_FRONTEND \$*\" >>$work/calls; read line && echo stdin >>$work/calls; exit 100"
setup demo
check "without sudo and a compiler it fails" ends 1
check "it names the line for apt" says "env $options install -y gcc cmake ninja-build"
check "it says what for" says "gcc: the C compiler"
check "it does not call apt" [ ! -e "$work/calls" ]

pretend sudo 'exec "$@"'
setup demo
check "without a network it fails" ends 1
check "it says what it asks sudo for" says "sudo env $options install -y gcc cmake ninja-build"
check "apt is updated first" grep -qx 'noninteractive .*--no-install-recommends update' "$work/calls"
check "apt installs what is missing" grep -qx 'noninteractive .*install -y gcc cmake ninja-build' "$work/calls"
check "apt cannot read our input" [ "$(grep -c stdin "$work/calls")" = 0 ]

pretend apt-get "for p in gcc cmake ninja; do cp $work/bin/id $work/bin/\$p; done"
ln -s "$(command -v cp)" "$work/bin/cp"
setup demo
check "what apt installs is found" ends 0
setup demo
check "then it is silent" silent

rm "$work/bin/sudo"
pretend python3 true
if [ -e /usr/include/cmocka.h ]; then
	setup test
	check "a target goes on without what it can do without" ends 0
	check "it says what is skipped" says "going on without clang-14"
fi
mkdir "$work/build"
if [ "$(stat -c %u "$work")" != 1000 ]; then
	setup demo
	check "a build/ of somebody else is refused" ends 1
	check "it says whose" says "build/ belongs to"
fi
setup nothing
check "an unknown target is refused" ends 2
verdict
