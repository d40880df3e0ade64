# SPDX-License-Identifier: BSD-2-Clause
"""Golden messages: one vendor's servers asked one question at a time, every reply labelled.

The expected class of a reply is written down here beside the question, from what the zones say.
The reply itself decides only what truncation left of it; a reply that cannot be of the expected
class stops the run, so that labels and captures never drift apart.
"""

import csv
import itertools
import os

import clients
import dns
import servers
import zones
from topology import LabError

COLUMNS = ("n", "transport", "id", "qname", "qtype", "zone_of_server", "expected_class", "flags",
           "note")
ROOT = {"root.root-servers.lab.": ("203.0.113.1", "2001:db8:a::1")}
PARENT = {"a.nic.example.": ("192.0.2.1", "2001:db8:53::1")}
CHILD = {"ns1": ("192.0.2.11", "2001:db8::11"), "ns2": ("192.0.2.12", "2001:db8::12")}
TRANSPORTS = ("udp4", "udp6", "tcp4", "tcp6")
EDNS = ((0, False), (1232, False), (1232, True))
LONG_LABEL = "a-name-server-whose-name-alone-takes-much-room-in-a-reply"
DEEP_TARGET = ".".join(["x" * 60, "y" * 60, "foo.example."])
TOO_LONG = ".".join(["q" * 60, "r" * 60, "long-dname.example."])


def root_text(signer):
    """The root zone: delegations of example and test to the same server."""
    lines = zones.soa(".", "root.root-servers.lab.", 1) + [". NS root.root-servers.lab."]
    lines += zones.address_records("root.root-servers.lab.", ROOT["root.root-servers.lab."])
    for apex in ("example.", "test."):
        lines += ["%s NS a.nic.example." % apex, signer.ds(apex)]
    lines += zones.address_records("a.nic.example.", PARENT["a.nic.example."])
    return "\n".join(lines) + "\n"


def cut(name, hosts, families=2, targets=None):
    """Lines delegating NAME to in-domain HOSTS with addresses of the child servers in turn."""
    lines = ["%s NS %s" % (name, host) for host in targets or hosts]
    for number, host in enumerate(hosts):
        lines += zones.address_records(host, CHILD["ns%d" % (1 + number % 2)][:families])
    return lines


def example_text(signer):
    """The parent zone: one delegation of every kind, and names of its own."""
    def numbered(name, count, stem):
        return ["%s%02d.%s" % (stem, number, name) for number in range(count)]

    lines = zones.soa("example.", "a.nic.example.", 1) + ["example. NS a.nic.example."]
    lines += zones.address_records("a.nic.example.", PARENT["a.nic.example."])
    lines += zones.address_records("host.nic.example.", CHILD["ns1"])
    lines += cut("foo.example.", ["ns1.foo.example.", "ns2.foo.example."])
    lines += cut("four.example.", ["ns1.four.example."], families=1)
    lines += cut("signed.example.", ["ns1.signed.example."]) + [signer.ds("signed.example.")]
    lines += ["sibling.example. NS ns1.foo.example.", "sibling.example. NS ns2.foo.example.",
              "outside.example. NS ns1.provider.test.", "parent-host.example. NS host.nic.example.",
              "null.example. NS ."]
    lines += cut("self.example.", ["self.example."])
    lines += cut("shop.city.example.", ["ns1.shop.city.example."])
    lines += cut("dual.example.", ["ns1.dual.example."])
    lines += cut("clip.example.", numbered("clip.example.", 7, "server-n"))
    lines += cut("clip-more.example.", numbered("clip-more.example.", 8, "server-"))
    lines += cut("clip-sibling.example.", [], targets=numbered("many.example.", 8, "ns"))
    lines += cut("many.example.", numbered("many.example.", 13, "ns"))
    lines += cut("long.example.", numbered("long.example.", 13, LONG_LABEL))
    lines += ["alias.example. CNAME www.foo.example.",
              "alias-host.example. CNAME host.nic.example.",
              "alias-away.example. CNAME www.elsewhere.invalid.",
              "alias-nowhere.example. CNAME nothing.nic.example.",
              "alias-nodata.example. CNAME text.nic.example.",
              "alias-chain.example. CNAME alias.example.",
              "moved.example. DNAME foo.example.", "long-dname.example. DNAME " + DEEP_TARGET,
              'text.nic.example. TXT "only text"', "*.wild.example. A 203.0.113.9"]
    return "\n".join(lines) + "\n"


