#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every kind of anomaly has its rule's file, a section in the detection document and in the manual, and
a capture that shows it: a golden case or a scenario that must bring it about."""

import os
import re

from tree import open_tree

ENTRY = re.compile(r'X\(\s*[A-Z_]+,\s*"([a-z-]+)",\s*"?([a-z_]+)"?,\s*[A-Z]+,\s*"')


def kinds(tree):
    text = tree.read("include/gluewatch/kind.h").replace("\\\n", " ")
    return ENTRY.findall(text)


def main():
    tree = open_tree()
    found = kinds(tree)
    if not found:
        tree.complain("include/gluewatch/kind.h", 0, "no kind found in it")
    golden = "".join(tree.read(path) for path in tree.files if path.startswith("tests/golden/")
                     and os.path.basename(path) == "findings.jsonl")
    scenarios = "".join(tree.read(path) for path in tree.files if path.startswith("tests/scenario/")
                        and path.endswith(".c"))
    manual = tree.read("docs/man/gluewatch.1") if tree.has("docs/man/gluewatch.1") else ""
    document = tree.read("docs/DETECTION.md") if tree.has("docs/DETECTION.md") else ""
    for name, stem in found:
        rule = f"analyze/rule_{stem}.c"
        if not tree.has(rule):
            tree.complain(rule, 0, f"missing: the rule of {name}")
        if f'"{name}"' not in golden and not re.search(rf'sc_must\(\w+, "{name}"', scenarios):
            tree.complain("tests/golden", 0, f"no case and no scenario expects {name}")
        if not re.search(rf"^\.It .*{re.escape(name)}", manual, re.MULTILINE):
            tree.complain("docs/man/gluewatch.1", 0, f"no entry on {name}")
        if not re.search(rf"^#+ .*{re.escape(name)}", document, re.MULTILINE):
            tree.complain("docs/DETECTION.md", 0, f"no section on {name}")
    stems = {f"analyze/rule_{stem}.c" for _, stem in found}
    for path in tree.select(".c", under=("analyze",)):
        if path.startswith("analyze/rule_") and path not in stems:
            tree.complain(path, 0, "the rule of no kind")
    tree.finish()


main()
