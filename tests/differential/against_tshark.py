#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare what we see in captures with what tshark sees in them.

Usage: against_tshark.py PROGRAM FILE|DIR...

Differences that are understood stand in explained.csv.
"""

import os
import sys

import ours
import tshark_dns


def captures(arguments):
    for argument in arguments:
        if os.path.isdir(argument):
            for name in sorted(os.listdir(argument)):
                if ".pcap" in name:
                    yield os.path.join(argument, name)
        else:
            yield argument


def only(left, right):
    return ", ".join("|".join(item) if isinstance(item, tuple) else item
                     for item in sorted(left - right)[:5])


def compare(program, path, explained):
    """What differs, one line each."""
    seen, faults = ours.run(program, path)
    if seen is None:
        return faults
    expected = tshark_dns.count(path)
    left, right = seen.result(), expected.result()
    found = {count: (left[count], right[count])
             for count in tshark_dns.COUNTS if left[count] != right[count]}
    unexplained = explained.sift(os.path.basename(path), found)
    faults += unexplained
    for what, mine, theirs in (("cuts", seen.cuts, expected.cuts),
                               ("triples", seen.triples, expected.triples)):
        if mine != theirs and (unexplained or not found):
            faults.append(f"{what}: ours alone [{only(mine, theirs)}], "
                          f"tshark's alone [{only(theirs, mine)}]")
    return faults


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    files, different, explained = 0, 0, ours.Explained()
    for path in captures(sys.argv[2:]):
        files += 1
        faults = compare(sys.argv[1], path, explained)
        different += bool(faults)
        for fault in faults:
            print(f"{os.path.basename(path)}: {fault}")
    print(f"against_tshark: {files} captures compared, {len(explained.used)} differences"
          f" explained, {different} captures with others")
    sys.exit(1 if different or not files else 0)


main()