def test_text():
    """A second parent zone, with NSEC."""
    lines = zones.soa("test.", "a.nic.example.", 1) + ["test. NS a.nic.example."]
    lines += cut("provider.test.", ["ns1.provider.test.", "ns2.provider.test."])
    lines += ["customer.test. NS ns1.foo.example."]
    return "\n".join(lines) + "\n"


def child_text(name):
    """A child zone; foo.example has a delegation of its own."""
    hosts = ["ns1." + name, "ns2." + name] if name == "foo.example." else ["ns1." + name]
    lines = zones.soa(name, hosts[0], 1) + cut(name, hosts)
    lines += ["www.%s A 203.0.113.10" % name, "alias.%s CNAME www.%s" % (name, name)]
    if name == "foo.example.":
        lines += cut("sub.foo.example.", ["ns1.sub.foo.example."])
    return "\n".join(lines) + "\n"


class Ask:
    """One question to one server, and the class its reply should have."""

    def __init__(self, server, zone, name, qtype, expected, note="", grid=False, flags="", **how):
        self.server = server
        self.zone = zone
        self.name = name
        self.qtype = qtype
        self.expected = expected
        self.note = note
        self.grid = grid
        self.flags = flags
        self.how = how

    def octets(self, ident, bufsize, do):
        """The query itself."""
        how = dict(self.how)
        tail, counts = how.pop("tail", b""), how.pop("counts", None)
        bufsize = how.pop("bufsize", bufsize)
        octets = dns.query(ident, self.name, self.qtype, bufsize=bufsize,
                           do=how.pop("do", do), **how)
        return octets[:4] + (counts or octets[4:12]) + octets[12:] + tail


def questions():
    """The questions in the order asked; the first comes before anything is known of the zones."""
    return ([Ask("parent", "example.", "www.foo.example.", "A", "referral", flags="z-unknown",
                 note="nothing seen yet that names the zone of this server")]
            + root_questions() + parent_questions() + overflow_questions() + odd_questions()
            + dual_questions() + child_questions())


def root_questions():
    """Questions to the root server."""
    return [
        Ask("root", ".", ".", "NS", "priming", grid=True),
        Ask("root", ".", "www.foo.example.", "A", "referral", grid=True,
            note="top-level delegation, DS with DO"),
        Ask("root", ".", "example.", "NS", "referral"),
        Ask("root", ".", "www.provider.test.", "AAAA", "referral", note="glue under example"),
        Ask("root", ".", "example.", "DS", "answer", bufsize=1232, do=True),
        Ask("root", ".", ".", "SOA", "answer"),
        Ask("root", ".", ".", "DNSKEY", "answer", bufsize=1232, do=True),
        Ask("root", ".", "root.root-servers.lab.", "A", "answer"),
        Ask("root", ".", "lab.", "A", "nodata", note="empty non-terminal"),
        Ask("root", ".", "nothing.", "A", "negative", grid=True),
    ]


