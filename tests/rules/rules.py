# SPDX-License-Identifier: Apache-2.0
"""What every rule needs: its arguments, the sources without comments, a verdict, and the proof that it can fail."""
import os
import re
import sys
import tempfile

SKIPPED = 77
STRATA = ("include", "src", "sim", "port", "endpoint", "cli", "world", "profiles")


class Skip(Exception):
    """The rule cannot be checked here, and why."""


class House:
    """The tree that a rule looks at."""

    def __init__(self, source, build="", build_type="", compiler="cc", output=""):
        self.source = source
        self.build = build
        self.build_type = build_type
        self.compiler = compiler
        self.output = output

    def files(self, *folders):
        """C sources and headers under the folders, as paths relative to the tree."""
        for folder in folders:
            for top, names, files in os.walk(os.path.join(self.source, folder)):
                names.sort()
                for name in sorted(files):
                    if name.endswith((".c", ".h")):
                        yield os.path.relpath(os.path.join(top, name), self.source)

    def text(self, path):
        with open(os.path.join(self.source, path), encoding="utf-8") as file:
            return file.read()


def blank(match):
    """Keeps the line numbers of what is cut out."""
    return re.sub(r"[^\n]", " ", match.group(0))


COMMENT = r"/\*.*?\*/|//[^\n]*"
STRING = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''


def code_of(text, strings=False):
    """The text without comments, and without strings unless they are wanted."""
    def cut(match):
        found = match.group(0)
        return found if found[0] in "\"'" and strings else blank(match)
    return re.sub(f"{STRING}|{COMMENT}", cut, text, flags=re.S)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def self_test(check, samples):
    """samples: (what, files of a tree, part of the complaint expected, or None for a tree that is in order)."""
    wrong = 0
    for what, files, wanted in samples:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
                with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                    file.write(text)
            complaints = list(check(House(folder, folder, "Release", "cc", folder)))
        if wanted is None:
            good = not complaints
        else:
            good = any(wanted in complaint for complaint in complaints)
        print(f"{'ok' if good else 'FAILED'}: {what}" + ("" if good else f": got {complaints}"))
        wrong += not good
    print(f"{len(samples) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


def main(check, samples):
    """check(house) yields one complaint per violation."""
    try:
        if sys.argv[1:] == ["--self-test"]:
            sys.exit(self_test(check, samples))
        complaints = list(check(House(*sys.argv[1:])))
    except Skip as why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    for complaint in complaints:
        print(complaint)
    print("0 passed, 1 failed" if complaints else "1 passed, 0 failed")
    sys.exit(1 if complaints else 0)
