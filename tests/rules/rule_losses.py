# SPDX-License-Identifier: Apache-2.0
"""Every step of every conversation says what a lost frame means to it, and tests/rules/losses.md says why that is right."""
import re

import rules

LISTED = "tests/rules/losses.md"
TABLE = re.compile(r"const struct ecr_step \w+\[\] = \{(.*?)\n\};", re.S)
STEP = re.compile(r"\[(\w+)\] = \{(.*?)\}", re.S)
NAME = re.compile(r'"([^"]+)"')
LOSS = re.compile(r"\.on_loss\s*=\s*(\w+)")


def choice(body, names):
    """What the table says: again, a step's name, or that the step asks nothing."""
    loss = LOSS.search(body)
    if not loss:
        return "undeclared" if ".wkc" in body or ".tries" in body else "asks nothing"
    return "again" if loss.group(1) == "ECR_ASK_AGAIN" else f"to {names.get(loss.group(1), loss.group(1))}"


def steps(house):
    for path in house.files("src"):
        for table in TABLE.finditer(rules.code_of(house.text(path), strings=True)):
            found = STEP.findall(table.group(1))
            names = {symbol: NAME.search(body).group(1) for symbol, body in found if NAME.search(body)}
            for symbol, body in found:
                yield path, names.get(symbol, symbol), choice(body, names)


def listed(house):
    rows = {}
    for line in house.text(LISTED).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and "." in cells[0]:
            rows[cells[0]] = (cells[1], cells[2])
    return rows


def check(house):
    rows = listed(house)
    seen = set()
    for path, name, found in steps(house):
        seen.add(name)
        if found == "undeclared":
            yield f"{path}: step {name} asks, but does not say what a loss means to it (.on_loss)"
        elif name not in rows:
            yield f"{path}: step {name} is not in {LISTED}: add '| {name} | {found} | why |'"
        elif rows[name][0] != found:
            yield f"{path}: step {name}: the table says '{found}', {LISTED} '{rows[name][0]}'"
        elif found != "asks nothing" and len(rows[name][1]) < 10:
            yield f"{LISTED}: {name} has no reason"
    for name in sorted(set(rows) - seen):
        yield f"{LISTED}: there is no step {name}"


def tree(body, row="| a.one | again | reading changes nothing |\n"):
    return {"src/a/a.c": "const struct ecr_step a_steps[] = {\n" + body + "\n};\n", LISTED: row}


ONE = '\t[A_ONE] = { "a.one", a_one, .wkc = 1, .on_loss = ECR_ASK_AGAIN },'
SAMPLES = (
    ("in order", tree(ONE), None),
    ("not listed", tree(ONE, "\n"), "is not in"),
    ("another choice", tree(ONE.replace("ECR_ASK_AGAIN", "A_ONE")), "the table says 'to a.one'"),
    ("no choice", tree('\t[A_ONE] = { "a.one", a_one, .wkc = 1 },'), "does not say"),
    ("asks nothing", tree('\t[A_ONE] = { "a.one", a_one },', "| a.one | asks nothing | calls a child |\n"), None),
    ("no reason", tree(ONE, "| a.one | again | |\n"), "has no reason"),
    ("gone", tree(ONE, "| a.one | again | reading changes nothing |\n| a.two | again | reading changes nothing |\n"), "no step a.two"),
)

if __name__ == "__main__":
    rules.main(check, SAMPLES)
