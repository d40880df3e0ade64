#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every reason of gluewatch/why.h stands in docs/REASONS.md, and a test provokes it."""

import re

from tree import open_tree

ENTRY = re.compile(r'X\(\s*([A-Z0-9_]+),\s*([A-Z]+),\s*"([a-z0-9-]+)"')


def main():
    tree = open_tree()
    found = ENTRY.findall(tree.read("include/gluewatch/why.h").replace("\\\n", " "))
    if not found:
        tree.complain("include/gluewatch/why.h", 0, "no reason found in it")
    document = tree.read("docs/REASONS.md") if tree.has("docs/REASONS.md") else ""
    tests = "".join(tree.read(path) for path in tree.select(".c", ".h", ".py", ".json", under=("tests",))
                    if not path.startswith("tests/rooms/"))
    for enumerator, stage, name in found:
        if f"`{name}`" not in document and stage != "NONE":
            tree.complain("docs/REASONS.md", 0, f"nothing about {name}")
        if not re.search(rf'\bGW_{enumerator}\b|"{name}"', tests):
            tree.complain("tests", 0, f"no test mentions GW_{enumerator} or {name}")
    tree.finish()


main()
