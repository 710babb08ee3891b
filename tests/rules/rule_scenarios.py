# SPDX-License-Identifier: Apache-2.0
"""Each scenario is a program and its story of the same name; the numbers 00 to 52 are told once each, in the first lines of
stories that may tell several."""
import os
import re

import rules

LAST = 52


def names(folder, ending):
    return {name[:-len(ending)] for name in os.listdir(folder) if name.endswith(ending)}


def check(house):
    folder = os.path.join(house.source, "tests/scenario")
    programs, stories = names(folder, ".c"), names(folder, ".md")
    for name in sorted(programs ^ stories):
        yield f"tests/scenario/{name}: {'no program' if name in stories else 'no story'}"
    told = {}
    for name in sorted(stories):
        if not re.match(r"\d\d_", name):
            continue
        with open(os.path.join(folder, name + ".md"), encoding="utf-8") as file:
            numbers = re.match(r"# ((?:\d\d)(?:, \d\d)*) ", file.readline())
        if not numbers or not numbers[1].startswith(name[:2]):
            yield f"tests/scenario/{name}.md: its first line does not begin with its number"
            continue
        for number in numbers[1].split(", "):
            told.setdefault(number, []).append(name)
    for number in (f"{i:02}" for i in range(LAST + 1)):
        if len(told.get(number, ())) != 1:
            yield f"scenario {number} is told {len(told.get(number, ()))} times"


def tree(first_lines):
    """A program for each story."""
    files = {}
    for name, line in first_lines.items():
        files[f"tests/scenario/{name}.md"] = line + "\n"
        files[f"tests/scenario/{name}.c"] = ""
    return files


ALL = {"00_first": "# 00 the first", "01_rest": "# " + ", ".join(f"{i:02}" for i in range(1, LAST + 1)) + " the rest"}
SAMPLES = (
    ("in order", tree({**ALL, "flapping": "# no number"}), None),
    ("one is missing", tree({"01_rest": ALL["01_rest"]}), "scenario 00 is told 0 times"),
    ("one is told twice", tree({**ALL, "07_again": "# 07 again"}), "scenario 07 is told 2 times"),
    ("another number", tree({**ALL, "03_other": "# 04 other"}), "03_other.md"),
    ("a story alone", {**tree(ALL), "tests/scenario/noise.md": "# noise\n"}, "noise: no program"),
    ("a program alone", {**tree(ALL), "tests/scenario/noise.c": ""}, "noise: no story"),
)

if __name__ == "__main__":
    rules.main(check, SAMPLES)
