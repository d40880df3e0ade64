# SPDX-License-Identifier: BSD-2-Clause
"""Replies that no sound server gives: each case has its question, its reply and its class."""

import itertools

import clients
import dns
import zones
from messages import CHILD, PARENT, ROOT, write_labels
from responder import Responder
from topology import LabError

ROOT_NAME = "root.root-servers.lab."
EVIL, FORGED = "ns.evil.test.", zones.FORGED_ADDRESS
STRANGER = ("192.0.2.99", "2001:db8::99")
NS1, NS2 = "ns1.foo.example.", "ns2.foo.example."
CUT = [dns.record("foo.example.", "NS", NS1), dns.record("foo.example.", "NS", NS2)]
GLUE = [dns.record(NS1, "A", CHILD["ns1"][0]), dns.record(NS1, "AAAA", CHILD["ns1"][1]),
        dns.record(NS2, "A", CHILD["ns2"][0]), dns.record(NS2, "AAAA", CHILD["ns2"][1])]
APEX = [dns.record("example.", "NS", "a.nic.example.")]
SOA = [dns.record("example.", "SOA", "a.nic.example. hostmaster.example. 1 1800 900 604800 300")]
EVIL_NS = [dns.record("foo.example.", "NS", EVIL)]
EVIL_GLUE = [dns.record(EVIL, "A", FORGED)]
HOST = [dns.record("host.nic.example.", "A", CHILD["ns1"][0])]
ROOT_NS = [dns.record(".", "NS", ROOT_NAME)]
ALIAS = [dns.record("alias.example.", "CNAME", "www.foo.example.")]
DS = dns.record("foo.example.", "DS", b"\x12\x34\x0d\x02" + bytes(32))


def pointer(offset):
    """A compression pointer."""
    return (0xC000 | offset).to_bytes(2, "big")


class Case:
    """One odd reply: sections, or RAW octets behind the header and question."""

    def __init__(self, expected, note, server="parent", name="www.foo.example.", qtype="A",
                 zone="example.", marks="", flags=0, answer=(), authority=(), additional=(),
                 raw=b"", counts=None, questions=None):
        self.expected = expected
        self.note = note
        self.server = server
        self.name = name
        self.qtype = qtype
        self.zone = zone
        self.marks = marks
        self.flags = dns.QR | flags
        self.sections = (answer, authority, additional)
        self.raw = raw
        self.counts = counts
        self.questions = questions

    def reply(self, ident):
        """The reply's octets."""
        asked = self.questions
        if asked is None:
            asked = [dns.question(self.name, self.qtype)]
        return dns.message(ident, self.flags, asked, *self.sections, counts=self.counts) + self.raw


def known_zones():
    """Sound replies that tell a reader which server serves which zone."""
    to_parent = [dns.record("example.", "NS", "a.nic.example."),
                 dns.record("a.nic.example.", "A", PARENT["a.nic.example."][0]),
                 dns.record("a.nic.example.", "AAAA", PARENT["a.nic.example."][1])]
    root_glue = [dns.record(ROOT_NAME, "A", ROOT[ROOT_NAME][0]),
                 dns.record(ROOT_NAME, "AAAA", ROOT[ROOT_NAME][1])]
    return [
        Case("priming", "", "root", ".", "NS", ".", flags=dns.AA, answer=ROOT_NS,
             additional=root_glue),
        Case("priming", "", "root", ".", "NS", ".", flags=dns.AA, answer=ROOT_NS,
             additional=root_glue),
        Case("referral", "", "root", zone=".", authority=to_parent[:1], additional=to_parent[1:]),
        Case("referral", "", "root", zone=".", authority=to_parent[:1], additional=to_parent[1:]),
        Case("auth-ns", "", name="example.", qtype="NS", flags=dns.AA, answer=APEX,
             additional=to_parent[1:]),
        Case("referral", "", authority=CUT, additional=GLUE),
        Case("auth-ns", "", "child", "foo.example.", "NS", "foo.example.", flags=dns.AA, answer=CUT,
             additional=GLUE),
        Case("auth-ns", "", "child", "foo.example.", "NS", "foo.example.", flags=dns.AA, answer=CUT,
             additional=GLUE),
    ]


