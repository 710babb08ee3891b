# SPDX-License-Identifier: Apache-2.0
"""Length of functions and files, register addresses outside src/wire, remarks without a reason, the licence line."""
import re

import rules

FUNCTION_LINES = 70
FILE_LINES = {"tests": 1000}
FILE_LINES_ELSEWHERE = 700
FOLDERS = rules.STRATA + ("tests", "bench", "examples", "tools")
# Registers have four digits; masks written with as many are none, nor is a constant whose name says what it is.
REGISTER = re.compile(r"\b0x0[0-9a-fA-F]{3}[uU]?\b")
NAMED = re.compile(r"^[ \t]*(?:#[ \t]*define[ \t]+)?(?!\w*REG)[A-Z][A-Z0-9_]*[ \t]*(?:=[ \t]*)?$")
MASKS = {"0x0fff", "0x00ff", "0x000f", "0x0000", "0x0001"}
REMARK = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b([^\n]*)")


def functions(code):
    """(first line, length) of every function: clang-format puts its braces into the first column."""
    lines = code.split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
            while start > 1 and re.match(r"[\t ]*\S", lines[start - 2]) and not lines[start - 2].rstrip().endswith((";", "}", "{")):
                start -= 1
        elif line == "}" and start:
            yield start, number - start + 1
            start = None


def check_lengths(path, text):
    limit = FILE_LINES.get(path.split("/")[0], FILE_LINES_ELSEWHERE)
    lines = text.count("\n")
    if lines >= limit:
        yield f"{path}: {lines} lines; a file has fewer than {limit}"
    for start, length in functions(rules.code_of(text)):
        if length >= FUNCTION_LINES:
            yield f"{path}:{start}: a function of {length} lines; it has fewer than {FUNCTION_LINES}"


def check_text(path, text):
    if not path.startswith(("src/wire/", "tests/")):
        code = rules.code_of(text)
        for match in REGISTER.finditer(code):
            before = code[code.rfind("\n", 0, match.start()) + 1:match.start()]
            if match.group(0).lower().rstrip("u") not in MASKS and not NAMED.match(before):
                yield f"{path}:{rules.line_of(code, match.start())}: {match.group(0)} looks like a register: give it a name"
    for match in REMARK.finditer(text):
        if len(match.group(2).strip(" :*/()")) < 15:
            yield f"{path}:{rules.line_of(text, match.start())}: {match.group(1)} without a reason"
    if "SPDX-License-Identifier: Apache-2.0" not in text.split("\n", 1)[0]:
        yield f"{path}:1: no SPDX-License-Identifier"


def check(house):
    for path in house.files(*FOLDERS):
        text = house.text(path)
        yield from check_lengths(path, text)
        yield from check_text(path, text)


HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n"


def function(lines):
    return HEAD + "int f(int a,\n      int b)\n{\n" + "\ta++;\n" * (lines - 4) + "}\n"


SAMPLES = (
    ("in order", {"src/a.c": function(69) + "\nint mask = 0x0fff, id = 0x044c2c52;\n"}, None),
    ("a long function", {"src/a.c": function(70)}, "src/a.c:2: a function of 70 lines"),
    ("a long file", {"cli/a.c": HEAD + "int x;\n" * 699}, "700 lines"),
    ("tests may be longer", {"tests/unit/a.c": HEAD + "int x;\n" * 900}, None),
    ("a long test", {"tests/unit/a.c": HEAD + "int x;\n" * 1000}, "1001 lines"),
    ("a register", {"src/slave/a.c": HEAD + "int x = 0x0120;\n"}, "0x0120 looks like a register"),
    ("a register named elsewhere", {"src/slave/a.c": HEAD + "#define REG_AL 0x0120u\n"}, "looks like a register"),
    ("a code with a name", {"src/slave/a.c": HEAD + "enum {\n\tCODE_WATCHDOG = 0x001B,\n};\n"}, None),
    ("a register in a comment", {"src/slave/a.c": HEAD + "/* 0x0120 */\n"}, None),
    ("its home", {"src/wire/a.h": HEAD + "#define X 0x0120u\n"}, None),
    ("a bare remark", {"src/a.c": HEAD + "/* TODO: fix */\n"}, "TODO without a reason"),
    ("a reasoned one", {"src/a.c": HEAD + "/* TODO: wait for the mailbox, which owns this state */\n"}, None),
    ("no licence", {"src/a.c": "int x;\n"}, "no SPDX"),
)

if __name__ == "__main__":
    rules.main(check, SAMPLES)