def parent_questions():
    """Questions to the server of example and test that fit every reply."""
    def ask(name, qtype, expected, note="", zone="example.", **how):
        return Ask("parent", zone, name, qtype, expected, note, **how)

    return [
        ask("www.foo.example.", "A", "referral", "in-domain glue, NSEC3 with DO", grid=True),
        ask("www.signed.example.", "A", "referral", "DS with DO", grid=True),
        ask("www.sibling.example.", "A", "referral", "sibling glue", grid=True),
        ask("www.provider.test.", "A", "referral", "NSEC with DO", zone="test.", grid=True),
        ask("www.customer.test.", "A", "referral", "target in another zone of this server",
            zone="test.", grid=True),
        ask("foo.example.", "NS", "referral", "question at the zone cut"),
        ask("foo.example.", "ANY", "referral"),
        ask("foo.example.", "SOA", "referral"),
        ask("ns1.foo.example.", "A", "referral", "question for a glue name"),
        ask("www.foo.example.", "DS", "referral", "DS asked below the zone cut"),
        ask("www.four.example.", "A", "referral", "IPv4 glue only"),
        ask("www.outside.example.", "A", "referral", "no glue"),
        ask("www.parent-host.example.", "A", "referral",
            "address of the target is data of the parent zone"),
        ask("www.self.example.", "A", "referral", "target is the zone cut itself"),
        ask("www.shop.city.example.", "A", "referral", "two labels below the parent zone"),
        ask("www.null.example.", "A", "referral", "the target is the root name"),
        ask("wWw.FoO.eXaMpLe.", "A", "referral", "mixed case"),
        ask("wWw.SiGnEd.ExAmPlE.", "A", "referral", "mixed case", bufsize=1232, do=True),
        ask("www.foo.example.", "A", "referral", "RD=1", rd=True),
        ask("www.foo.example.", "A", "referral", "EDNS size 4096", bufsize=4096, do=True),
        ask("alias.example.", "A", "partial-referral", "CNAME to below a zone cut", grid=True),
        ask("alias-chain.example.", "A", "partial-referral", "two CNAMEs"),
        ask("www.moved.example.", "A", "partial-referral", "DNAME to below a zone cut", grid=True),
        ask("alias.example.", "CNAME", "answer", "the CNAME itself is asked for"),
        ask("alias-host.example.", "A", "answer", "CNAME to an address here"),
        ask("alias-away.example.", "A", "answer", "CNAME to a name not served here"),
        ask("alias-nowhere.example.", "A", "negative", "CNAME to a name that does not exist"),
        ask("alias-nodata.example.", "A", "answer", "CNAME to a name without such records, SOA"),
        ask(TOO_LONG, "A", "negative", "YXDOMAIN: DNAME makes the name too long"),
        ask("host.nic.example.", "A", "answer", grid=True),
        ask("a.wild.example.", "A", "answer", "wildcard"),
        ask("a.wild.example.", "A", "answer", "wildcard", bufsize=1232, do=True),
        ask("example.", "NS", "auth-ns", grid=True),
        ask("test.", "NS", "auth-ns", zone="test."),
        ask("example.", "SOA", "answer"),
        ask("example.", "DNSKEY", "answer", bufsize=1232, do=True),
        ask("example.", "ANY", "answer", "ANY at the apex", bufsize=1232),
        ask("example.", "MX", "nodata", "at the apex"),
        ask("host.nic.example.", "MX", "nodata", grid=True),
        ask("city.example.", "A", "nodata", "empty non-terminal"),
        ask("a.wild.example.", "MX", "nodata", "wildcard without such records"),
        ask("nothing.example.", "A", "negative", grid=True),
        ask("deep.under.nothing.example.", "A", "negative"),
        ask("foo.example.", "DS", "nodata", "DS of an unsigned delegation, answered by the parent",
            grid=True),
        ask("signed.example.", "DS", "answer", "DS, answered by the parent", grid=True),
        ask("SiGnEd.ExAmPlE.", "DS", "answer", "mixed case"),
        ask("example.", "DS", "other", "DS of the apex: the SOA is not above the parent name"),
        ask("www.elsewhere.invalid.", "A", "error", "REFUSED: not served here", zone="", grid=True),
        ask(".", "NS", "error", "REFUSED: root not served here", zone=""),
    ]


def overflow_questions():
    """Questions whose replies do not fit 512 octets."""
    out = []
    for name, note in (("clip", "a few octets over 512"), ("clip-more", "some over 512 octets"),
                       ("clip-sibling", "sibling glue some over 512 octets"),
                       ("many", "13 name servers"), ("long", "NS records alone over 512 octets")):
        out.append(Ask("parent", "example.", "www.%s.example." % name, "A", "referral", note,
                       grid=True))
        out.append(Ask("parent", "example.", "www.%s.example." % name, "A", "referral", note,
                       bufsize=512))
    return out


