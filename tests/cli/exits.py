#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The exit code says how the run went."""

import os
import re

from captures import pcap_octets, read_pcap, write
from commandline import Test, main

FORMATS = ("text", "json", "incidents", "referrals", "stats")
SEVERITIES = ("info", "low", "medium", "high", "critical")
# The gravest finding of a capture under --profile lab; None: no finding at all.
GRAVEST = {"quiet-day": None, "renumbering": "info", "messages-odd": "medium", "one-resolver-poisoned": "critical",
           "private-glue": "high"}

WRONG = (  # arguments, and what the one line on standard error names
    ((), "nothing to read"),
    (("-z", "FILE"), "unknown option: -z"),
    (("-qz", "FILE"), "unknown option: -z"),
    (("--nope", "FILE"), "--nope"),
    (("--m", "64M", "--nope"), "--nope"),
    (("--co", "FILE"), "ambiguous option: --co"),
    (("--quiet=1", "FILE"), "takes no value: --quiet=1"),
    (("FILE", "-r"), "without its value: -r"),
    (("FILE", "-qr"), "without its value: -r"),
    (("FILE", "--stats"), "without its value: --stats"),
    (("FILE", "--stats", ""), "--stats"),
    (("-r", "", "FILE"), "input"),
    (("-c", "0", "FILE"), "--count"),
    (("-c", "-1", "FILE"), "--count"),
    (("-c", "1k", "FILE"), "--count"),
    (("-c", "99999999999999999999", "FILE"), "--count"),
    (("-c", "", "FILE"), "--count"),
    (("--memory", "8191K", "FILE"), "--memory"),
    (("--memory", "64MB", "FILE"), "--memory"),
    (("--memory", "64X", "FILE"), "--memory"),
    (("--memory", "", "FILE"), "--memory"),
    (("--memory", "-64M", "FILE"), "--memory"),
    (("--memory", "18446744073709551615T", "FILE"), "--memory"),
    (("--memory", "17T", "FILE"), "--memory"),
    (("--fail-on", "grave", "FILE"), "--fail-on"),
    (("--fail-on", "High", "FILE"), "--fail-on"),
    (("--profile", "public", "FILE"), "--profile"),
    (("--color", "yes", "FILE"), "--color"),
    (("-o", "xml", "FILE"), "xml"),
    (("-o", "", "FILE"), "output format"),
    (("-o", ":x", "FILE"), "output format"),
    (("-o", "json", "-o", "text", "FILE"), "two outputs"),
    (("-o", "json", "--stats", "-", "FILE"), "two outputs"),
    (tuple(["-o", "json:/dev/null"] * 16) + ("FILE",), "too many outputs"),
    (("-F", "ABSENT", "FILE"), "ABSENT"),
    (("-F", "/", "FILE"), "/"),
    (("FILE", "porty", "53"), "porty 53"),
    (("FILE", "udp", "port"), "udp port"),
    (("FILE", "--", "-r"), "-r"),
    (("FILE", "monday.pcap"), "no file monday.pcap"),
)


