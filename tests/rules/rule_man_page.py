# SPDX-License-Identifier: Apache-2.0
"""Every verb of the program stands in its man page with a word about it, and with every option that its usage names."""
import re

import rules

PAGE = "docs/ecring.1"
PROGRAM = "cli/main.c"
VERB = re.compile(r'\{\s*"(\w+)",\s*cli_\w+,\s*\d+,\s*((?:"(?:\\.|[^"\\])*"\s*)+),')
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


def verbs(house):
    for name, strings in VERB.findall(rules.code_of(house.text(PROGRAM), strings=True)):
        usage = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', strings)).replace("\\n", "\n")
        yield name, OPTION.findall(usage)


def synopses(page):
    """The page's synopsis of each verb, as it is read."""
    text = re.sub(r"\\f.|\\(?=-)", "", page)
    found = {}
    for part in re.split(r"^\.B ecring ", text.split(".SH DESCRIPTION")[0], flags=re.M)[1:]:
        found[part.split()[0]] = set(OPTION.findall(part))
    return found, set(re.findall(r"^\.B (\w+)$", text, flags=re.M))


def check(house):
    known, told = synopses(house.text(PAGE))
    seen = set()
    for name, options in verbs(house):
        seen.add(name)
        if name not in known:
            yield f"{PAGE}: no synopsis of {name}"
            continue
        if name not in told:
            yield f"{PAGE}: no word about what {name} does"
        for option in options:
            if option not in known[name]:
                yield f"{PAGE}: {name} lacks {option}"
        for option in sorted(known[name] - set(options)):
            yield f"{PAGE}: {name} has no option {option}"
    if not seen:
        yield f"{PROGRAM}: no verbs found"
    for name in sorted(set(known) - seen):
        yield f"{PAGE}: there is no verb {name}"


def tree(page, usage='"-i IF "\n\t  "[--no-spin]"'):
    return {PROGRAM: '\t{ "run", cli_run, 0, ' + usage + ',\n\t  "runs" },\n', PAGE: page}


GOOD = ".SH SYNOPSIS\n.B ecring run \\-i\n\\fIIF\\fR [\\fB\\-\\-no\\-spin\\fR]\n.SH DESCRIPTION\n.B run\nruns.\n"
SAMPLES = (
    ("in order", tree(GOOD), None),
    ("an option is missing", tree(GOOD, '"-i IF [--no-spin] [--json]"'), "run lacks --json"),
    ("an option is gone", tree(GOOD, '"-i IF"'), "no option --no-spin"),
    ("a verb is missing", tree(GOOD.replace("ecring run", "ecring walk")), "no synopsis of run"),
    ("no word about it", tree(GOOD.replace(".B run\nruns.", "")), "no word about"),
)

if __name__ == "__main__":
    rules.main(check, SAMPLES)
