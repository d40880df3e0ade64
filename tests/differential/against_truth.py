#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare what we see in other people's captures with the counts in their truth.json.

Usage: against_truth.py PROGRAM [DIR]

Without DIR the folder `real` of GLUEWATCH_CAPTURES is taken; the test is skipped when that is absent.
Differences that are understood stand in explained.csv; every other one, and every line there that no
longer holds, is a fault.
"""

import hashlib
import json
import os
import sys

import ours
from tshark_dns import COUNTS


def digest(triples):
    """As `how` in truth.json says."""
    if not triples:
        return None
    text = "".join("|".join(triple) + "\n" for triple in sorted(triples))
    return hashlib.sha256(text.encode()).hexdigest()


def differences(program, path, truth):
    """{count: (ours, truth)} and the faults of the run."""
    seen, faults = ours.run(program, path)
    if seen is None:
        return {}, faults
    mine = {**seen.result(), "triples_sha256": digest(seen.triples)}
    return {count: (mine[count], truth[count]) for count in (*COUNTS, "triples_sha256")
            if mine[count] != truth[count]}, faults


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = sys.argv[2] if len(sys.argv) > 2 else ours.harness.captures_folder("real")
    if not folder or not os.path.exists(os.path.join(folder, "truth.json")):
        print("GLUEWATCH_CAPTURES names no folder with real/truth.json: absent, nothing compared")
        sys.exit(ours.harness.SKIP)
    with open(os.path.join(folder, "truth.json"), encoding="utf-8") as stream:
        files = json.load(stream)["files"]
    explained, bad = ours.Explained(), 0
    for name in sorted(files):
        found, faults = differences(sys.argv[1], os.path.join(folder, name), files[name]["dns"])
        faults += explained.sift(name, found)
        bad += bool(faults)
        for fault in faults:
            print(f"{name}: {fault}")
    print(f"against_truth: {len(files)} captures compared, {len(explained.used)} differences explained,"
          f" {bad} captures with others")
    sys.exit(1 if bad else 0)


main()
