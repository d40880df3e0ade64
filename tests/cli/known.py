#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the operator gives beforehand: zone files, root hints and lists, good and bad."""

import gzip
import lzma
import random

from commandline import Test, main

ZONE = """$ORIGIN example.
$TTL 3600
@ SOA ns1 host ( 7 900 300 604800 300 )
foo NS ns1.foo
 NS ns2.foo
ns1.foo A 192.0.2.11
 AAAA 2001:db8::11
ns2.foo A 192.0.2.12
"""
HINTS = ". 60 NS a.root-servers.lab.\n. NS b.root-servers.lab.\na.root-servers.lab. A 203.0.113.1\n" \
        "b.root-servers.lab. A 203.0.113.2\n"
LISTS = ("--watch", "--internal", "--groups", "--suppress")
NAMED = ("--reference", "--root-hints") + LISTS
GOOD = {
    "--reference": ZONE,
    "--root-hints": HINTS,
    "--watch": "# banks\nbank.example\n.\n",
    "--internal": "10.0.0.0/8\nfd00::/8 # ours\noffice.example\n",
    "--groups": "one 198.18.1.0/24 2001:db8:100::/48\ntwo 198.18.2.53\n",
    "--suppress": "since=2026-11-01\nkind=glue-* name=foo.example reason=known\n",
}
BAD = {  # a bad second line, and what is said of it
    "--reference": (ZONE + "foo A x\n", "line 9: "),
    "--root-hints": (HINTS + "a.root-servers.lab. A x\n", "line 5: "),
    "--watch": ("a\nb..c\n", ":2:1: no domain name"),
    "--internal": ("10.0.0.0/8\n10.0.0.1/8\n", ":2:1: the prefix has bits"),
    "--groups": ("a 192.0.2.1\nb ns1\n", ":2:3: no address"),
    "--suppress": ("# x\nkind=glue-bogon reason=y\n", ":2:1: a rule needs until="),
}


def kinds(findings):
    return sorted({entry["event"]["action"] for entry in findings})


