#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Nothing but the packets decides what is said about a scenario.

Usage: determinism.py PROGRAM SCENARIO

The output must be the same, octet for octet but for the moment of the run, for any number of threads, size of
batches and hash secret; in a capture that is damaged or read in part, too. The findings must be the same from
three files instead of one, and from pcapng.
"""

import itertools
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import harness  # noqa: E402

SEED = 77
CHOSEN = ("A01", "A05", "A07", "A10", "A11")
OTHERS_EACH = 4  # of the other scenarios one in so many
WORKERS, BATCHES, SECRETS = (1, 2, 4), (1, 32, 64), (1, 2, 3, 4, 5)
CROWD = 64       # threads, more than there are processors
PLACES = ("frame", "frames", "input", "file", "evidence", "inputs")
GLOBAL_HEADER, RECORD_HEADER = 24, 16

faults = []


def timeless(entry):
    """The entry without the moment of the run."""
    if isinstance(entry, dict):
        return {key: timeless(value) for key, value in entry.items() if key != "created"}
    return [timeless(value) for value in entry] if isinstance(entry, list) else entry


def placeless(entry):
    """The entry without where its packets stand."""
    if isinstance(entry, dict):
        return {key: placeless(value) for key, value in entry.items() if key not in PLACES}
    return [placeless(value) for value in entry] if isinstance(entry, list) else entry


def told(program, captures, args=(), workers=1, batch=None, secret=None, codes=(0,)):
    """(findings and incidents, referrals, counters) of a run."""
    env = {}
    if batch:
        env["GLUEWATCH_BATCH"] = str(batch)
    if secret:
        env["GLUEWATCH_HASH_SEED"] = str(secret)
    outcome = harness.run(program, captures, [*args, "--workers", str(workers)], env)
    faults.extend(f"{captures[0]} with {workers} threads: {fault}" for fault in outcome.faults(codes))
    counters = dict(outcome.stats or {})
    if counters.pop("workers", None) != workers:
        faults.append(f"the counters do not tell of {workers} threads")
    for key in ("elapsed_seconds", "parcel_octets"):
        counters.pop(key, None)
    return timeless(outcome.findings + outcome.incidents), outcome.referrals, counters


def compare(what, expected, seen):
    for name, one, other in zip(("findings", "referrals", "counters"), expected, seen):
        if one == other:
            continue
        faults.append(f"{what}: other {name}")
        if isinstance(one, dict):
            faults.append(f"  {[(key, value, other.get(key)) for key, value in one.items() if value != other.get(key)]}"[:600])
            continue
        pair = next(((left, right) for left, right in itertools.zip_longest(one, other) if left != right))
        faults.extend(f"  {json.dumps(entry)[:600]}" for entry in pair)


def rows():
    """Every number of threads with every size of batches; the secrets take turns."""
    secrets = itertools.cycle(SECRETS)
    for workers, batch in itertools.product(WORKERS, BATCHES):
        yield {"workers": workers, "batch": batch, "secret": next(secrets)}
    yield {"workers": CROWD}


def records_of(octets):
    """The records of a pcap file in this machine's order."""
    at = GLOBAL_HEADER
    while at < len(octets):
        length = RECORD_HEADER + struct.unpack_from("<I", octets, at + 8)[0]
        yield octets[at:at + length]
        at += length


def write(path, *pieces):
    with open(path, "wb") as stream:
        for piece in pieces:
            stream.write(piece)
    return path


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def pcapng_of(octets):
    """The same packets in pcapng, with times in nanoseconds."""
    link_type, = struct.unpack_from("<I", octets, 20)
    yield block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
    yield block(1, struct.pack("<HHI", link_type, 0, 0) + struct.pack("<HHB3xHH", 9, 1, 9, 0, 0))
    for record in records_of(octets):
        seconds, nanoseconds, kept, whole = struct.unpack_from("<IIII", record)
        time = seconds * 10**9 + nanoseconds
        yield block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xffffffff, kept, whole)
                    + record[RECORD_HEADER:])


def check_forms(program, name, folder, octets, args, first):
    """Three files, given in any order, and another container."""
    records = list(records_of(octets))
    chance = random.Random(name)
    cuts = [0, *sorted(chance.sample(range(1, len(records)), 2)), len(records)]
    parts = [write(os.path.join(folder, f"{part}.pcap"), octets[:GLOBAL_HEADER], *records[begin:end])
             for part, (begin, end) in enumerate(itertools.pairwise(cuts))]
    chance.shuffle(parts)
    expected = [placeless(entry) for entry in first[:2]]
    for workers in (1, 3):
        seen = told(program, parts, args, workers)
        compare(f"{name} cut at packets {cuts[1:3]}, {workers} threads", expected,
                [placeless(entry) for entry in seen[:2]])
    other = write(os.path.join(folder, "other.pcapng"), *pcapng_of(octets))
    seen = told(program, [other], args, 2)
    compare(f"{name} in pcapng", expected, [placeless(entry) for entry in seen[:2]])


def check_ends(program, name, folder, octets, args):
    """A capture that ends amid a record, and reading that ends after so many packets."""
    damaged = write(os.path.join(folder, "damaged.pcap"), octets[:len(octets) * 2 // 3 + 5])
    whole = os.path.join(folder, "capture.pcap")
    some = len(list(records_of(octets))) // 2 + 1
    for what, captures, more, code in (("damaged", [damaged], [], 4),
                                       (f"-c {some}", [whole], ["-c", str(some)], 0)):
        first = told(program, captures, [*args, *more], codes=(code,))
        if what != "damaged" and first[2]["packets"]["seen"] != some:
            faults.append(f"{name} {what}: {first[2]['packets']['seen']} packets were read")
        for workers in (2, 5):
            compare(f"{name} {what}, {workers} threads", first,
                    told(program, captures, [*args, *more], workers, codes=(code,)))


def check(program, scenario, name):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([scenario, "make", name, "--seed", str(SEED), "--short", "-d", folder], check=True)
        capture = os.path.join(folder, "capture.pcap")
        with open(os.path.join(folder, "args"), encoding="utf-8") as stream:
            args = [os.path.join(folder, line) if os.path.exists(os.path.join(folder, line)) else line
                    for line in stream.read().split("\n") if line]
        with open(capture, "rb") as stream:
            octets = stream.read()
        first = told(program, [capture], args)
        if not first[1]:
            faults.append(f"{name}: no referral was told, so that nothing was compared")
        for row in rows():
            compare(f"{name} {row}", first, told(program, [capture], args, **row))
        check_forms(program, name, folder, octets, args, first)
        check_ends(program, name, folder, octets, args)
        return len(first[0])


def main():
    program, scenario = sys.argv[1:3]
    listed = subprocess.run([scenario, "list"], check=True, stdout=subprocess.PIPE, text=True).stdout
    names = [line.split()[0] for line in listed.splitlines()]
    others = [name for name in names if not name.startswith("A")]
    chosen = [name for name in CHOSEN if name in names] + others[::OTHERS_EACH]
    if len(chosen) < len(CHOSEN):
        faults.append(f"of the scenarios chosen only {chosen} are there")
    findings = sum(check(program, scenario, name) for name in chosen)
    if findings == 0:
        faults.append("no scenario gave a finding, so that hardly anything was compared")
    for fault in faults:
        print(fault)
    print(f"{len(chosen)} scenarios, {findings} findings and incidents, {len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
