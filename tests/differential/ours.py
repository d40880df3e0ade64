# SPDX-License-Identifier: BSD-2-Clause
"""The same counts from our own outputs: --stats for the messages, -o referrals for the rest."""

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