class Known(Test):
    def given(self, octets):
        path = self.path("given")
        with open(path, "wb") as stream:
            stream.write(octets if isinstance(octets, bytes) else octets.encode())
        return path

    def lab(self, name, *args, **more):
        return self.findings("--profile", "lab", *args, self.pcap(name), **more)

    def test_good_files_are_read(self):
        for option, text in GOOD.items():
            with self.subTest(option):
                self.lab("quiet-day", option, self.given(text))

    def test_a_missing_file_is_told(self):
        for option in NAMED:
            with self.subTest(option):
                result = self.run_it(option, self.path("absent"), self.pcap("quiet-day"), code=1)
                self.assertEqual(len(result.notes()), 1)
                self.assertIn(b"absent: No such file", result.err)

    def test_a_bad_line_is_told_with_its_number(self):
        for option, (text, says) in BAD.items():
            with self.subTest(option):
                path = self.given(text)
                result = self.run_it(option, path, self.pcap("quiet-day"), code=1)
                self.assertEqual(len(result.notes()), 1)
                self.assertIn(path, result.notes()[0])
                self.assertIn(says, result.notes()[0])

    def test_an_empty_list_is_one_and_an_empty_zone_is_none(self):
        for option in NAMED:
            with self.subTest(option):
                self.run_it("-q", "-o", "stats", option, self.given(""), self.pcap("quiet-day"),
                            code=0 if option in LISTS else 1)

    def test_a_huge_line_is_refused(self):
        for option in NAMED:
            with self.subTest(option):
                result = self.run_it(option, self.given("a" * 1000000), self.pcap("quiet-day"), code=1)
                self.assertEqual(len(result.notes()), 1)

    def test_binary_files_are_refused(self):
        dice = random.Random(5)
        for option in NAMED:
            for _ in range(10):
                octets = bytes(dice.randrange(256) for _ in range(5000))
                with self.subTest(option):
                    result = self.run_it(option, self.given(octets), self.pcap("quiet-day"), code=1)
                    self.assertEqual(len(result.notes()), 1)

    def test_an_address_unlike_the_zone_file_is_found(self):
        told = self.lab("one-resolver-poisoned", "--reference", self.given(ZONE))
        wrong = [entry for entry in told if entry["event"]["action"] == "reference-mismatch"]
        self.assertEqual(len(wrong), 1)
        self.assertIn("198.51.100.66 and not, as in the reference zone, 192.0.2.11", wrong[0]["message"])
        self.assertNotIn("reference-mismatch", kinds(self.lab("one-resolver-poisoned")))
        self.assertNotIn("reference-mismatch", kinds(self.lab("quiet-day", "--reference", self.given(ZONE))))

    def test_packed_zone_files_are_the_same(self):
        plain = self.lab("one-resolver-poisoned", "--reference", self.given(ZONE), "--reference-time", "2026-01-01")
        for pack in (gzip.compress, lzma.compress):
            packed = self.lab("one-resolver-poisoned", "--reference", self.given(pack(ZONE.encode())),
                              "--reference-time", "2026-01-01T00:00:00Z")
            self.assertEqual([entry["event"]["id"] for entry in packed],
                             [entry["event"]["id"] for entry in plain])

    def test_a_cut_packed_file_is_refused(self):
        result = self.run_it("--reference", self.given(gzip.compress(ZONE.encode())[:60]),
                             self.pcap("quiet-day"), code=1)
        self.assertEqual(len(result.notes()), 1)

    def test_relative_names_need_an_origin(self):
        path = self.given(ZONE.replace("$ORIGIN example.\n", ""))
        self.run_it("--reference", path, self.pcap("quiet-day"), code=1)
        told = self.lab("one-resolver-poisoned", "--reference", "example=" + path)
        self.assertIn("reference-mismatch", kinds(told))

    def test_memory_bounds_the_reference(self):
        zone = ZONE + "".join(f"domain-{number} NS ns{number}.domain-{number}\n" for number in range(100000))
        result = self.run_it("--memory", "8M", "--reference", self.given(zone), self.pcap("quiet-day"), code=1)
        self.assertIn(b"no room for more in memory", result.err)
        self.lab("quiet-day", "--memory", "64M", "--reference", self.given(zone))

    def test_the_comparison_is_counted(self):
        counters = self.stats("--profile", "lab", "--reference", self.given(ZONE), self.pcap("renumbering"))
        seen = counters["reference"]
        self.assertEqual((seen["zones"], seen["delegations"], seen["compared"], seen["differing"]), (1, 1, 1, 1))
        self.assertFalse(seen["stale"])
        self.assertNotIn("reference", self.stats(self.pcap("renumbering")))

    def test_another_root_is_found_unless_it_is_named(self):
        capture = self.pcap("quiet-day")
        self.assertIn("root-mismatch", kinds(self.findings(capture)))
        self.assertNotIn("root-mismatch", kinds(self.findings("--root-hints", "none", capture)))
        self.assertNotIn("root-mismatch", kinds(self.findings("--profile", "lab", capture)))
        other = self.given(". 60 NS a.root-servers.net.\na.root-servers.net. A 198.41.0.4\n")
        self.assertIn("root-mismatch", kinds(self.lab("quiet-day", "--root-hints", other)))

    def test_internal_glue_is_no_finding(self):
        before = self.lab("private-glue")
        after = self.lab("private-glue", "--internal", "10.0.0.0/8")
        self.assertEqual(len(before) - len(after), 1)
        self.assertEqual([entry for entry in after if "10.1.2.3" in entry["message"]], [])
        everything = self.lab("private-glue", "--internal", self.given("example\n"))
        self.assertNotIn("glue-bogon", kinds(everything))
        self.assertIn("glue-loopback", kinds(everything))

    def test_resolvers_of_one_group_count_as_one(self):
        def groups(*args):
            return self.stats("--profile", "lab", *args, self.pcap("quiet-day"))["table"]["resolver_groups"]
        self.assertEqual(groups("--groups", self.given("all 0.0.0.0/0 ::/0\n")), 1)
        self.assertGreater(groups(), 2)

    def test_wrong_values_are_usage_errors(self):
        for args in (("--reference", ""), ("--reference-time", "soon"), ("--root-hints", ""),
                     ("--watch", ""), tuple(["--watch", "x"] * 65)):
            with self.subTest(args):
                self.run_it(*args, self.pcap("quiet-day"), code=2)


if __name__ == "__main__":
    main()
