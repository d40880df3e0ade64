# SPDX-License-Identifier: BSD-2-Clause
"""The same counts from our own outputs: --stats for the messages, -o referrals for the rest."""

import csv
import ipaddress
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import harness  # noqa: E402
from tshark_dns import Sums  # noqa: E402


def name_of(text):
    return text.lower().rstrip(".") or "."


def sums_of(outcome):
    """Sums of a run."""
    sums = Sums()
    messages = outcome.stats["messages"]
    for entry in outcome.referrals:
        cut = name_of(entry["cut"])
        delegated = {(cut, name_of(target["name"])) for target in entry["targets"]}
        addresses = [(name_of(glue["owner"]), str(ipaddress.ip_address(glue["address"])))
                     for glue in entry["glue"] if "owner" in glue]
        sums.add_referral(delegated, addresses)
    sums.count.update(messages=messages["seen"], queries=messages["queries"],
                      responses=messages["responses"], over_udp=messages["udp"],
                      over_tcp=messages["tcp"])
    return sums


def run(program, path):
    """(Sums or None, faults) of one capture."""
    outcome = harness.run(program, [path], seconds=120)
    faults = outcome.faults((0, 4))
    if outcome.stats is None:
        return None, faults
    shaped = outcome.stats["messages"]["referral_shaped"]
    if shaped != len(outcome.referrals):
        faults.append(f"{shaped} referrals counted, {len(outcome.referrals)} told")
    return sums_of(outcome), faults


class Explained:
    """The differences that are understood: explained.csv, one row for each file and count."""

    def __init__(self):
        with open(os.path.join(HERE, "explained.csv"), encoding="utf-8", newline="") as stream:
            self.rows = {(row["file"], row["count"]): (row["ours"], row["theirs"])
                         for row in csv.DictReader(stream)}
        self.used = set()

    def sift(self, name, found):
        """Faults of {count: (ours, theirs)}, all that are not explained or are no longer true."""
        faults = []
        for count, pair in found.items():
            if self.rows.get((name, count)) == tuple(map(str, pair)):
                self.used.add((name, count))
            else:
                faults.append(f"{count}: ours {pair[0]}, theirs {pair[1]}")
        return faults + [f"{count}: explained, but does not differ that way"
                         for file, count in self.rows if file == name and count not in found]
