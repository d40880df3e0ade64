#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every line of data on every capture is whole, ASCII, and of the shape that the schema lays down."""

import json
import os
import subprocess
import sys

from captures import read_pcap
from commandline import ROOT, Test, all_captures, harness, main

try:
    import jsonschema
except ImportError:
    jsonschema = None

PRINTABLE_LINES = rb"\A([ -~]*\n)*\Z"


class Outputs(Test):
    def check_lines(self, out):
        """Printable ASCII, each line an object, no name twice in any."""
        self.assertRegex(out, PRINTABLE_LINES)

        def once(pairs):
            self.assertEqual(len(pairs), len({name for name, _ in pairs}))
            return dict(pairs)
        return [json.loads(line, object_pairs_hook=once) for line in out.splitlines()]

    def test_every_capture_in_every_format(self):
        for path in all_captures():
            for profile in ("default", "lab"):
                with self.subTest((path, profile)):
                    outcome = harness.run(self.program, [path], ("--profile", profile))
                    self.assertEqual(outcome.faults(), [])
                    self.assertEqual(outcome.stats["packets"]["seen"], len(read_pcap(path)))
                    self.assertEqual(outcome.stats["findings"]["emitted"], len(outcome.findings))
                    self.assertEqual(outcome.stats["messages"]["referral_shaped"], len(outcome.referrals))
                    common = ("-q", "--profile", profile, path)
                    for form in ("json", "referrals", "stats"):
                        self.check_lines(self.run_it("-o", form, *common).out)
                    self.assertRegex(self.run_it("-o", "text", *common).out, PRINTABLE_LINES)

    def test_the_counters_are_one_object_wherever_they_are_written(self):
        for path in all_captures():
            with self.subTest(path):
                where = self.path("stats")
                found = self.check_lines(self.run_it("-q", "-o", "json", "--stats", where, path).out)
                with open(where, "rb") as stream:
                    counters, = self.check_lines(stream.read())
                within = found[-1]["gluewatch"]["stats"]
                for key in ("packets", "messages", "table", "findings", "laws"):
                    self.assertEqual(within[key], counters[key])
                self.assertGreater(counters["elapsed_seconds"], 0)
                self.assertLess(counters["elapsed_seconds"], 60)

    @staticmethod
    def schema(name):
        with open(os.path.join(ROOT, "report", "schema", name + "-1.schema.json"), encoding="utf-8") as stream:
            return jsonschema.Draft202012Validator(json.load(stream))

    def test_lines_follow_their_schemas(self):
        if jsonschema is None:
            self.skipTest("python3-jsonschema is absent")
        findings, incidents = self.schema("finding"), self.schema("incident")
        told = 0
        for path in all_captures():
            for args in ((), ("--profile", "lab"), ("udp", "port", "53")):
                with self.subTest((path, args)):
                    options, words = (args, ()) if args[:1] == ("--profile",) else ((), args)
                    lines = self.run_it("-q", "-o", "json", *options, path, *words).objects()
                    for entry in lines:
                        validator = incidents if harness.is_incident(entry) else findings
                        self.assertEqual([fault.message for fault in validator.iter_errors(entry)], [])
                        told += harness.is_incident(entry)
                    # Findings, then incidents, then the counters.
                    order = [0 if harness.is_finding(entry) else 1 if harness.is_incident(entry) else 2
                             for entry in lines]
                    self.assertEqual(order, sorted(order))
                    self.assertEqual(order.count(2), 1)
                    alone = self.run_it("-q", "-o", "incidents", *options, path, *words).objects()
                    self.assertEqual(alone, [entry for entry in lines if harness.is_incident(entry)])
        self.assertGreater(told, 0)
        entry["unknown"] = 1
        self.assertFalse(findings.is_valid(entry), "the schema allows everything")

    def test_findings_are_good_ecs(self):
        folder = os.environ.get("GLUEWATCH_SCHEMAS")
        if not folder or not os.path.exists(os.path.join(folder, "validate.py")):
            self.skipTest("the folder named by GLUEWATCH_SCHEMAS is absent")
        for path in all_captures():
            with self.subTest(path):
                where = self.path("findings.jsonl")
                self.run_it("-q", "-o", "json:" + where, path)
                done = subprocess.run([sys.executable, os.path.join(folder, "validate.py"), "ecs", where], check=False,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.assertEqual(done.returncode, 0, done.stdout[:2000])

    def test_many_outputs_of_one_run_hold_what_single_runs_hold(self):
        path = self.pcap("private-glue")
        where = {form: self.path(form) for form in ("text", "json", "referrals")}
        where["second"] = self.path("second")
        outputs = [word for form in ("text", "json", "referrals") for word in ("-o", f"{form}:{where[form]}")]
        self.run_it("-q", *outputs, "-o", "json:" + where["second"], path)
        for form in ("text", "referrals"):
            with open(where[form], "rb") as stream:
                self.assertEqual(stream.read(), self.run_it("-q", "-o", form, path).out)
        with open(where["json"], "rb") as one, open(where["second"], "rb") as other:
            self.assertEqual(self.timeless(one.read()), self.timeless(other.read()))

    @staticmethod
    def timeless(out):
        entries = [json.loads(line) for line in out.splitlines()]
        for entry in entries:
            entry["event"].pop("created", None)
        return entries

    def test_as_many_outputs_as_there_may_be(self):
        outputs = [word for index in range(15) for word in ("-o", "json:" + self.path(str(index)))]
        self.run_it(*outputs, "--stats", self.path("stats"), self.pcap("renumbering"))
        with open(self.path("stats"), "rb") as stream:
            self.check_lines(stream.read())

    def test_an_existing_file_is_replaced(self):
        with open(self.path("out"), "wb") as stream:
            stream.write(b"x" * 1_000_000)
        self.run_it("-o", "stats:" + self.path("out"), self.pcap("renumbering"))
        with open(self.path("out"), "rb") as stream:
            self.assertEqual(len(self.check_lines(stream.read())), 1)

    def test_the_same_input_gives_the_same_octets(self):
        for form in ("text", "referrals"):
            seen = {self.run_it("-q", "-o", form, self.pcap("unrelated-glue"),
                                env={"GLUEWATCH_HASH_SEED": seed, "GLUEWATCH_BATCH": batch}).out
                    for seed, batch in (("1", "64"), ("2", "1"), ("3", "7"))}
            self.assertEqual(len(seen), 1)


main()
