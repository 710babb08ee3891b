# SPDX-License-Identifier: Apache-2.0
"""Faults put in on purpose follow the source: each text of tests/mutants.txt stands there once, and what is listed of the
survivors still stands where it is said to."""
import os
import re

import rules

DELIBERATE = "tests/mutants.txt"
SURVIVORS = "tests/mutants_survivors.txt"
SURVIVOR = re.compile(r"^([0-9a-f]{8}) (\S+): (?:comparison|off by one|dropped): \w+: (.*)$")
CHANGE = re.compile(r" -> \S+ at \d+$")


def deliberate(text):
    """(what, path, text that is replaced)"""
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if lines:
            yield lines[0], lines[1], "\n".join(line[2:] for line in lines[2:] if line.startswith("- "))


def check(house):
    def source(path):
        return house.text(path) if os.path.exists(os.path.join(house.source, path)) else ""

    for what, path, text in deliberate(house.text(DELIBERATE)):
        count = source(path).count(text) if text else 0
        if count != 1:
            yield f"{DELIBERATE}: {what}: its text stands {count} times in {path}, not once"
    for line in house.text(SURVIVORS).splitlines():
        found = SURVIVOR.match(line)
        if found and CHANGE.sub("", found.group(3)) not in source(found.group(2)):
            yield f"{SURVIVORS}: {found.group(1)}: its line is not in {found.group(2)} any more"


def tree(source, survivor="00df289a src/a.c: comparison: f: if (a < b) -> <= at 3"):
    return {"src/a.c": source, DELIBERATE: "# what it is\n\nIt is lost\nsrc/a.c\n- \tone();\n+ \ttwo();\n",
            SURVIVORS: f"# what it is\n\n{survivor}\n\tsame: nobody sees it\n"}


GOOD = "\tif (a < b)\n\tone();\n"
SAMPLES = (
    ("in order", tree(GOOD), None),
    ("a text that is gone", tree("\tif (a < b)\n"), "stands 0 times"),
    ("a text that stands twice", tree(GOOD + "\tone();\n"), "stands 2 times"),
    ("a survivor that is gone", tree("\tone();\n"), "00df289a: its line is not in"),
    ("a survivor's file that is gone", tree(GOOD, "00df289a src/b.c: dropped: f: one();"), "not in src/b.c"),
)

if __name__ == "__main__":
    rules.main(check, SAMPLES)
