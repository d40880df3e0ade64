#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tools/accuracy passes a program that finds all, and fails those that find nothing, too much or too late.

Usage: check_accuracy.py ACCURACY SCENARIO
"""

import json
import os
import subprocess
import sys
import tempfile

# A program that finds what expected.json says, as the word in its name's ending wants it.
PROGRAM = """#!/usr/bin/env python3
import datetime, json, os, sys
MODE = os.path.basename(sys.argv[0])
with open("expected.json") as stream:
    expected = json.load(stream)
def when(ns):
    whole = datetime.datetime.fromtimestamp(ns // 10**9, datetime.timezone.utc)
    return whole.strftime("%Y-%m-%dT%H:%M:%S") + ".%09dZ" % (ns % 10**9)
lines = []
def finding(kind, name, severity, variant, ns):
    own = {"severity": severity, "confidence": 0.5 if MODE == "unsure" else 0.98, "detected": when(ns),
           "delegation": {"cut": name}}
    if variant:
        own["variant"] = variant
    lines.append({"event": {"dataset": "gluewatch.finding", "action": kind, "id": str(len(lines))},
                  "gluewatch": own})
if MODE != "silent":
    for must in expected["must"]:
        if expected["variant"] == "responses" and must["kind"].startswith("resp-"):
            continue
        names = must["names"] or [""]
        finding(must["kind"], "wrong.name" if MODE == "misnamed" and must["names"] else names[0],
                must.get("min_severity", "low"), must.get("variant"),
                must["complete_ns"] + (2 * 10**9 if MODE == "late" else 0))
    if expected["incident"]:
        family = "misconfig" if MODE == "misfiled" else expected["incident"]["family"]
        lines.append({"event": {"dataset": "gluewatch.incident"}, "gluewatch": {"incident": {
            "id": "1", "family": family, "severity": "critical", "confidence": 0.95}}})
if MODE == "forbidden":
    finding(expected["must_not"][0]["kind"].replace("*", "bogon"), "", "critical", None, 0)
if MODE == "flaky" and "plain" != expected["variant"]:
    finding("glue-loopback", "", "low", None, 0)
if MODE == "broken":
    sys.exit(1)
with open("findings.jsonl", "w") as stream:
    stream.writelines(json.dumps(line) + "\\n" for line in lines)
"""
# Behaviour of the program, exit code, what the report must say.
CASES = (
    ("perfect", 0, "missed: 0"),
    ("silent", 1, "resp-txid-burst race (0/2)"),
    ("unsure", 1, "resp-txid-burst race (0/2)"),
    ("misnamed", 1, "glue-addr-minority race (0/1)"),
    ("misfiled", 1, "precision"),
    ("late", 1, "race, most (ms)"),
    ("forbidden", 1, "findings that must not come"),
    ("flaky", 1, "vlan: same findings (0/1)"),
    ("broken", 2, "exit code 1"),
)


def main():
    accuracy, scenario = sys.argv[1:3]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for mode, code, says in CASES:
            program = os.path.join(folder, mode)
            with open(program, "w", encoding="ascii") as stream:
                stream.write(PROGRAM)
            os.chmod(program, 0o755)
            seen = subprocess.run(
                [accuracy, "--scenario", scenario, "--seeds", "1", "--short", "--only", "A02",
                 *(["--variants", "1"] if mode in ("perfect", "flaky") else ["A01"]), "--", program],
                check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if seen.returncode != code or says not in seen.stdout:
                print(f"{mode}: exit code {seen.returncode}, wanted {code} and {says!r}\n{seen.stdout}")
                bad = 1
    reserved = subprocess.run([accuracy, "--scenario", scenario, "--first-seed", "999", "--seeds", "2", scenario],
                              check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if reserved.returncode != 2:
        print("seeds for fitting are reported")
        bad = 1
    print(json.dumps({"cases": len(CASES) + 1, "failed": bad}))
    sys.exit(bad)


main()
