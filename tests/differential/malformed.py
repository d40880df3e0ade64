#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run the program on bad captures: no crash, no sanitizer report, within time and memory, laws kept.

Usage: malformed.py PROGRAM DIR             every file of a folder
       malformed.py PROGRAM                 the folder `malformed` of GLUEWATCH_CAPTURES, if there is one
       malformed.py PROGRAM --mutate N FILE...   N damaged copies of each capture, the same every time
"""

import os
import random
import struct
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import harness  # noqa: E402

SECONDS = 5
MEMORY = "64M"
PEAK_OCTETS = 256 * harness.MEBI
PEAK_OCTETS_SANITIZED = 2048 * harness.MEBI
GOOD_CODES = (0, 1, 4)
MUTATED_OCTETS = 64 * 1024  # of a capture; enough packets of each sort, and quick
FILE_HEADER, RECORD_HEADER = 24, 16
ODD_LENGTHS = (0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xffff, 0x10000, 0x40001)


def sanitized(program):
    with open(program, "rb") as stream:
        return b"__asan_init" in stream.read()


def judge(program, path, peak):
    outcome = harness.run(program, [path], ["--memory", MEMORY], seconds=SECONDS)
    faults = outcome.faults(GOOD_CODES)
    if outcome.peak_octets > peak:
        faults.append(f"took {outcome.peak_octets // harness.MEBI} MiB")
    return faults


def record_offsets(octets):
    """Where each record of a little-endian capture file starts."""
    place = FILE_HEADER
    while place + RECORD_HEADER <= len(octets):
        yield place
        place += RECORD_HEADER + struct.unpack_from("<I", octets, place + 8)[0]


def cut_short(octets, chance):
    del octets[chance.randrange(len(octets)):]


def flip_bits(octets, chance):
    for _ in range(chance.choice((1, 10, 500))):
        octets[chance.randrange(FILE_HEADER, len(octets))] ^= 1 << chance.randrange(8)


def odd_record_length(octets, chance):
    place = chance.choice(list(record_offsets(octets)))
    struct.pack_into("<I", octets, place + chance.choice((8, 12)), chance.choice(ODD_LENGTHS))


def other_link_type(octets, chance):
    struct.pack_into("<I", octets, 20, chance.choice((0, 12, 101, 105, 108, 113, 228, 229, 276, 999)))


def damage_payloads(octets, chance):
    """Change octets behind the usual Ethernet, IP and UDP headers: mostly the DNS messages."""
    for place in list(record_offsets(octets)):
        start = place + RECORD_HEADER + 42
        size = struct.unpack_from("<I", octets, place + 8)[0] - 42
        for _ in range(3 if size > 0 else 0):
            at = start + chance.randrange(size)
            if at < len(octets):
                octets[at] = chance.choice((0x00, 0x3f, 0x40, 0x80, 0xc0, 0xff, chance.randrange(256)))


def damage_headers(octets, chance):
    """Change octets of the link, IP and transport headers."""
    for place in list(record_offsets(octets)):
        at = place + RECORD_HEADER + chance.randrange(54)
        if at < len(octets):
            octets[at] = chance.randrange(256)


def snap(octets, chance):
    """Cut every packet to a few octets, as a small snap length does."""
    limit = chance.randrange(1, 120)
    whole = bytes(octets)
    del octets[FILE_HEADER:]
    for place in record_offsets(whole):
        seconds, fraction, captured, wire = struct.unpack_from("<IIII", whole, place)
        start = place + RECORD_HEADER
        kept = whole[start:start + min(captured, limit)]
        octets += struct.pack("<IIII", seconds, fraction, len(kept), wire) + kept


MUTATIONS = (cut_short, flip_bits, odd_record_length, other_link_type, damage_payloads, damage_headers,
             snap)


def mutants(count, sources, scratch):
    """(what, path) of damaged copies."""
    for source in sources:
        with open(source, "rb") as stream:
            original = stream.read(MUTATED_OCTETS)
        for number in range(count):
            chance = random.Random(f"{os.path.basename(source)} {number}")
            mutation = MUTATIONS[number % len(MUTATIONS)]
            octets = bytearray(original)
            mutation(octets, chance)
            path = os.path.join(scratch, "mutant.pcap")
            with open(path, "wb") as stream:
                stream.write(octets)
            yield f"{os.path.basename(source)}, {mutation.__name__} {number}", path


def files_of(folder):
    for name in sorted(os.listdir(folder)):
        if not name.endswith((".json", ".md", ".tar.gz")):
            yield name, os.path.join(folder, name)


def inputs(arguments, scratch):
    """(what, path) of what the command line names; leaves with SKIP when it is not there."""
    if arguments[:1] == ["--mutate"]:
        return mutants(int(arguments[1]), arguments[2:], scratch)
    folder = arguments[0] if arguments else harness.captures_folder("malformed")
    if not folder:
        print("GLUEWATCH_CAPTURES names no folder with malformed/: absent, nothing run")
        sys.exit(harness.SKIP)
    return files_of(folder)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = sys.argv[1]
    peak = PEAK_OCTETS_SANITIZED if sanitized(program) else PEAK_OCTETS
    count, bad = 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        for what, path in inputs(sys.argv[2:], scratch):
            count += 1
            faults = judge(program, path, peak)
            bad += bool(faults)
            for fault in faults:
                print(f"{what}: {fault}")
    print(f"malformed: {count} inputs, {bad} with faults")
    sys.exit(1 if bad or not count else 0)


main()
