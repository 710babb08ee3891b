# SPDX-License-Identifier: Apache-2.0
"""docs/generated/ holds what the tables say: tools/diagrams FOLDER writes one file per table, and the two are compared."""
import os
import subprocess
import tempfile

import rules

KEPT = "docs/generated"


def contents(folder):
    found = {}
    if os.path.isdir(folder):
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                found[name] = file.read()
    return found


def check(house):
    program = os.path.join(house.output, "tools", "diagrams")
    if not os.path.exists(program):
        raise rules.Skip("tools/diagrams is not built")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, folder], check=True, stdout=subprocess.DEVNULL)
        made = contents(folder)
    if not made:
        yield "tools/diagrams wrote nothing"
    kept = contents(os.path.join(house.source, KEPT))
    for name in sorted(set(made) | set(kept)):
        if made.get(name) != kept.get(name):
            yield f"{KEPT}/{name} is not what the tables say: run {os.path.relpath(program, house.source)} {KEPT}"


def executable(house):
    os.chmod(os.path.join(house.output, "tools/diagrams"), 0o755)
    return check(house)


WRITES_A = "#!/bin/sh\necho a >$1/a.md\n"
SAMPLES = (
    ("in order", {"tools/diagrams": WRITES_A, "docs/generated/a.md": "a\n"}, None),
    ("another content", {"tools/diagrams": WRITES_A, "docs/generated/a.md": "b\n"}, "a.md is not what"),
    ("not checked in", {"tools/diagrams": WRITES_A}, "a.md is not what"),
    ("left over", {"tools/diagrams": WRITES_A, "docs/generated/a.md": "a\n", "docs/generated/b.md": "b\n"}, "b.md is not"),
    ("nothing written", {"tools/diagrams": "#!/bin/sh\n"}, "wrote nothing"),
)

if __name__ == "__main__":
    import sys
    rules.main(executable if "--self-test" in sys.argv else check, SAMPLES)
