#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Everything behind a finding or an incident can be had by its id, at any width."""

from commandline import Test, harness, main

COMMON = ("-q", "--profile", "lab")


class Explain(Test):
    def told(self, name):
        """(findings, incidents) of a capture of the project."""
        lines = self.run_it(*COMMON, "-o", "json", self.pcap(name)).objects()
        return ([line for line in lines if harness.is_finding(line)],
                [line for line in lines if harness.is_incident(line)])

    def explain(self, ident, name, code=0, **env):
        done = self.run_it(*COMMON, "--explain", ident, self.pcap(name), code=code, **env)
        return done.out.decode("ascii"), done.err

    def test_every_finding_is_explained_with_its_terms_and_frames(self):
        for name in ("one-resolver-poisoned", "private-glue", "renumbering"):
            findings, _ = self.told(name)
            self.assertTrue(findings)
            for line in findings:
                with self.subTest((name, line["event"]["id"])):
                    out, _ = self.explain(line["event"]["id"], name)
                    words = " ".join(out.split())
                    self.assertIn(line["gluewatch"]["kind"], words)
                    self.assertIn(" ".join(line["message"].split()), words)
                    for term in line["gluewatch"]["terms"]:
                        self.assertIn(f"{term['name']} {term['points']:+.2f}", words)
                    for evidence in line["gluewatch"]["evidence"]:
                        self.assertIn(evidence["display_filter"], words)

    def test_an_incident_is_explained_with_its_findings(self):
        findings, incidents = self.told("one-resolver-poisoned")
        self.assertEqual(len(incidents), 1)
        ident = incidents[0]["event"]["id"]
        out, _ = self.explain(ident.upper()[:8], "one-resolver-poisoned")
        self.assertIn("poison-race", out)
        for line in findings:
            self.assertEqual(line["gluewatch"]["incident"], ident)
            self.assertIn(line["event"]["id"], out)

    def test_lines_keep_to_the_width(self):
        _, incidents = self.told("one-resolver-poisoned")
        for width in (80, 120, 160):
            out, _ = self.explain(incidents[0]["event"]["id"], "one-resolver-poisoned",
                                  env={"COLUMNS": str(width)})
            self.assertLessEqual(max(map(len, out.splitlines())), width)

    def test_what_is_not_there_is_an_error(self):
        out, errors = self.explain("0123456789", "quiet-day", code=1)
        self.assertEqual(out, "")
        self.assertIn(b"no finding or incident", errors)
        for wrong in ("12345", "quiet-day", "", "0" * 33):
            self.explain(wrong, "quiet-day", code=2)


main()