def odd_classes():
    """Readable replies of the rarer classes."""
    return [
        Case("referral", "AA=1", marks="aa-referral", flags=dns.AA, authority=CUT, additional=GLUE),
        Case("referral", "NS in the answer section, AA=0", name="foo.example.", qtype="NS",
             marks="ns-in-answer", answer=CUT, additional=GLUE),
        Case("referral", "TC=1 and one NS record missing", marks="partial", flags=dns.TC,
             authority=CUT[:1], additional=GLUE[:2]),
        Case("tc-empty", "", marks="partial", flags=dns.TC),
        Case("tc-empty", "with OPT", marks="partial", flags=dns.TC, additional=[dns.opt()]),
        Case("empty", ""),
        Case("empty", "with OPT", additional=[dns.opt()]),
        Case("empty", "AA=1", flags=dns.AA),
        Case("multi-cut", "two NS owners", authority=CUT + [
            dns.record("bar.example.", "NS", "ns1.bar.example.")], additional=GLUE),
        Case("multi-cut", "the zone cut and the zone above", authority=CUT + APEX),
        Case("sideways", "NS of another delegation", authority=[
            dns.record("bar.example.", "NS", EVIL)], additional=EVIL_GLUE),
        Case("self-referral", "", authority=APEX),
        Case("nodata-nosoa", "the zone's own NS, AA=1", name="host.nic.example.", qtype="MX",
             flags=dns.AA, authority=APEX),
        Case("upward", "to the root", authority=ROOT_NS),
        Case("upward", "to the root, from the child", "child", zone="foo.example.",
             authority=ROOT_NS),
        Case("upward", "to the parent, from the child", "child", zone="foo.example.",
             authority=APEX),
        Case("referral", "from a server never seen before", "stranger", marks="z-unknown", zone="",
             authority=CUT, additional=GLUE),
        Case("upward", "to the root, from a server never seen before", "stranger",
             marks="z-unknown", zone="", authority=ROOT_NS),
        Case("answer", "NS of the zone above", "child", zone="foo.example.", marks="promisc",
             flags=dns.AA, answer=[dns.record("www.foo.example.", "A", "203.0.113.10")],
             authority=[dns.record("example.", "NS", EVIL)], additional=EVIL_GLUE),
        Case("answer", "NS of another delegation", name="host.nic.example.", marks="promisc",
             flags=dns.AA, answer=HOST, authority=EVIL_NS, additional=EVIL_GLUE),
        Case("answer", "NS of the zone itself as courtesy", name="host.nic.example.",
             flags=dns.AA, answer=HOST, authority=APEX),
        Case("answer", "CNAME, and NS that its target is not under", name="alias.example.",
             marks="promisc", flags=dns.AA, answer=ALIAS, authority=[
                 dns.record("bar.example.", "NS", EVIL)], additional=EVIL_GLUE),
        Case("partial-referral", "AA=0", name="alias.example.", answer=ALIAS, authority=CUT,
             additional=GLUE),
        Case("partial-referral", "AA=1", name="alias.example.", flags=dns.AA, answer=ALIAS,
             authority=CUT, additional=GLUE),
        Case("negative", "NS beside NXDOMAIN", marks="promisc", flags=dns.AA | 3,
             authority=EVIL_NS, additional=EVIL_GLUE),
        Case("negative", "SOA and NS beside NXDOMAIN", marks="promisc", flags=dns.AA | 3,
             authority=SOA + EVIL_NS, additional=EVIL_GLUE),
        Case("nodata", "SOA and NS", name="host.nic.example.", qtype="MX", marks="promisc",
             flags=dns.AA, authority=SOA + EVIL_NS, additional=EVIL_GLUE),
        Case("error", "SERVFAIL", flags=2),
        Case("error", "REFUSED with NS", marks="promisc", flags=5, authority=EVIL_NS,
             additional=EVIL_GLUE),
        Case("error", "REFUSED without question", flags=5, questions=[]),
        Case("error", "FORMERR without question", flags=1, questions=[]),
        Case("error", "NOTAUTH", flags=9),
        Case("other", "only DS in authority", authority=[DS]),
        Case("other", "only an address in authority", authority=GLUE[:1]),
        Case("other", "SOA of a zone the name is not under", name="host.nic.example.", qtype="MX",
             flags=dns.AA, authority=[dns.record(
                 "foo.example.", "SOA", "ns1.foo.example. hostmaster.foo.example. 1 1 1 1 1")]),
    ]


def odd_referrals():
    """Referrals that are readable but hold something to be dropped, counted or tolerated."""
    def referral(note, authority=(), additional=(), **how):
        return Case("referral", note, authority=CUT + list(authority),
                    additional=list(additional) or GLUE, **how)

    owner_at = 12 + len(dns.question("www.foo.example.", "A"))
    target_at = pointer(owner_at + len(dns.name_wire("foo.example.")) + 10)
    signature = b"\x00\x02\x0d\x02" + bytes(14) + dns.name_wire("example.") + bytes(64)
    return [
        referral("trailing octets", raw=b"trailing octets"),
        referral("A with five octets", additional=GLUE[1:] + [
            dns.record(NS1, "A", b"\xc0\0\2\x0b\0")]),
        referral("AAAA with four octets", additional=GLUE[:1] + [
            dns.record(NS1, "AAAA", b"\xc0\0\2\x0b")]),
        referral("A with no octets", additional=GLUE[1:] + [dns.record(NS1, "A", b"")]),
        referral("TXT whose string runs past its end", additional=GLUE + [
            dns.record("foo.example.", "TXT", b"\xffgarbage")]),
        referral("TTL with the high bit set", additional=[
            dns.record(NS1, "A", CHILD["ns1"][0], ttl=0x80000E10)] + GLUE[1:]),
        referral("TTL 0", additional=[dns.record(NS1, "A", CHILD["ns1"][0], ttl=0)] + GLUE[1:]),
        referral("every record twice", authority=CUT, additional=GLUE + GLUE),
        referral("one address record of class CH", additional=GLUE[1:] + [
            dns.record(NS1, "A", CHILD["ns1"][0], rclass=3)]),
        referral("record of an unknown type", authority=[dns.record("foo.example.", 65280, b"?")]),
        referral("address of a name that is no target", additional=GLUE + [
            dns.record("www.bank.example.", "A", FORGED)]),
        referral("signed NS", authority=[dns.record("foo.example.", "RRSIG", signature)]),
        referral("DS of another name", authority=[
            dns.record("bar.example.", "DS", b"\x12\x34\x0d\x02" + bytes(32))]),
        referral("DS beside the NS", authority=[DS]),
        referral("target spelt in capitals, glue in small letters", authority=[
            dns.record("foo.example.", "NS", "NS1.FOO.EXAMPLE.")]),
        referral("glue owner is a pointer into the NS record", additional=[
            dns.record(target_at, "A", CHILD["ns1"][0])] + GLUE[1:]),
        referral("OPT ahead of the glue", additional=[dns.opt()] + GLUE),
        referral("CNAME at a target in additional", additional=GLUE[2:] + [
            dns.record(NS1, "CNAME", "host.nic.example.")]),
    ]