def odd_questions():
    """Questions that are no ordinary query for a name."""
    return [
        Ask("parent", "", "version.bind.", "TXT", "ignored", "class CH", qclass=3),
        Ask("parent", "", "foo.example.", "A", "ignored", "class CH", qclass=3),
        Ask("parent", "example.", "www.foo.example.", "A", "ignored", "opcode 2", opcode=2),
        Ask("parent", "example.", "www.foo.example.", "A", "error", "EDNS version 1: BADVERS",
            counts=dns.COUNTS_WITH_OPT, tail=dns.opt(version=1)),
        Ask("parent", "example.", "www.foo.example.", "A", "error", "two OPT records in the query",
            counts=b"\0\1\0\0\0\0\0\2", tail=dns.opt() * 2),
        Ask("parent", "example.", "www.foo.example.", "A", "error", "two questions",
            counts=b"\0\2\0\0\0\0\0\0", tail=dns.question("www.bar.example.", "A")),
        Ask("parent", "example.", "www.foo.example.", "A", "error",
            "an additional record announced that is not there", counts=b"\0\1\0\0\0\0\0\1"),
    ]


def dual_questions():
    """Questions for a child zone that the parent's server serves as well."""
    return [
        Ask("parent", "dual.example.", "www.dual.example.", "A", "answer",
            "the server is authoritative for parent and child", grid=True),
        Ask("parent", "dual.example.", "dual.example.", "NS", "auth-ns", grid=True),
        Ask("parent", "dual.example.", "dual.example.", "SOA", "answer"),
        Ask("parent", "dual.example.", "www.dual.example.", "MX", "nodata"),
        Ask("parent", "dual.example.", "nothing.dual.example.", "A", "negative"),
        Ask("parent", "example.", "dual.example.", "DS", "nodata",
            "answered from the parent zone", grid=True),
    ]


def child_questions():
    """Questions to the server of the child zones."""
    def ask(name, qtype, expected, note="", zone="foo.example.", **how):
        return Ask("child", zone, name, qtype, expected, note, **how)

    return [
        ask("www.foo.example.", "A", "answer", grid=True),
        ask("WWW.foo.EXAMPLE.", "A", "answer", "mixed case"),
        ask("ns1.foo.example.", "A", "answer", "the child's own word on a glue name"),
        ask("ns1.foo.example.", "AAAA", "answer", "the child's own word on a glue name"),
        ask("alias.foo.example.", "A", "answer"),
        ask("foo.example.", "NS", "auth-ns", grid=True),
        ask("foo.example.", "SOA", "answer"),
        ask("foo.example.", "MX", "nodata"),
        ask("nothing.foo.example.", "A", "negative"),
        ask("www.sub.foo.example.", "A", "referral", "a zone cut below the child", grid=True),
        ask("www.signed.example.", "A", "answer", zone="signed.example.", bufsize=1232, do=True),
        ask("signed.example.", "NS", "auth-ns", zone="signed.example.", bufsize=1232, do=True),
        ask("nothing.signed.example.", "A", "negative", zone="signed.example.", bufsize=1232,
            do=True),
        ask("www.four.example.", "A", "error", "REFUSED: delegated here but not served", zone=""),
    ]


# Where one vendor's reply is of another class: (note of the question) to class, "" for no reply.
DIFFERENT = {
    "nsd": {},
    "knot": {"ANY at the apex": "auth-ns", "two questions": ""},
    "bind": {"ANY at the apex": "auth-ns"},
    "pdns": {"ANY at the apex": "auth-ns", "opcode 2": "", "two questions": "",
             "two OPT records in the query": "referral",
             "an additional record announced that is not there": ""},
}


def build(lab, vendor):
    """Start the three servers of VENDOR and the client."""
    signer = zones.Signer(lab)
    kind = servers.VENDORS[vendor]

    def write(where, texts, signed):
        return {apex: zones.World.write(lab, signer, where, apex, text, apex in signed)
                for apex, text in texts.items()}

    root = write("root", {".": root_text(signer)}, {"."})
    parent = write("parent", {"example.": example_text(signer), "test.": test_text(),
                              "dual.example.": child_text("dual.example.")}, {"example.", "test."})
    child = write("child", {name: child_text(name) for name in ("foo.example.", "signed.example.")},
                  {"signed.example."})
    for name, addresses, files, hops in (
            ("root", ROOT["root.root-servers.lab."], root, 5),
            ("parent", PARENT["a.nic.example."], parent, 9),
            ("child", CHILD["ns1"] + CHILD["ns2"], child, 13)):
        kind(lab.add_host(name, addresses, hops), files).begin()
    return lab.add_host("client", ["198.18.9.10", "2001:db8:900::10"], 1)


