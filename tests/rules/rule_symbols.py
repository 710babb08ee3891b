# SPDX-License-Identifier: Apache-2.0
"""The archives of the core and the simulator: what they need from outside, and that they own nothing writable."""
import os
import subprocess

import rules

# The last one is no function: assemblers of position-independent code mention the linker's table.
OUTSIDE = {"memcpy", "memmove", "memset", "memcmp", "strlen", "ecr_assert_failed", "_GLOBAL_OFFSET_TABLE_"}
READ_ONLY = (".text", ".rodata", ".data.rel.ro")


def symbols(archive):
    """(name, class, section) of every symbol."""
    lines = subprocess.run(["nm", "-f", "sysv", archive], check=True, capture_output=True, text=True).stdout
    for line in lines.splitlines():
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 7 and fields[0] != "Name":
            yield fields[0], fields[2], fields[6]


def check_archive(archive, allowed, defined):
    name = os.path.basename(archive)
    found = list(symbols(archive))
    if not found:
        yield f"{name} has no symbols: it is not the archive that was meant"
    defined |= {symbol for symbol, kind, _ in found if kind != "U"}
    for symbol, kind, section in found:
        if kind == "U":
            if symbol not in allowed | defined:
                yield f"{name} needs {symbol}"
        elif symbol.startswith((".", "$")) or kind in ("a", "N"):
            continue
        elif kind == "C" or not section.startswith(READ_ONLY):
            yield f"{name}: {symbol} is writable ({section or 'common'})"


def check(house):
    if house.build_type != "Release":
        raise rules.Skip("the archives are judged in a release build")
    core = os.path.join(house.build, "libecring_core.a")
    sim = os.path.join(house.build, "libecring_sim.a")
    defined = set()
    yield from check_archive(core, OUTSIDE, defined)
    if os.path.exists(sim):
        yield from check_archive(sim, OUTSIDE, set(defined) | {symbol for symbol, kind, _ in symbols(core) if kind != "U"})


def compiled(house):
    """For the self-test: libecring_core.a out of the sample."""
    sample = os.path.join(house.source, "sample.c")
    subprocess.run(["cc", "-O1", "-fPIC", "-c", "-o", sample + ".o", sample], check=True)
    subprocess.run(["ar", "rcs", os.path.join(house.build, "libecring_core.a"), sample + ".o"], check=True)
    return check(house)


SAMPLES = (
    ("in order", {"sample.c": "extern int one(void); int one(void) { return 1; }\n"
                              "const char *const names[] = { \"a\", \"b\" };\n"}, None),
    ("malloc", {"sample.c": "#include <stdlib.h>\nvoid *f(void); void *f(void) { return malloc(3); }\n"}, "needs malloc"),
    ("initialised", {"sample.c": "int counter = 3;\n"}, "counter is writable (.data"),
    ("zeroed", {"sample.c": "static int n; int f(void); int f(void) { return n++; }\n"}, "n is writable (.bss"),
    ("a table that forgot const", {"sample.c": "const char *names[] = { \"a\" };\n"}, "names is writable"),
)

if __name__ == "__main__":
    import sys
    rules.main(compiled if "--self-test" in sys.argv else check, SAMPLES)
