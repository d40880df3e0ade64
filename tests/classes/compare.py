#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare the classes of the messages of real servers with the labels beside their captures.

Usage: compare.py PRINT_CLASSES PCAPS

For each messages-*.csv in PCAPS, every labelled query's response in the capture of the same name must
have the class and the flags of its label. The labels were derived from the servers' zones, not from us.
"""

import csv
import glob
import os
import subprocess
import sys

# Told by the label but not a fact of the message itself.
NOT_COMPARED = {"z-unknown"}


def printed(program, capture):
    """{id: [(class, flags)]} of the capture's responses."""
    text = subprocess.run([program, capture], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        number, name, flags = line.split(",")
        found.setdefault(number, []).append((name, set(flags.split())))
    return found


def compare(program, labels):
    """The number of labels compared and the faults."""
    found, faults, count = printed(program, labels[:-4] + ".pcap"), [], 0
    with open(labels, encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            want = (row["expected_class"], set(row["flags"].split()) - NOT_COMPARED)
            count += 1
            got = found.get(row["id"], [])
            if not want[0] and not got:
                continue  # the label says that no reply came
            if want not in got:
                faults.append(f"{os.path.basename(labels)} {row['n']} id {row['id']} {row['qname']} "
                              f"{row['qtype']} ({row['note']}): expected {want}, got {got}")
    return count, faults


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    total, bad = 0, 0
    files = sorted(glob.glob(os.path.join(sys.argv[2], "messages-*.csv")))
    for labels in files:
        count, faults = compare(sys.argv[1], labels)
        total += count
        bad += len(faults)
        for fault in faults:
            print(fault)
    print(f"{total} labelled messages of {len(files)} captures compared, {bad} faults")
    sys.exit(1 if bad or not total else 0)


main()
