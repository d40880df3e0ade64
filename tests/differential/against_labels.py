#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare the classes we count with the labels that stand beside the captures of labelled messages.

Usage: against_labels.py PROGRAM DIR

For each messages-NAME.pcap of DIR the rows of messages-NAME.csv tell the class of every response. Queries
bear no label, and one of another opcode or class is `ignored`, a bad one `malformed`: these are compared
in sum.
"""

import collections
import csv
import os
import sys

import ours


UNLABELLED = ("query", "ignored", "malformed")


def expected(path):
    """{class: messages} by the labels; a query without a response has no class."""
    with open(path, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return len(rows), collections.Counter(row["expected_class"] for row in rows if row["expected_class"])


def differences(seen, queries, classes):
    """What differs, one line each."""
    found = [f"{what}: ours {seen.get(what, 0)}, labels {classes.get(what, 0)}"
             for what in sorted(set(seen) | set(classes))
             if what not in UNLABELLED and seen.get(what, 0) != classes.get(what, 0)]
    left = sum(seen.get(what, 0) for what in UNLABELLED)
    right = queries + sum(classes.get(what, 0) for what in UNLABELLED)
    if left != right:
        found.append(f"{', '.join(UNLABELLED)}: ours {left}, labels {right}")
    return found


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, folder = sys.argv[1:]
    compared, bad = 0, 0
    for name in sorted(os.listdir(folder)):
        labels = os.path.join(folder, name.replace(".pcap", ".csv"))
        if not name.startswith("messages-") or not name.endswith(".pcap") or not os.path.exists(labels):
            continue
        outcome = ours.harness.run(program, [os.path.join(folder, name)])
        faults = outcome.faults()
        seen = outcome.stats["messages"]["classes"] if outcome.stats else {}
        faults += differences(seen, *expected(labels))
        compared += 1
        bad += bool(faults)
        for fault in faults:
            print(f"{name}: {fault}")
    print(f"against_labels: {compared} captures compared, {bad} differ")
    sys.exit(1 if bad or not compared else 0)


main()
