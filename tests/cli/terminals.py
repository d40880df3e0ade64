#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What goes where: data to standard output, talk to standard error, colour and progress to people."""

import json
import os
import re
import time
import unicodedata

from captures import pcap_octets, read_pcap
from commandline import ROOT, Test, all_captures, lines_of, main

ESCAPE = re.compile(rb"\x1b\[[0-9;]*m")
UTF8 = {"LC_ALL": "C.UTF-8"}


def widest(octets):
    """Columns of the widest line."""
    plain = ESCAPE.sub(b"", octets).decode("utf-8")
    return max(sum(0 if unicodedata.combining(char) else 1 for char in line) for line in plain.split("\n"))


class Terminals(Test):
    def setUp(self):
        super().setUp()
        self.good = self.pcap("private-glue")

    def test_the_default_is_text_on_a_terminal_and_json_elsewhere(self):
        code, shown, _ = self.on_terminal("-q", self.good)
        self.assertEqual(code, 0)
        self.assertIn(b"glue compared across resolvers", shown)
        for entry in self.run_it("-q", self.good).objects():
            self.assertIn("@timestamp", entry)

    def test_colour(self):
        rows = (  # what, options, environment, destination, coloured
            ("on a terminal", (), {}, "text", True),
            ("never", ("--color", "never"), {}, "text", False),
            ("NO_COLOR", (), {"NO_COLOR": "1"}, "text", False),
            ("NO_COLOR that is empty does not count", (), {"NO_COLOR": ""}, "text", True),
            ("what is asked for beats NO_COLOR", ("--color=always",), {"NO_COLOR": "1"}, "text", True),
            ("a dumb terminal", (), {"TERM": "dumb"}, "text", False),
            ("JSON has none", ("--color", "always"), {}, "json", False),
        )
        for what, options, env, form, coloured in rows:
            with self.subTest(what):
                code, shown, _ = self.on_terminal("-q", *options, "-o", form, self.good, env=env)
                self.assertEqual((code, bool(ESCAPE.search(shown))), (0, coloured))

    def test_a_file_gets_colour_only_when_asked(self):
        out = self.path("report.txt")
        self.on_terminal("-q", "-o", "text:" + out, self.good, env=UTF8)
        with open(out, "rb") as stream:
            self.assertRegex(stream.read(), rb"\A[ -~\n]+\Z")
        self.run_it("-q", "--color", "always", "-o", "text:" + out, self.good)
        with open(out, "rb") as stream:
            self.assertRegex(stream.read(), ESCAPE)
        self.assertRegex(self.run_it("-q", "-o", "text", self.good, env=UTF8).out, rb"\A[ -~\n]+\Z")

    def test_colour_changes_no_character(self):
        for path in all_captures():
            plain = self.run_it("-q", "-o", "text", path).out
            colour = self.run_it("-q", "--color", "always", "-o", "text", path).out
            self.assertEqual(ESCAPE.sub(b"", colour), plain)
            self.assertNotIn(b"\33", plain)

    def test_every_colour_ends_before_its_line(self):
        shown = self.run_it("-q", "--color", "always", "-o", "text", self.good).out
        for line in shown.split(b"\n"):
            codes = ESCAPE.findall(line)
            self.assertIn(codes[-1:], ([], [b"\33[0m"]), line)

    def test_no_line_is_wider_than_the_terminal(self):
        for path in all_captures():
            for columns in (60, 72, 80, 100, 119, 160):
                with self.subTest((path, columns)):
                    out = self.run_it("-q", "-o", "text", path, env={"COLUMNS": str(columns)}).out
                    self.assertLessEqual(widest(out), columns)
                    self.assertFalse(re.search(rb" \n", out), "a line ends in spaces")
        for columns in (60, 80, 133):
            _, shown, _ = self.on_terminal("-q", self.good, columns=columns, env=UTF8)
            self.assertLessEqual(widest(shown), columns)
            self.assertGreater(widest(shown), columns - 2)

    def test_columns_that_are_no_width(self):
        for columns, width in (("0", 100), ("-5", 100), ("wide", 100), ("1", 60), ("999", 160), ("", 100),
                               ("99999999999999999999", 100)):
            with self.subTest(columns):
                out = self.run_it("-q", "-o", "text", self.good, env={"COLUMNS": columns}).out
                self.assertEqual(widest(out), width)

    def test_progress_is_for_a_terminal_alone(self):
        packets = read_pcap(self.pcap("quiet-day"))
        for options, expected in (((), True), (("-q",), False)):
            with self.subTest(options):
                code, shown, out = self.on_terminal(*options, "-o", "json", "-", outputs=("stderr",), stdin=-1,
                                                    between=self.feeder(packets))
                self.assertEqual(code, 0)
                self.assertEqual(b" packets, " in shown and b" a second" in shown, expected, shown)
                if expected:
                    self.assertTrue(shown.endswith(b"\r\33[K"), shown)
                else:
                    self.assertEqual(shown, b"")
                for line in lines_of(out):
                    json.loads(line)
        self.assertEqual(self.run_it("-o", "json", self.good).err, b"")

    def test_the_help_fits_80_columns_and_agrees_with_the_manual(self):
        shown = self.run_it("-h").out
        self.assertLessEqual(widest(shown), 80)
        self.assertEqual(self.run_it("--help", "--nonsense-after", code=None).out, b"")
        options = re.findall(rb"^  (?:-([a-zA-Z]), |    )--([a-z-]+)", shown, re.MULTILINE)
        self.assertGreaterEqual(len(options), 13)
        with open(os.path.join(ROOT, "docs", "man", "gluewatch.1"), encoding="ascii") as stream:
            manual = stream.read().replace("\\-", "-")
        for letter, name in options:
            named = [rf"Fl (-)?{name.decode()}\b"]
            if letter:
                named.append(rf"Fl [a-zA-Z]*{letter.decode()}[a-zA-Z]*\b")
            self.assertTrue(any(re.search(form, manual) for form in named), (letter, name))
        for form in (b"text", b"json", b"referrals", b"stats"):
            self.assertIn(b"\n  " + form + b" ", shown)

    def test_the_version_is_one_line(self):
        for option in ("-V", "--version", "--vers"):
            self.assertRegex(self.run_it(option).out, rb"\Agluewatch [0-9]+\.[0-9]+\.[0-9]+\n\Z")

    def test_quiet_and_verbose(self):
        result = self.run_it("-v", "-o", "json", self.good, self.pcap("quiet-day"))
        self.assertEqual(len(result.notes()), 2)
        self.assertIn("private-glue.pcap: pcap, 2069 packets", result.err.decode())
        self.assertEqual(self.run_it("-q", "-o", "json", self.good).err, b"")
        self.assertEqual(self.run_it("-o", "json", self.good).err, b"")

    @staticmethod
    def feeder(packets):
        """Hand over enough packets, for long enough, that a progress line is due."""
        def feed(child):
            body = pcap_octets(packets)
            child.stdin.write(body)
            for _ in range(8):
                child.stdin.write(body[24:])
                child.stdin.flush()
                time.sleep(0.15)
            child.stdin.close()
            child.stdin = None
        return feed


main()
