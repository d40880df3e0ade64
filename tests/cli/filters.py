#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The filter expression, -c, and what a filter hides."""

import shutil
import subprocess

from captures import read_pcap, tagged, write, write_pcap
from commandline import Test, main

FIELDS = ("packets", "messages", "table", "findings")


class Filters(Test):
    def setUp(self):
        super().setUp()
        self.good = self.pcap("tcp-and-fragments")

    def test_trailing_words_dashes_one_argument_and_a_file_are_alike(self):
        path = write(self.path("filter"), b"# only what is asked\nudp  # and not TCP\nport\t53\n")
        crlf = write(self.path("crlf"), b"udp\r\nport 53\r\n")
        forms = ((self.good, "udp", "port", "53"), (self.good, "udp port 53"), (self.good, "--", "udp", "port", "53"),
                 ("-F", path, self.good), (self.good, "--filter-file=" + path), ("-F", crlf, self.good))
        seen = [self.stats(*form) for form in forms]
        for counters in seen:
            self.assertGreater(counters["packets"]["reasons"]["filtered-out"], 0)
            self.assertEqual([counters[key] for key in FIELDS], [seen[0][key] for key in FIELDS])
        self.assertEqual(seen[0]["filter"], "udp port 53")

    def test_an_empty_filter_matches_all(self):
        path = write(self.path("empty"), b"\n")
        self.assertEqual(self.stats("-F", path, self.good)["packets"], self.stats(self.good)["packets"])
        self.assertEqual(self.stats(self.good, "--")["packets"], self.stats(self.good)["packets"])

    def test_bad_filter_files(self):
        for octets, word in ((b"udp\0port 53", "text"), (b"#" * 70000, "64 KiB")):
            path = write(self.path("filter"), octets)
            result = self.run_it("-F", path, self.good, code=2)
            self.assertEqual(len(result.notes()), 1)
            self.assertIn(word, result.notes()[0])
        path = write(self.path("filter"), b"udp")
        self.run_it("-F", path, self.good, "tcp", code=2)

    def test_a_filter_counts_like_tcpdump(self):
        if not shutil.which("tcpdump"):
            self.skipTest("tcpdump is absent")
        for words in (["tcp"], ["ip6"], ["udp", "and", "greater", "300"], ["not", "port", "53"], ["host", "192.0.2.1"],
                      ["ip[6:2]", "&", "0x3fff", "!=", "0"], ["(", "udp", "or", "icmp6", ")"]):
            with self.subTest(words):
                listed = subprocess.run(["tcpdump", "-n", "-r", self.good, *words], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, check=True, text=True).stdout
                packets = self.stats(self.good, *words)["packets"]
                kept = packets["seen"] - packets["reasons"]["filtered-out"]
                self.assertEqual(kept, listed.count("\n"))

    def test_count_is_of_packets_that_match(self):
        for count in (1, 63, 64, 65, 100):
            for words in ((), ("tcp",)):
                with self.subTest((count, words)):
                    counters = self.stats("-c", str(count), self.good, *words)
                    packets = counters["packets"]
                    self.assertEqual(packets["seen"] - packets["reasons"]["filtered-out"], count)
                    self.assertTrue(counters["interrupted"])
        counters = self.stats("-c", "1000000", self.good)
        self.assertFalse(counters["interrupted"])

    def test_count_goes_on_over_several_inputs(self):
        other = self.pcap("quiet-day")
        first = min((self.good, other), key=lambda path: read_pcap(path)[0][:2])
        count = len(read_pcap(first)) + 5
        counters = self.stats("--count", str(count), other, self.good)
        self.assertEqual([entry["packets"] for entry in counters["inputs"]], [count - 5, 5])

    def test_count_is_independent_of_the_batch(self):
        seen = [self.findings("-c", "333", self.pcap("private-glue"), env={"GLUEWATCH_BATCH": size})
                for size in ("1", "7", "64")]
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(seen[0], seen[2])

    def test_tagged_frames_that_the_filter_hides_are_told(self):
        packets = read_pcap(self.good)
        path = write_pcap(self.path("tagged.pcap"), tagged(packets))
        plain = self.stats(path)
        self.assertEqual(plain["packets"]["tagged"], len(packets))
        self.assertEqual(plain["messages"], self.stats(self.good)["messages"])

        hidden = self.run_it("-o", "json", path, "port", "53")
        self.assertEqual(len(hidden.notes()), 1, hidden.err)
        self.assertIn(f"did not match {len(packets):d} tagged", hidden.notes()[0])
        for words in (("vlan", "and", "port", "53"), ("port", "53", "or", "(", "vlan", "and", "port", "53", ")")):
            self.assertEqual(self.run_it("-o", "json", path, *words).err, b"")
            self.assertGreater(self.stats(path, *words)["messages"]["seen"], 100)
        self.assertEqual(self.run_it("-q", "-o", "json", path, "port", "53").err, b"")
        self.assertEqual(self.run_it("-o", "json", self.good, "port", "53").err, b"")

    def test_a_filter_that_matches_nothing(self):
        counters = self.stats(self.good, "port", "54")
        self.assertEqual(counters["packets"]["reasons"]["filtered-out"], counters["packets"]["seen"])
        self.run_it("-o", "text", self.good, "port", "54")

    def test_hostile_filters_are_shown_harmlessly(self):
        for words in (("port", "\33[31m53"), ("x" * 100000,), ("(" * 5000,), ("port\n\n53 or",), ("\udcff",)):
            result = self.run_it(self.good, *words, code=2)
            self.assertEqual(len(result.notes()), 1)


main()
