#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Functions and files stay short, and no two C files have the same name."""

import os

from tree import ROOMS, functions, open_tree

FUNCTION_MAX = 120
FUNCTION_P99 = 100
FUNCTION_MEDIAN = 20
FILE_MAX = 1000
LINE_MAX = 100
FEWEST_FOR_A_SPREAD = 20  # functions, below which median and percentile say nothing


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def check_names(tree, sources):
    """A contract may share its name with the header of the room that fills it."""
    seen = {}
    for path in sources:
        if path.startswith("include/"):
            continue
        name = os.path.basename(path)
        if name in seen:
            tree.complain(path, 0, f"has the name of {seen[name]}")
        seen[name] = path


def check_spread(tree, lengths):
    ordered = sorted(lengths)
    if len(ordered) < FEWEST_FOR_A_SPREAD:
        return
    median, p99 = percentile(ordered, 0.5), percentile(ordered, 0.99)
    print(f"{len(ordered)} functions: median {median}, 99th percentile {p99}, longest {ordered[-1]}")
    if median > FUNCTION_MEDIAN:
        tree.complain("functions", 0, f"median of {median} lines, allowed {FUNCTION_MEDIAN}")
    if p99 > FUNCTION_P99:
        tree.complain("functions", 0, f"99th percentile of {p99} lines, allowed {FUNCTION_P99}")


def main():
    tree = open_tree()
    sources = tree.select(".c", ".h")
    lengths = []
    for path in sources:
        text = tree.read(path)
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LINE_MAX:
                tree.complain(path, number, f"line of {len(line)} columns, allowed {LINE_MAX}")
        count = text.count("\n")
        if count > FILE_MAX:
            tree.complain(path, 0, f"{count} lines, allowed {FILE_MAX}")
        for function in functions(text):
            if function.lines() > FUNCTION_MAX:
                tree.complain(path, function.first,
                              f"{function.name} has {function.lines()} lines, allowed {FUNCTION_MAX}")
            if path.split("/")[0] in ROOMS:
                lengths.append(function.lines())
    check_names(tree, sources)
    check_spread(tree, lengths)
    tree.finish()


main()