def unreadable():
    """Messages that a reader has to refuse or to leave alone."""
    owner_at = 12 + len(dns.question("www.foo.example.", "A"))

    def broken(note, raw, authority=1):
        return Case("malformed", note, raw=raw, counts=[1, 0, authority, 0])

    def ns(owner, rdata=dns.name_wire(NS1), length=None):
        head = owner + bytes((0, 2, 0, 1, 0, 0, 14, 16))
        return head + (len(rdata) if length is None else length).to_bytes(2, "big") + rdata

    return [
        Case("malformed", "two questions", authority=CUT, additional=GLUE, questions=[
            dns.question("www.foo.example.", "A"), dns.question("www.bar.example.", "A")]),
        Case("malformed", "no question beside a referral", authority=CUT, additional=GLUE,
             questions=[]),
        Case("malformed", "two OPT records", authority=CUT, additional=GLUE + [dns.opt()] * 2),
        broken("pointer forward", ns(pointer(owner_at + 30)) + bytes(30) + dns.name_wire("foo.")),
        broken("pointer to itself", ns(pointer(owner_at))),
        broken("two pointers at each other", ns(pointer(owner_at + 12),
                                                pointer(owner_at) + b"\0")),
        broken("pointer into the header", ns(pointer(4))),
        broken("pointer past the end", ns(pointer(0x3FFF))),
        broken("label type 01", ns(b"\x41bad" + b"\0")),
        broken("name of more than 255 octets", ns((b"\x3f" + b"a" * 63) * 4 + b"\0")),
        broken("target runs past its record", ns(dns.name_wire("foo.example."), b"\x3fns1\0")),
        broken("record length runs past the message",
               ns(dns.name_wire("foo.example."), length=400)),
        broken("message ends inside a record", ns(dns.name_wire("foo.example."))[:20]),
        broken("more records announced than there are", ns(dns.name_wire("foo.example.")), 2),
        Case("malformed", "message ends inside the question", questions=[b"\3www\3foo"],
             counts=[1, 0, 0, 0]),
        Case("ignored", "opcode 5", flags=5 << 11, authority=CUT, additional=GLUE),
        Case("ignored", "opcode 4", flags=4 << 11 | dns.AA, authority=CUT, additional=GLUE),
        Case("ignored", "question of class CH", authority=CUT, additional=GLUE,
             questions=[dns.question("www.foo.example.", "A", 3)]),
    ]


def record_odd(lab, out, rng):
    """Ask for every odd reply over UDP, IPv4 and IPv6 in turn, and write the labels."""
    cases = known_zones() + odd_classes() + odd_referrals() + unreadable()
    idents = rng.sample(range(1, 65536), len(cases))
    replies = {ident: case.reply(ident) for ident, case in zip(idents, cases)}
    for name, addresses, hops in (("root", ROOT[ROOT_NAME], 5),
                                  ("parent", PARENT["a.nic.example."], 9),
                                  ("child", CHILD["ns1"] + CHILD["ns2"], 13),
                                  ("stranger", STRANGER, 17)):
        Responder(lab.add_host(name, addresses, hops),
                  lambda _, message: replies.get(message.ident)).begin()
    client = lab.add_host("client", ["198.18.9.10", "2001:db8:900::10"], 1)
    lab.start_tap(out)
    rows = []
    for number, (case, ident, family) in enumerate(zip(cases, idents, itertools.cycle((0, 1))), 1):
        octets = dns.query(ident, case.name, case.qtype)
        address = lab.hosts[case.server].addresses[family]
        if clients.ask_udp(client, address, octets) != replies[ident]:
            raise LabError("no reply, or not the right one, for case %d" % number)
        rows.append((number, "udp6" if family else "udp4", ident, case.name, case.qtype, case.zone,
                     case.expected, case.marks, case.note))
    lab.stop_tap()
    write_labels(out, rows)
    return []
