#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Names of any octets go through the whole program, and come out readable and harmless."""

import os

from captures import exchange, labels, timed, wire_name, write_pcap
from commandline import Test, harness, main

RESOLVERS = ("198.51.101.10", "198.51.102.10", "198.51.103.10")
PARENT = "199.7.91.13"
TRUE, FALSE = "20.1.2.3", "127.0.0.9"

CUTS = [  # labels of the zone cut, below test
    *[[bytes([octet]) + b"x"] for octet in range(256)],
    *[[b"x" + bytes([octet]) * 3] for octet in range(256)],
    [b"x" * 63], [b"\0" * 63], [b"\xff" * 63], [b"\33" * 63],
    [b"a" * 63, b"b" * 63, b"c" * 63, b"d" * 52],
    [b"\\" * 63, b'"' * 63, b"." * 63, b"\0" * 52],
    [bytes([octet]) for octet in range(0, 123)],
    [b"</script>"], [b"<img src=x onerror=alert(1)>"], [b"'; drop table findings; --"], [b"\33]0;title\7"],
    [b"\33[2J\33[H"], [b"a\r\nb"], [b"a.b"], [b"a\\.b"], [b"a\\046b"], [b"${jndi:ldap://x}"], [b"%s%n%x"],
    [b"xn--nxasmq6b"], ["\u202e".encode()], ["\u2028".encode()], [b"\xc0\x80"], [b"\xed\xa0\x80"], [b"*"], [b"@"], [b"#"],
]


def below_test(parts):
    return wire_name(parts + [b"test"])


def unescaped(text):
    """The labels that a name in presentation form (RFC 1035 section 5.1) stands for."""
    parts, at = [b""], 0
    while at < len(text):
        if text[at] == ".":
            parts.append(b"")
            at += 1
        elif text[at] != "\\":
            parts[-1] += text[at].encode("ascii")
            at += 1
        elif text[at + 1].isdigit():
            parts[-1] += bytes([int(text[at + 1:at + 4])])
            at += 4
        else:
            parts[-1] += text[at + 1].encode("ascii")
            at += 2
    return parts


def lower(parts):
    return [bytes(octet | 0x20 if 0x41 <= octet <= 0x5A else octet for octet in label) for label in parts]


class Hostile(Test):
    def setUp(self):
        super().setUp()
        frames, ident = [], 0
        for parts in CUTS:
            cut = below_test(parts)
            server = cut if len(cut) > 250 else wire_name([b"n"] + parts + [b"test"])
            for resolver in RESOLVERS:
                ident += 1
                told = FALSE if resolver == RESOLVERS[0] else TRUE
                frames += exchange(ident, resolver, PARENT, cut, cut, [(server, told)])
        self.size = len(frames) // 2
        self.file = write_pcap(self.path("hostile.pcap"), timed(frames))

    def test_every_name_comes_through_and_back(self):
        outcome = harness.run(self.program, [self.file])
        self.assertEqual(outcome.faults(), [])
        self.assertEqual(outcome.stats["messages"]["malformed"], dict.fromkeys(
            outcome.stats["messages"]["malformed"], 0))
        self.assertEqual(len(outcome.referrals), self.size)
        expected = {tuple(lower(parts + [b"test"])) for parts in CUTS}
        seen = {tuple(lower(unescaped(entry["cut"]))) for entry in outcome.referrals}
        self.assertEqual(seen, expected)
        found = {tuple(lower(unescaped(entry["gluewatch"]["delegation"]["cut"]))) for entry in outcome.findings}
        self.assertTrue(found <= expected)
        self.assertGreater(len(found), 400)

    def test_nothing_but_printable_ascii_goes_out(self):
        for form in ("text", "json", "referrals", "stats"):
            out = self.run_it("-o", form, self.file).out
            self.assertRegex(out, rb"\A[ -~\n]*\Z")
            if form != "stats":
                self.assertGreater(len(out), 20_000)

    def test_lines_of_text_keep_to_the_width(self):
        for columns in ("60", "80", "160"):
            out = self.run_it("-q", "-o", "text", self.file, env={"COLUMNS": columns}).out
            self.assertLessEqual(max(map(len, out.split(b"\n"))), int(columns))

    def test_colour_is_the_only_escape(self):
        out = self.run_it("-q", "--color", "always", "-o", "text", self.file).out
        self.assertRegex(out, rb"\A(?:[ -~\n]|\x1b\[[0-9;]*m)*\Z")

    def test_a_terminal_sees_no_escape_of_theirs(self):
        _, shown, _ = self.on_terminal("-q", "-o", "text", self.file, env={"LC_ALL": "C.UTF-8"})
        text = shown.decode("utf-8")
        self.assertRegex(text, r"\A(?:[ -~\n\u2500-\u257f]|\x1b\[[0-9;]*m)*\Z")

    def test_names_that_differ_in_case_alone_are_one(self):
        frames = []
        for ident, name in enumerate(("shop.test", "SHOP.test", "sHoP.TeSt"), 1):
            cut = wire_name(labels(name))
            frames += exchange(ident, RESOLVERS[0], PARENT, cut, cut, [(wire_name(labels("ns." + name)), TRUE)])
        counters = self.stats(write_pcap(self.path("case.pcap"), timed(frames)))
        self.assertEqual(counters["table"]["delegations"], 1)

    def test_the_file_is_as_large_as_intended(self):
        self.assertGreater(os.path.getsize(self.file), 100_000)


main()
