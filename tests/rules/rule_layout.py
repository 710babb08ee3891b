# SPDX-License-Identifier: Apache-2.0
"""Every C file is laid out as clang-format 14 does it (scripts/format --check)."""
import os
import shutil
import subprocess

import rules


def check(house):
    done = subprocess.run([os.path.join(house.source, "scripts/format"), "--check"], capture_output=True, text=True, check=False)
    if done.returncode == rules.SKIPPED:
        raise rules.Skip(done.stdout.strip())
    if done.returncode:
        yield done.stdout + done.stderr


def sample(house):
    here = os.path.dirname(os.path.abspath(__file__))
    os.makedirs(os.path.join(house.source, "scripts"))
    shutil.copy(os.path.join(here, "../../scripts/format"), os.path.join(house.source, "scripts/format"))
    shutil.copy(os.path.join(here, "../../.clang-format"), house.source)
    return check(house)


SAMPLES = (
    ("in order", {"src/a.c": "int f(int a)\n{\n\treturn a;\n}\n"}, None),
    ("spaces", {"src/a.c": "int f(int a)\n{\n    return a;\n}\n"}, "src/a.c:2"),
    ("a brace", {"src/a.c": "int f(int a) {\n\treturn a;\n}\n"}, "src/a.c:1"),
)

if __name__ == "__main__":
    import sys
    rules.main(sample if "--self-test" in sys.argv else check, SAMPLES)
