# SPDX-License-Identifier: Apache-2.0
"""Who may include whom (docs/architecture.md). What a folder may include, that folder's own permissions come with it."""
import os
import re

import rules

# Folder -> the folders below it. "include" stands for the public headers, which everybody may use.
BELOW = {
    "src/base": (),
    "src/wire": ("src/base",),
    "src/topology": ("src/wire",),
    "src/job": ("src/wire",),
    "src/bus": ("src/job", "src/topology"),
    "src/mailbox": ("src/bus",),
    "src/slave": ("src/mailbox", "src/bus"),
    "src/domain": ("src/bus",),
    "src/dc": ("src/topology", "src/bus"),
    "src/core.h": (), # the verbs' types alone: the surface that the master stands behind
    "src/master": ("src/slave", "src/mailbox", "src/domain", "src/dc", "src/core.h"),
    "src": ("src/master",),
    "sim": ("src/wire",),
    "port": ("src",),
    "endpoint": ("port", "sim"),
    "world": ("src", "sim"),
    "cli": ("world",),
    "profiles": (),
    "xdp": (),
    "examples": (),
}
# Folders that may include just what is beside them, not what that includes in turn.
NOT_FURTHER = ("cli",)
# Single files that reach further than their folder.
FURTHER = {"port/transport_sim": ("sim",)}
# Folders that must not see the tree's private headers, though what they use does.
PUBLIC_ONLY = ("examples", "profiles", "xdp", "include")
SYSTEM_OF_CORE = ("string.h", "stdint.h", "stddef.h", "stdbool.h", "stdarg.h", "stdalign.h", "limits.h", "inttypes.h")


def folder_of(path):
    """The folder of the table that a file belongs to."""
    parts = path.split("/")
    if path in BELOW:
        return path
    if parts[0] == "src":
        return "src" if len(parts) == 2 else "/".join(parts[:2])
    return parts[0]


def reach(path):
    """All folders that this file may include."""
    folder = folder_of(path)
    found = {folder}
    if folder in NOT_FURTHER:
        return found | set(BELOW[folder])
    todo = list(BELOW[folder]) + list(FURTHER.get(os.path.splitext(path)[0], ()))
    while todo:
        next_folder = todo.pop()
        if next_folder not in found:
            found.add(next_folder)
            todo += BELOW[next_folder]
    return found


def check_quoted(house, path, name):
    if folder_of(path) in PUBLIC_ONLY:
        return f"{path} includes \"{name}\": only public headers, as <ecring/...>"
    if ".." in name.split("/"):
        return f"{path} includes \"{name}\": name it from the root or from src/, without .."
    root = name.split("/")[0]
    target = name if root in BELOW or root == "tests" else "src/" + name
    folder = folder_of(target)
    if not os.path.exists(os.path.join(house.source, target)):
        return f"{path} includes \"{name}\", which is neither under the root nor under src/"
    if folder not in reach(path):
        return f"{path} includes \"{name}\": {folder_of(path)} must not know {folder}"
    return None


def check_system(path, name):
    folder = folder_of(path)
    if name.startswith("ecring/"):
        return None
    if (folder.startswith("src") or folder == "sim") and name not in SYSTEM_OF_CORE:
        return f"{path} includes <{name}>: only {', '.join(SYSTEM_OF_CORE)} there"
    return None


def check(house):
    for path in house.files("include", *{folder.split("/")[0] for folder in BELOW}):
        folder = folder_of(path)
        if folder not in BELOW and folder != "include":
            yield f"{path}: {folder} is not a folder of the table"
            continue
        code = rules.code_of(house.text(path), strings=True)
        for left, name in re.findall(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', code, re.M):
            complaint = check_quoted(house, path, name) if left == '"' else check_system(path, name)
            if complaint:
                yield complaint


SAMPLES = (
    ("in order", {"src/base/a.h": "", "src/wire/b.c": '#include "base/a.h"\n#include <ecring/x.h>\n#include <string.h>\n'},
     None),
    ("downward is transitive", {"src/base/a.h": "", "src/master/b.c": '#include "base/a.h"\n'}, None),
    ("upward", {"src/bus/bus.h": "", "src/wire/b.c": '#include "bus/bus.h"\n'}, "src/wire must not know src/bus"),
    ("a sibling", {"src/dc/dc.h": "", "src/domain/d.c": '#include "dc/dc.h"\n'}, "must not know src/dc"),
    ("the simulator knows a role", {"src/slave/s.h": "", "sim/a.c": '#include "slave/s.h"\n'}, "sim must not know"),
    ("the port knows the simulator", {"sim/s.h": "", "port/a.c": '#include "sim/s.h"\n'}, "port must not know sim"),
    ("its simulated transport may", {"sim/s.h": "", "port/transport_sim.c": '#include "sim/s.h"\n'}, None),
    ("an example looks inside", {"src/base/a.h": "", "examples/a.c": '#include "base/a.h"\n'}, "only public headers"),
    ("a header of no folder", {"src/wire/b.c": '#include "nowhere.h"\n'}, "neither under the root"),
    ("a way around", {"src/base/a.h": "", "src/wire/b.c": '#include "../base/a.h"\n'}, "without .."),
    ("the program looks inside", {"src/base/a.h": "", "cli/a.c": '#include "base/a.h"\n'}, "cli must not know src/base"),
    ("the program knows worlds", {"world/a.h": "", "cli/a.c": '#include "world/a.h"\n'}, None),
    ("a clock in the core", {"src/bus/b.c": "#include <time.h>\n"}, "includes <time.h>"),
    ("a comment includes nothing", {"src/bus/b.c": "/*\n#include <time.h>\n*/\n"}, None),
    ("the master knows its surface", {"src/core.h": "", "src/master/a.c": '#include "core.h"\n'}, None),
    ("a slave does not", {"src/core.h": "", "src/slave/a.c": '#include "core.h"\n'}, "must not know src/core.h"),
    ("an unknown folder", {"src/stray/b.c": ""}, "not a folder of the table"),
)

if __name__ == "__main__":
    rules.main(check, SAMPLES)
