# SPDX-License-Identifier: Apache-2.0
"""Each scenario is a program and its story of the same name, and each of the numbers 00 to 52 is exactly one such pair: NN_name, whose
story begins with "# NN title". A story tells what is done, what a user sees of it, and why it matters."""
import os
import re

import rules

LAST = 52
LISTS = ("defects",)  # no stories, but tables of what is tested where
PARTS = ("Stimulus", "What a user sees", "Why")


def names(folder, ending):
    return {name[:-len(ending)] for name in os.listdir(folder) if name.endswith(ending)}


def check(house):
    folder = os.path.join(house.source, "tests/scenario")
    programs, stories = names(folder, ".c"), names(folder, ".md")
    for name in sorted(programs ^ stories):
        yield f"tests/scenario/{name}: {'no program' if name in stories else 'no story'}"
    for name in sorted(stories):
        with open(os.path.join(folder, name + ".md"), encoding="utf-8") as file:
            first = file.readline()
            rest = file.read()
        number = name[:2] if re.match(r"\d\d_", name) else None
        title = re.match(rf"# {number} [^\d\s,]" if number else r"# \D", first)
        if not title:
            yield f"tests/scenario/{name}.md: its first line is not \"# {number + ' ' if number else ''}title\""
        for part in PARTS:
            if name not in LISTS and f"\n**{part}**: " not in rest:
                yield f"tests/scenario/{name}.md: no \"**{part}**: \""
    for number in range(LAST + 1):
        pairs = [name for name in programs & stories if name.startswith(f"{number:02}_")]
        if len(pairs) != 1:
            yield f"scenario {number:02} has {len(pairs)} pairs of files"
    for name in sorted(programs | stories):
        if re.match(r"\d", name) and not (re.match(r"\d\d_[a-z]", name) and int(name[:2]) <= LAST):
            yield f"tests/scenario/{name}: its number is none of 00 to {LAST}"


def tree(first_lines, parts=PARTS):
    """A program for each story."""
    files = {}
    for name, line in first_lines.items():
        files[f"tests/scenario/{name}.md"] = line + "\n\n" + "".join(f"**{part}**: so.\n" for part in parts)
        files[f"tests/scenario/{name}.c"] = ""
    return files


ALL = {f"{i:02}_case": f"# {i:02} a case" for i in range(LAST + 1)}
FEWER = {name: line for name, line in ALL.items() if name != "07_case"}
SAMPLES = (
    ("in order", tree({**ALL, "flapping": "# no number"}), None),
    ("one is missing", tree(FEWER), "scenario 07 has 0 pairs"),
    ("one has two", tree({**ALL, "07_again": "# 07 again"}), "scenario 07 has 2 pairs"),
    ("another number", tree({**ALL, "03_case": "# 04 other"}), "03_case.md: its first line"),
    ("several numbers", tree({**ALL, "03_case": "# 03, 04 both"}), "03_case.md: its first line"),
    ("two numbers", tree({**ALL, "03_case": "# 03 04 both"}), "03_case.md: its first line"),
    ("no title", tree({**ALL, "03_case": "# 03"}), "03_case.md: its first line"),
    ("a name with a number's title", tree({**ALL, "noise": "# 03 noise"}), "noise.md: its first line"),
    ("a number too many", tree({**ALL, "53_case": "# 53 more"}), "53_case: its number"),
    ("a story without a reason", tree(ALL, PARTS[:2]), "03_case.md: no"),
    ("a list", {**tree(ALL), **tree({"defects": "# a list"}, ())}, None),
    ("a story alone", {**tree(ALL), "tests/scenario/noise.md": "# noise\n"}, "noise: no program"),
    ("a program alone", {**tree(ALL), "tests/scenario/noise.c": ""}, "noise: no story"),
)

if __name__ == "__main__":
    rules.main(check, SAMPLES)
