# SPDX-License-Identifier: Apache-2.0
# A front for CMake. Every target installs what it needs first (scripts/setup TARGET).
.PHONY: demo test check build bench format lint install
build demo:
	@scripts/setup demo && scripts/build release
	@if [ $@ = demo ]; then build/ecring demo --duration 10; fi
test check bench format lint:
	@scripts/setup $@ && scripts/$@
install: build
	@DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(or $(PREFIX),/usr/local)"