class ExitCodes(Test):
    def setUp(self):
        super().setUp()
        self.good = self.pcap("quiet-day")

    def one_note(self, result, *words):
        self.assertEqual(len(result.notes()), 1, result.err)
        for word in words:
            self.assertIn(word, result.notes()[0])

    def test_0_a_good_capture(self):
        self.run_it("-q", self.good)

    def test_1_what_cannot_be_opened(self):
        for path, word in (("absent.pcap", "No such file"), ("absent/", "No such file"),
                           (self.good + "/x", "Not a directory")):
            with self.subTest(path):
                self.one_note(self.run_it("-r", path, code=1), path, word)
        self.one_note(self.run_it("absent.pcap", code=1), "absent.pcap")

    def test_1_an_unreadable_file(self):
        path = write(self.path("secret.pcap"), b"")
        os.chmod(path, 0)
        if os.access(path, os.R_OK):
            self.skipTest("this user may read everything")
        self.one_note(self.run_it(path, code=1), path, "Permission denied")

    def test_1_what_is_no_capture(self):
        path = write(self.path("notes.txt"), b"no capture at all, but long enough to look at\n")
        self.one_note(self.run_it(path, code=1), path)
        os.mkdir(self.path("folder"))
        self.one_note(self.run_it(self.path("folder"), code=1), "no capture in this directory")

    def test_1_an_output_that_cannot_be_opened(self):
        for form in FORMATS:
            with self.subTest(form):
                path = self.path("absent/out")
                self.one_note(self.run_it("-o", f"{form}:{path}", self.good, code=1), path)
        self.one_note(self.run_it("--stats", self.scratch, self.good, code=1), self.scratch)

    def test_1_a_full_disk(self):
        for form in FORMATS:
            with self.subTest(form):
                result = self.run_it("-q", "-o", f"{form}:/dev/full", self.good, code=1)
                self.one_note(result, "/dev/full", "No space left")
        with open("/dev/full", "wb") as full:
            for args in (("-o", "text", self.good), ("-o", "json", self.good), ("-h",), ("-V",)):
                with self.subTest(args):
                    self.one_note(self.run_it("-q", *args, code=1, stdout=full), "standard output")

    def test_1_every_lost_output_is_told_and_the_others_are_whole(self):
        kept = self.path("kept")
        result = self.run_it("-q", "-o", "text:/dev/full", "-o", "json:" + kept, "--stats", "/dev/full", self.good,
                             code=1)
        self.assertEqual(len(result.notes()), 2, result.err)
        with open(kept, encoding="ascii") as stream:
            self.assertIn('"kind":"metric"', list(stream)[-1])

    def test_2_wrong_options_values_and_filters(self):
        for args, word in WRONG:
            with self.subTest(args):
                result = self.run_it(*[self.good if word == "FILE" else word for word in args], code=2)
                self.one_note(result, word)
                self.assertEqual(result.out, b"")

    def test_2_outputs_that_would_destroy_something(self):
        packets = read_pcap(self.good)[:100]
        path = write(self.path("only.pcap"), pcap_octets(packets))
        os.symlink(path, self.path("link"))
        for args in (("-o", "json:" + path, path), ("--stats", self.path("link"), path),
                     ("-o", "json:" + path, self.scratch)):
            with self.subTest(args):
                self.one_note(self.run_it(*args, code=2), "is an input")
        self.assertEqual(read_pcap(path), packets)
        out = self.path("out")
        self.one_note(self.run_it("-o", "json:" + out, "--stats", out, path, code=2), "two outputs")

    def test_3_findings_at_or_above_the_severity(self):
        for capture, gravest in GRAVEST.items():
            for severity in SEVERITIES:
                grave = gravest is not None and SEVERITIES.index(gravest) >= SEVERITIES.index(severity)
                with self.subTest((capture, severity)):
                    self.run_it("-q", "--profile", "lab", "--fail-on", severity, self.pcap(capture),
                                code=3 if grave else 0)

    def test_4_a_cut_capture(self):
        octets = pcap_octets(read_pcap(self.good)[:1000])
        last = len(octets) - 16 - len(read_pcap(self.good)[999][2])
        for cut, record, offset, whole in ((1, 1000, last, 999), (60, 1000, last, 999)):
            with self.subTest(cut):
                path = write(self.path("cut.pcap"), octets[:-cut])
                result = self.run_it("-o", "stats", path, code=4)
                self.one_note(result, path, f"record {record} at offset {offset}:")
                self.assertEqual(result.objects()[0]["packets"]["seen"], whole)

    def test_4_a_corrupt_record_and_all_that_stands_before_it(self):
        packets = read_pcap(self.good)
        octets = bytearray(pcap_octets(packets))
        at = len(pcap_octets(packets[:3000]))
        octets[at + 8:at + 12] = b"\xff\xff\xff\xff"
        path = write(self.path("corrupt.pcap"), octets)
        before = write(self.path("before.pcap"), pcap_octets(packets[:3000]))
        result = self.run_it("-o", "json", path, code=4)
        self.one_note(result, path, f"record 3001 at offset {at}:")
        whole = self.stats(before)
        self.assertEqual(self.stats_of(path)["findings"], whole["findings"])
        self.assertEqual(self.stats_of(path)["messages"], whole["messages"])

    def stats_of(self, path):
        return self.run_it("-q", "-o", "stats", path, code=4).objects()[0]

    def test_4_the_other_inputs_are_read(self):
        cut = write(self.path("cut.pcap"), pcap_octets(read_pcap(self.good))[:-1])
        counters = self.run_it("-o", "stats", self.pcap("renumbering"), cut, code=4).objects()[0]
        self.assertEqual([entry["packets"] for entry in counters["inputs"]], [1714, 5150])

    def test_4_an_empty_file(self):
        path = write(self.path("empty.pcap"), b"")
        self.one_note(self.run_it("-o", "text", path, code=4), path, "record 1 at offset 0:", "empty")

    def test_3_beats_4(self):
        cut = write(self.path("cut.pcap"), pcap_octets(read_pcap(self.pcap("private-glue")))[:-1])
        result = self.run_it("-o", "json", "--fail-on", "high", cut, code=3)
        self.one_note(result, "record 2069 at offset")
        self.run_it("-o", "json", "--fail-on", "critical", cut, code=4)

    def test_1_beats_3_and_4(self):
        cut = write(self.path("cut.pcap"), pcap_octets(read_pcap(self.pcap("private-glue")))[:-1])
        self.run_it("-o", "json:/dev/full", "--fail-on", "high", cut, code=1)

    def test_0_an_empty_capture(self):
        path = write(self.path("none.pcap"), pcap_octets([]))
        for form in FORMATS:
            with self.subTest(form):
                result = self.run_it("-o", form, path)
                self.assertFalse(re.search(rb"\bnan\b|\binf\b|[ :]-[0-9]", result.out), result.out)

    def test_closed_standard_streams_swallow_no_file(self):
        out = self.path("out")
        for closed in ((0,), (1,), (2,), (0, 1, 2)):
            with self.subTest(closed):
                script = "exec " + " ".join(f"{fd}>&-" for fd in closed) + '; exec "$0" "$@"'
                self.program, program = "/bin/sh", self.program
                try:
                    self.run_it("-c", script, program, "-q", "-o", "json:" + out, self.good)
                finally:
                    self.program = program
                with open(out, encoding="ascii") as stream:
                    self.assertIn('"kind":"metric"', list(stream)[-1])


main()