def observe(host, server, transport, octets):
    """Ask and return the reply or None; the server's address follows from the transport."""
    address = next(a for a in server.addresses if (":" in a) == transport.endswith("6"))
    if transport.startswith("udp"):
        reply = clients.ask_udp(host, address, octets)
    else:
        reply = next(iter(clients.ask_tcp(host, address, [octets])), None)
    return reply


def settle(ask, expected, message):
    """The class and flags of a reply after truncation."""
    flags = [ask.flags] if ask.flags else []
    if expected == "negative" and message and message.owners(message.authority, "NS"):
        flags.append("promisc")
    if message is None or not message.flags & dns.TC:
        return expected, " ".join(flags)
    if not message.answer and not message.authority:
        return "tc-empty", " ".join(flags + ["partial"])
    return expected, " ".join(flags + ["partial"])


def fits(expected, message):
    """Whether a reply can be of the class expected of it at all; no class means no reply."""
    if message is None or not expected:
        return message is None and not expected
    authority_ns = message.owners(message.authority, "NS")
    soa = message.owners(message.authority, "SOA")
    aliases = message.owners(message.answer, "CNAME") + message.owners(message.answer, "DNAME")
    aa = bool(message.flags & dns.AA)
    ns_at_question = message.questions and message.questions[0][0].lower() in message.owners(
        message.answer, "NS")
    asked_class = message.questions[0][2] if message.questions else 1
    good = message.rcode == 0 and message.extended_rcode() == 0
    return {
        "ignored": asked_class != 1 or message.flags & 0x7800,
        "malformed": len(message.questions) > 1,
        "error": message.extended_rcode() not in (0, 3, 6),
        "negative": message.rcode in (3, 6),
        "nodata": good and not message.answer and soa and aa,
        "priming": good and aa and message.owners(message.answer, "NS") == ["."],
        "auth-ns": good and aa and ns_at_question,
        "referral": good and not message.answer and len(authority_ns) == 1 and not aa,
        "partial-referral": good and aliases and len(authority_ns) == 1,
        "answer": good and message.answer and aa and not ns_at_question,
        "other": good,
        "empty": good and not message.answer and not message.authority,
        "tc-empty": message.flags & dns.TC and not message.answer and not message.authority,
    }[expected]


def plan():
    """Every (ask, transport, EDNS size, DO) in order; what is no grid takes transports in turn."""
    turn = itertools.cycle(TRANSPORTS)
    for ask in questions():
        if ask.grid:
            for (bufsize, do), transport in itertools.product(EDNS, TRANSPORTS):
                yield ask, transport, bufsize, do
        else:
            yield ask, next(turn), 0, False


def record_vendor(lab, out, rng, vendor):
    """Ask everything of one vendor, capture it and write the labels beside the capture."""
    host = build(lab, vendor)
    lab.start_tap(out)
    steps = list(plan())
    idents = rng.sample(range(1, 65536), len(steps))
    rows, wrong = [], []
    for number, ((ask, transport, bufsize, do), ident) in enumerate(zip(steps, idents), 1):
        octets = ask.octets(ident, bufsize, do)
        reply = observe(host, lab.hosts[ask.server], transport, octets)
        message = dns.Message(reply) if reply else None
        expected = DIFFERENT[vendor].get(ask.note, ask.expected)
        expected, flags = settle(ask, expected, message)
        if not fits(expected, message):
            wrong.append("%s %s %s (%s): %s expected, reply is %s" % (
                transport, ask.name, ask.qtype, ask.note, expected or "none", message))
        rows.append((number, transport, ident, ask.name, ask.qtype, ask.zone, expected, flags,
                     ask.note if reply else ask.note + ": no reply"))
    lab.stop_tap()
    if wrong:
        raise LabError("\n".join(wrong))
    write_labels(out, rows)
    return []


def write_labels(out, rows):
    """Write the label file of the capture OUT."""
    path = os.path.splitext(out)[0] + ".csv"
    with open(path, "w", encoding="ascii", newline="") as target:
        table = csv.writer(target, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(rows)
