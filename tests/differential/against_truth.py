#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare what we see in other people's captures with the counts in their truth.json.

Usage: against_truth.py PROGRAM [DIR]

Without DIR the folder `real` of GLUEWATCH_CAPTURES is taken; the test is skipped when that is absent.
Differences that are understood stand in explained.csv; every other one, and every line there that no
longer holds, is a fault.
"""

import csv
import hashlib
import json
import os
import sys

import ours
from tshark_dns import COUNTS

HERE = os.path.dirname(os.path.abspath(__file__))


def explained():
    """{(file, count): (ours, truth)}"""
    with open(os.path.join(HERE, "explained.csv"), encoding="utf-8", newline="") as stream:
        return {(row["file"], row["count"]): (row["ours"], row["truth"])
                for row in csv.DictReader(stream)}


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
    return {count: (str(mine[count]), str(truth[count])) for count in (*COUNTS, "triples_sha256")
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
    known, bad, used = explained(), 0, set()
    for name in sorted(files):
        found, faults = differences(sys.argv[1], os.path.join(folder, name), files[name]["dns"])
        for count, pair in found.items():
            if known.get((name, count)) == pair:
                used.add((name, count))
            else:
                faults.append(f"{count}: ours {pair[0]}, truth {pair[1]}")
        bad += len(faults)
        for fault in faults:
            print(f"{name}: {fault}")
    for name, count in sorted(set(known) - used):
        if name in files:
            print(f"{name}: {count}: explained, but does not differ that way")
            bad += 1
    print(f"against_truth: {len(files)} captures compared, {len(used)} differences explained, {bad} faults")
    sys.exit(1 if bad else 0)


main()
