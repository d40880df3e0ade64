#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Memory stays within what was allowed, and every octet of a flood of names is accounted for.

With a sanitizer in the program its own memory counts, too: then only the accounts are checked.
"""

import random
import struct
import subprocess
import sys

from captures import HEAD, RECORD, START, exchange, labels, timed, wire_name, write_pcap
from commandline import Test, harness, main

MEBI = harness.MEBI
PARENT = "199.7.91.13"
# A process begins with the peak of the one that made it: one in between, which is small, keeps ours out.
MEASURE = """
import os, sys
_, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print(usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def flood(path, count):
    """Referrals of `count` random names below test, each with its own server, as a resolver would get them."""
    source = random.Random(53)
    template, = exchange(1, "198.51.101.10", PARENT, wire_name(labels("x" * 20 + ".test")),
                         wire_name(labels("x" * 20 + ".test")),
                         [(wire_name(labels("ns." + "x" * 20 + ".test")), "20.1.2.3")])[1:]
    spots = [at for at in range(len(template)) if template.startswith(b"x" * 20, at)]
    ident = 42
    with open(path, "wb", buffering=MEBI) as stream:
        stream.write(HEAD.pack(0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for index in range(count):
            frame = bytearray(template)
            name = b"%020x" % source.getrandbits(80)
            for at in spots:
                frame[at:at + 20] = name
            frame[ident:ident + 2] = struct.pack("!H", index & 0xFFFF)
            seconds, micros = divmod(index * 1000, 1_000_000)
            stream.write(RECORD.pack(START + seconds, micros, len(frame), len(frame)) + frame)
    return path


class Memory(Test):
    @property
    def sanitized(self):
        with open(self.program, "rb") as stream:
            return b"__asan_init" in stream.read()

    def measured(self, limit, *args):
        """Run with all outputs on, hold the peak of resident memory to the limit; the counters."""
        command = [sys.executable, "-S", "-E", "-c", MEASURE, self.program, "-q", "-o", "json:" + self.path("json"),
                   "-o", "text:" + self.path("text"), "-o", "referrals:/dev/null", "--stats", self.path("stats"), *args]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        peak = int(done.stdout)
        print(f"{self.id()} {args[1:]}: {peak / MEBI:.1f} MiB of {limit / MEBI:.0f}")
        if not self.sanitized:
            self.assertLessEqual(peak, limit)
        counters, = harness.read_lines(self.path("stats"))
        self.assertEqual(harness.broken_laws(counters), [])
        return counters

    def test_a_small_capture_needs_little(self):
        cut = wire_name(labels("shop.test"))
        path = write_pcap(self.path("tiny.pcap"), timed(
            exchange(1, "198.51.101.10", PARENT, cut, cut, [(wire_name(labels("ns.shop.test")), "20.1.2.3")])))
        self.measured(16 * MEBI, path)

    def test_a_flood_of_names_stays_within_the_allowance(self):
        count = 300_000
        path = flood(self.path("flood.pcap"), count)
        for allowed, octets in (("8M", 8 * MEBI), ("64M", 64 * MEBI), ("1g", 1024 * MEBI)):
            with self.subTest(allowed):
                counters = self.measured(octets + 48 * MEBI, path, "--memory", allowed)
                table = counters["table"]
                self.assertEqual(table["memory_budget"], octets)
                self.assertLessEqual(table["memory_octets"], octets)
                refused = sum(table[key] for key in table if key.startswith("refused_"))
                self.assertEqual(table["inserted"] + refused, count)
                self.assertEqual(counters["messages"]["classes"]["referral"], count)

    def test_the_allowance_in_several_units(self):
        for allowed, octets in (("8M", 8 * MEBI), ("8388608", 8 * MEBI), ("8192k", 8 * MEBI), ("8192K", 8 * MEBI),
                                ("2g", 2048 * MEBI), ("16T", 16 * 1024 * 1024 * MEBI)):
            with self.subTest(allowed):
                counters = self.stats("--memory", allowed, self.pcap("renumbering"))
                self.assertEqual(counters["table"]["memory_budget"], octets)
        self.assertEqual(self.stats(self.pcap("renumbering"))["table"]["memory_budget"], 512 * MEBI)


main()
