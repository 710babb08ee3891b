#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the build, moves the copy elsewhere, and builds a consumer against it: with find_package, with pkg-config, in C++.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

check() { # check NAME COMMAND...: one test
	local name=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		passed=$((passed + 1))
		echo "ok: $name"
	else
		failed=$((failed + 1))
		echo "FAILED: $name"
		tail -30 "$work/log"
	fi
}

version=$(sed -n 's/^project(ecring VERSION \([0-9.]*\).*/\1/p' "$ECRING_SOURCE_DIR/CMakeLists.txt")
says_version() { [ "$("$@")" = "$version" ]; }

install_copy() {
	DESTDIR=$work/stage cmake --install "$ECRING_BUILD" --prefix /opt/ecring && mv "$work/stage/opt/ecring" "$work/moved"
}
prefix=$work/moved
check "make install with DESTDIR and PREFIX" install_copy
lib=$(dirname "$(find "$prefix" -name libecring.so)")
export LD_LIBRARY_PATH=$lib PKG_CONFIG_PATH=$lib/pkgconfig

with_cmake() {
	cmake -G Ninja -S "$here" -B "$work/cmake" "-DCMAKE_PREFIX_PATH=$prefix" && cmake --build "$work/cmake"
}
check "find_package(ecring) builds" with_cmake
check "find_package(ecring), shared, runs" says_version "$work/cmake/consumer_shared"
check "find_package(ecring), static, runs" says_version "$work/cmake/consumer_static"

if command -v pkg-config >/dev/null; then
	with_pkg_config() { # with_pkg_config COMPILER SOURCE OUTPUT
		local flags
		flags=$(pkg-config --cflags --libs ecring) && $1 ${CFLAGS:-} -Wall -Wextra -Werror -o "$work/$3" "$here/$2" $flags
	}
	check "pkg-config knows the version" says_version pkg-config --modversion ecring
	check "pkg-config, C, builds" with_pkg_config "${CC:-cc} -std=c17" consumer.c c
	check "pkg-config, C, runs" says_version "$work/c"
	if command -v g++ >/dev/null && [ "$(basename "${CC:-cc}" | cut -c1-5)" != clang ]; then
		check "pkg-config, C++, builds" with_pkg_config "g++ -std=c++17" consumer.cpp cpp
		check "pkg-config, C++, runs" says_version "$work/cpp"
	fi
else
	echo "skipped: pkg-config is not installed"
fi

exports_ours_only() { ! nm -D --defined-only "$lib/libecring.so" | awk '{ print $3 }' | grep -v '^ecr_'; }
check "the shared library exports ecr_ names only" exports_ours_only
if [ -f "$prefix/bin/ecring" ]; then
	check "the installed program runs" "$prefix/bin/ecring" --help
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
