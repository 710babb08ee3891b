# SPDX-License-Identifier: Apache-2.0
"""Every error of include/ecring/error.h is returned somewhere by the library, and some test wants to be answered with it."""
import re

import rules

ERROR = re.compile(r"\bECR_ERR_([A-Z][A-Z0-9_]*[A-Z0-9])\b")


def named(house, *folders):
    found = set()
    for path in house.files(*folders):
        found |= set(ERROR.findall(rules.code_of(house.text(path))))
    return found


def check(house):
    listed = re.findall(r"^\s*X\(([A-Z0-9_]+),", house.text("include/ecring/error.h"), re.M)
    if not listed:
        yield "include/ecring/error.h: no list of errors"
    returned, wanted = named(house, "src", "port"), named(house, "tests")
    for name in listed:
        if name not in returned:
            yield f"ECR_ERR_{name}: nothing answers with it"
        if name not in wanted:
            yield f"ECR_ERR_{name}: no test wants it"


LIST = {"include/ecring/error.h": '#define ECR_ERRORS(X) \\\n\tX(LATE, "late") \\\n\tX(STALE, "stale")\n'}
BOTH = "return late ? ECR_ERR_LATE : ECR_ERR_STALE;\n"
SAMPLES = (
    ("both", {**LIST, "src/a.c": BOTH, "tests/unit/t.c": BOTH}, None),
    ("returned by nobody", {**LIST, "src/a.c": "return ECR_ERR_LATE;", "tests/unit/t.c": BOTH},
     "ECR_ERR_STALE: nothing answers"),
    ("wanted by nobody", {**LIST, "src/a.c": BOTH, "tests/unit/t.c": "assert(x == ECR_ERR_STALE);"},
     "ECR_ERR_LATE: no test"),
    ("in a comment", {**LIST, "src/a.c": BOTH, "tests/unit/t.c": "/* ECR_ERR_LATE */ x = ECR_ERR_STALE;"},
     "ECR_ERR_LATE: no test"),
    ("no list", {"include/ecring/error.h": "", "src/a.c": "", "tests/unit/t.c": ""}, "no list"),
)

if __name__ == "__main__":
    rules.main(check, SAMPLES)
