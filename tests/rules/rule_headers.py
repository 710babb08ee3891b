# SPDX-License-Identifier: Apache-2.0
"""Every public header compiles alone, as C17 and as C++17, without a warning."""
import os
import shutil
import subprocess

import rules

WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-fsyntax-only"]


def compiles(command, house, header):
    source = f"#include <ecring/{header}>\n#include <ecring/{header}>\n"
    done = subprocess.run(command + WARNINGS + ["-I", os.path.join(house.source, "include"), "-"], input=source,
                          capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else None


def check(house):
    commands = {"C17": [house.compiler, "-std=c17", "-Wshadow", "-Wstrict-prototypes", "-xc"]}
    plus = shutil.which("g++") or shutil.which("clang++") or shutil.which("c++")
    if plus:
        commands["C++17"] = [plus, "-std=c++17", "-xc++"]
    else:
        print("no C++ compiler: only C is checked")
    for header in sorted(os.listdir(os.path.join(house.source, "include/ecring"))):
        for language, command in commands.items():
            errors = compiles(command, house, header)
            if errors:
                yield f"include/ecring/{header} does not compile alone as {language}:\n{errors}"


SAMPLES = (
    ("in order", {"include/ecring/a.h": "#ifndef A_H\n#define A_H\n#include <stdint.h>\nextern int64_t x;\n#endif\n"}, None),
    ("a missing include", {"include/ecring/a.h": "extern int64_t x;\n"}, "as C17"),
    ("no guard", {"include/ecring/a.h": "struct s { int x; };\n"}, "as C17"),
    ("a word of C++", {"include/ecring/a.h": "extern int class;\n"}, "as C++17"),
)

if __name__ == "__main__":
    rules.main(check, SAMPLES)
