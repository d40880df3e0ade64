#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run one golden case: the findings must be those that are laid down, however the capture is given.

Usage: run.py PROGRAM CASE [--rewrite]

CASE is a folder with case.json: "captures" (relative to pcaps/), "args" (optional) and "exit" (optional,
0), and with findings.jsonl, which --rewrite writes anew: findings, then incidents. The same must come out for any number
of threads, batch size and hash secret, from other containers and compressions, and from a capture split in two.
"""

import difflib
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import harness  # noqa: E402

PCAPS = os.path.join(HERE, "..", "..", "pcaps")
COMPRESSORS = (("gz", ["gzip", "-c"]), ("xz", ["xz", "-c"]), ("zst", ["zstd", "-q", "-c"]),
               ("lz4", ["lz4", "-q", "-c"]))
WORKERS = ("1", "2", "4")
# Threads, batch size and hash seed; tests/scenario/determinism.py has every pair of them.
MIXES = (("1", "1", "1"), ("1", "32", "2"), ("2", "1", "3"), ("2", "64", "4"), ("4", "32", "5"), ("4", "7", "1"))
# What says where in which file a packet stands: other in another container.
PLACES = ("frame", "frames", "input", "file", "evidence")


def stable(entry):
    """The finding without what differs from one machine, version or moment to the next."""
    if isinstance(entry, list):
        return [stable(value) for value in entry]
    if not isinstance(entry, dict):
        return entry
    kept = {key: stable(value) for key, value in entry.items() if key != "created"}
    if "product" in kept:
        kept.pop("version", None)
    if "file" in kept:
        kept["file"] = os.path.basename(kept["file"])
    return kept


def placeless(entry):
    """The finding without the places of its packets."""
    if isinstance(entry, dict):
        return {key: placeless(value) for key, value in entry.items() if key not in PLACES}
    if isinstance(entry, list):
        return [placeless(value) for value in entry]
    return entry


def written(findings):
    return [json.dumps(entry, ensure_ascii=False) for entry in findings]


def difference(expected, seen):
    """A readable difference of two lists of lines of JSON."""
    def spread(lines):
        return "\n".join(json.dumps(json.loads(line), indent=1) for line in lines).split("\n")
    return list(difflib.unified_diff(spread(expected), spread(seen), "expected", "seen", lineterm="", n=2))


class Case:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        with open(os.path.join(folder, "case.json"), encoding="utf-8") as stream:
            laid_down = json.load(stream)
        self.captures = [os.path.join(PCAPS, name) for name in laid_down["captures"]]
        self.args = laid_down.get("args", [])
        self.code = laid_down.get("exit", 0)
        self.faults = []

    def run(self, what, captures=None, env=None, workers="1"):
        args = [*self.args, "--workers", workers]
        outcome = harness.run(self.program, captures or self.captures, args, env)
        self.faults += [f"{what}: {fault}" for fault in outcome.faults((self.code,))]
        if outcome.stats and outcome.stats["findings"]["emitted"] != len(outcome.findings):
            self.faults.append(f"{what}: counters and output disagree on the number of findings")
        if outcome.stats and outcome.stats["incidents"]["opened"] \
                - outcome.stats["incidents"]["rolled_up"] != len(outcome.incidents):
            self.faults.append(f"{what}: counters and output disagree on the number of incidents")
        return [stable(entry) for entry in outcome.findings + outcome.incidents]

    def compare(self, what, expected, seen):
        lines = difference(written(expected), written(seen))
        if lines:
            self.faults.append(f"{what}: other findings\n" + "\n".join(lines[:60]))

    def repeat(self, first):
        """Nothing but the traffic may decide."""
        for workers, size, seed in MIXES:
            what = f"{workers} threads, batch of {size}, hash seed {seed}"
            seen = self.run(what, env={"GLUEWATCH_BATCH": size, "GLUEWATCH_HASH_SEED": seed}, workers=workers)
            self.compare(what, first, seen)
        with tempfile.TemporaryDirectory() as scratch:
            expected = [placeless(entry) for entry in first]
            for turn, (what, captures) in enumerate(containers(self.captures, scratch)):
                seen = self.run(what, captures, workers=WORKERS[turn % len(WORKERS)])
                self.compare(what, expected, [placeless(entry) for entry in seen])


def containers(captures, scratch):
    """(what, files): the same packets in other containers, compressed, and split in two."""
    yield "pcapng", [convert(path, os.path.join(scratch, f"{index}.pcapng"))
                     for index, path in enumerate(captures)]
    for suffix, command in COMPRESSORS:
        yield suffix, [compress(path, os.path.join(scratch, f"{index}.pcap.{suffix}"), command)
                       for index, path in enumerate(captures)]
    halves = []
    for index, path in enumerate(captures):
        halves += split(path, os.path.join(scratch, f"half{index}"))
    yield "two halves, the later first", halves[::-1]


def convert(path, target):
    subprocess.run(["editcap", "-F", "pcapng", path, target], check=True)
    return target


def compress(path, target, command):
    with open(path, "rb") as source, open(target, "wb") as sink:
        subprocess.run(command, check=True, stdin=source, stdout=sink)
    return target


def split(path, stem):
    counted = subprocess.run(["capinfos", "-M", "-T", "-r", "-c", path], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    middle = f"1-{int(counted.split()[-1]) // 2}"
    early, late = stem + "-1.pcapng", stem + "-2.pcapng"
    subprocess.run(["editcap", "-F", "pcapng", "-r", path, early, middle], check=True)
    subprocess.run(["editcap", "-F", "pcapng", path, late, middle], check=True)
    return [early, late]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    case = Case(sys.argv[1], sys.argv[2])
    for tool in ("editcap", "capinfos", *(command[0] for _, command in COMPRESSORS)):
        if not shutil.which(tool):
            sys.exit(f"{tool} is needed and missing")
    first = case.run("plain run")
    laid_down = os.path.join(case.folder, "findings.jsonl")
    if "--rewrite" in sys.argv[3:]:
        with open(laid_down, "w", encoding="utf-8") as stream:
            stream.writelines(line + "\n" for line in written(first))
    case.compare("plain run", harness.read_lines(laid_down), first)
    if not os.path.exists(laid_down):
        case.faults.append("findings.jsonl is missing")
    case.repeat(first)
    for fault in case.faults:
        print(fault)
    print(f"{os.path.basename(case.folder)}: {len(first)} findings, {len(case.faults)} faults")
    sys.exit(1 if case.faults else 0)


main()
