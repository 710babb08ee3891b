# SPDX-License-Identifier: Apache-2.0
# A front for CMake. Every target first installs what it needs (scripts/setup) and then runs scripts/TARGET.
export DESTDIR PREFIX
.PHONY: build demo test check soak mutants bench format lint install
build demo test check soak mutants bench format lint install:
	@scripts/setup $@ </dev/null
	@exec scripts/$@
