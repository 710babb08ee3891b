# SPDX-License-Identifier: Apache-2.0
"""No circles: neither files nor folders of the house call each other in a loop, as their object files have it."""
import os
import subprocess

import rules

FOLDERS = ("src", "sim", "port", "endpoint", "profiles", "world", "cli")
# Symbol -> why it may be called upwards.
UPWARDS = {
    "ecr_assert_failed": "the core's one call out: who links it says what a broken assertion does",
}


def objects(house):
    """Source -> its object file, wherever below the build's CMakeFiles it stands."""
    sources = {path for path in house.files(*FOLDERS) if path.endswith(".c")}
    found = {}
    for top, _, files in os.walk(os.path.join(house.build, "CMakeFiles")):
        for name in files:
            path = os.path.join(top, name)
            source = path.partition(".dir" + os.sep)[2].removesuffix(".o")
            if name.endswith(".c.o") and source in sources:
                found.setdefault(source, path)
    missing = sorted(sources - set(found))
    if missing:
        raise rules.Skip(f"{missing[0]} is not built")
    return found


def calls(found):
    """Source -> {source it takes something from: the names}."""
    owners, wanted = {}, {}
    sources = {path: source for source, path in found.items()}
    text = subprocess.run(["nm", "-A", *sorted(sources)], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        path, _, symbol = line.partition(":")
        kind, name = symbol.split()[-2:]
        source = sources[path]
        if kind in "TDRBV":
            owners[name] = source
        elif kind == "U" and name not in UPWARDS:
            wanted.setdefault(source, set()).add(name)
    graph = {source: {} for source in found}
    for source, names in wanted.items():
        for name in sorted(names & set(owners)):
            if owners[name] != source:
                graph[source].setdefault(owners[name], []).append(name)
    return graph


def of_folders(graph):
    merged = {}
    for source, targets in graph.items():
        below = merged.setdefault(os.path.dirname(source), {})
        for target, names in targets.items():
            if os.path.dirname(target) != os.path.dirname(source):
                below.setdefault(os.path.dirname(target), []).extend(names)
    return merged


def reach(graph, start):
    seen, todo = set(), list(graph.get(start, ()))
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += graph.get(node, ())
    return seen


def circles(graph):
    """Each group whose members all reach each other, once."""
    reached = {node: reach(graph, node) for node in graph}
    told = set()
    for node in sorted(graph):
        if node in reached[node] and node not in told:
            group = sorted(other for other in reached[node] if node in reached.get(other, ()))
            told.update(group)
            yield group


def check(house):
    files = calls(objects(house))
    for graph in (files, of_folders(files)):
        for group in circles(graph):
            ties = [f"{a} -> {b} ({', '.join(sorted(set(graph[a][b]))[:3])})" for a in group for b in graph[a] if b in group]
            yield f"a circle of {', '.join(group)}: {'; '.join(ties)}"


def compiled(house):
    """For the self-test: the sample's sources as a build would have them."""
    for source in house.files(*FOLDERS):
        path = os.path.join(house.build, "CMakeFiles", "all.dir", source + ".o")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        subprocess.run(["cc", "-c", "-o", path, os.path.join(house.source, source)], check=True)
    return check(house)


def takes(own, *others):
    """A source that defines one name and calls others."""
    calls_out = "".join(f"void {name}(void); " for name in others)
    return f"{calls_out}void {own}(void); void {own}(void) {{ {' '.join(name + '();' for name in others)} }}\n"


SAMPLES = (
    ("in order", {"sim/a.c": takes("a", "b"), "sim/b.c": takes("b", "c"), "sim/c.c": takes("c")}, None),
    ("two files", {"sim/a.c": takes("a", "b"), "sim/b.c": takes("b", "a")}, "sim/a.c -> sim/b.c (b)"),
    ("three files", {"src/x/a.c": takes("a", "b"), "src/x/b.c": takes("b", "c"), "src/x/c.c": takes("c", "a")},
     "a circle of src/x/a.c, src/x/b.c, src/x/c.c"),
    ("who stands beside a circle is not in it", {"sim/a.c": takes("a", "b"), "sim/b.c": takes("b", "a"), "sim/c.c": takes("c", "a")},
     "a circle of sim/a.c, sim/b.c:"),
    ("two folders without a circle of files",
     {"port/a.c": takes("a", "b"), "sim/b.c": takes("b"), "sim/c.c": takes("c", "d"), "port/d.c": takes("d")},
     "a circle of port, sim"),
    ("a folder within another", {"sim/a.c": takes("a", "b"), "sim/devices/b.c": takes("b", "c"), "sim/c.c": takes("c")},
     "a circle of sim, sim/devices"),
    ("what may be called upwards", {"src/a.c": takes("a", "ecr_assert_failed"), "port/b.c": takes("ecr_assert_failed", "a")}, None),
    ("from outside", {"src/a.c": takes("a", "memcpy_of_somebody")}, None),
)

if __name__ == "__main__":
    import sys
    rules.main(compiled if "--self-test" in sys.argv else check, SAMPLES)
